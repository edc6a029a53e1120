"""The way of a conversation between bot and people, read from who did what with its hand-offs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bot.business.handoff_card import reason_of
from bot.business.handoffs import STEPPED_IN

# What is done with a hand-off and moves it, as the audit log names it.
CLAIM, TAKE, TRANSFER, TO_TEAM, BACK = "claim", "take", "transfer", "pass_to_team", "return_to_queue"
RELEASE, RESOLVE, CALLED, CALL_MISSED, LATE = "release", "resolve", "call_back", "call_missed", "alert"
DEEDS: tuple[str, ...] = (CLAIM, TAKE, TRANSFER, TO_TEAM, BACK, RELEASE, RESOLVE, CALLED, CALL_MISSED, LATE)
_UNANSWERED = "unanswered"
_CUSTOMER = "customer"
_KINDS = {
    BACK: "returned",
    RELEASE: "released",
    RESOLVE: "resolved",
    CALLED: "called",
    CALL_MISSED: "call_missed",
}


@dataclass(frozen=True)
class Deed:
    """A hand-off beside one thing that was done with it (`action` None: nothing yet); `detail` names whom it is for."""

    handoff_id: int
    requested_at: datetime
    reason: str
    urgency: str
    resolution: str | None
    time: datetime | None
    actor: str | None
    action: str | None
    detail: str | None


@dataclass(frozen=True)
class Step:
    """One step: requested, claimed, taken (from `other`), transferred (to `other`), to_team (`other`), returned, late,
    called, call_missed, released, called_off or resolved (for `reason`); `place` counts the steps of a hand-off."""

    handoff_id: int
    place: int
    kind: str
    time: datetime
    actor: str = ""
    other: str = ""
    reason: str = ""
    urgency: str = "normal"

    @property
    def why(self) -> str:
        """The code of why a person was asked."""
        return reason_of(self.reason)


def steps_of(deeds: Iterable[Deed]) -> list[Step]:
    """The steps of each hand-off, in order; `deeds` by hand-off and time."""
    return [step for _, mine in groupby(deeds, lambda each: each.handoff_id) for step in _of_one(list(mine))]


def _of_one(deeds: list[Deed]) -> list[Step]:
    first = deeds[0]
    asked = Step(
        first.handoff_id, 0, "requested", first.requested_at, reason=first.reason, urgency=first.urgency
    )
    steps, owner = ([] if first.reason == STEPPED_IN else [asked]), ""
    for place, deed in enumerate(deeds, 1):
        kind, other, after = _kind_of(deed, owner)
        if kind and deed.time is not None:
            reason = deed.resolution or "" if kind == "resolved" else ""
            steps.append(Step(deed.handoff_id, place, kind, deed.time, deed.actor or "", other, reason))
        owner = after
    return steps


def _kind_of(deed: Deed, owner: str) -> tuple[str, str, str]:
    """What the deed was ("" for nothing to show), who else it names, and who has the conversation after it."""
    actor, named = deed.actor or "", deed.detail or ""
    if deed.action == CLAIM:
        return ("" if actor == owner else "claimed"), "", actor
    if deed.action == TAKE:
        return ("" if actor == owner else "taken"), owner, actor
    if deed.action == TRANSFER:
        return ("" if named == owner else "transferred"), named, named
    if deed.action == TO_TEAM:
        return "to_team", named, ""
    if deed.action == LATE:
        return ("late" if named == _UNANSWERED else ""), "", owner
    kind = _KINDS.get(deed.action or "", "")
    if kind == "released" and actor == _CUSTOMER:
        kind = "called_off"
    return kind, owner, "" if kind == "returned" else owner
