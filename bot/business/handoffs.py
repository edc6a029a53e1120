"""How a conversation passes from the bot to the queue, to one agent, and back; exactly one owner at any time.

waiting ──claim──► claimed ──release──► released   (the bot goes on)
   ▲                 │  └────resolve──► resolved   (the matter is settled; the bot goes on)
   └──back_to_queue──┘   waiting may be released or resolved without a claim;
                         pass_on and take change the owner, pass_to_team lets it wait for a group
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.business.deadlines import OpeningHours, deadline
from bot.business.refusals import AlreadyClaimed, NotAllowed, NotOwner

URGENCIES: tuple[str, ...] = ("danger", "complaint", "normal")
# Who withdraws their own request.
CUSTOMER = "customer"
# The reason of a hand-off that an agent began unasked.
STEPPED_IN = "agent"
_IN_DANGER = timedelta(minutes=10)
_PROMISE: Mapping[str, str] = {"danger": "danger_handoff", "complaint": "answer", "normal": "answer"}


@dataclass(frozen=True)
class Handoff:
    """One request for a person; `requested_at` is the first request and never moves (DESIGN §5.6).

    `team` is the group of agents it was passed to ("" for all), `answered_at` when an agent first wrote or called,
    `call_owed_at` since when a call is owed: nobody was free in time, or the customer asked for one.
    """

    id: int
    conversation_id: int
    channel: str
    user: str
    reason: str
    urgency: str
    status: str
    owner: str | None
    requested_at: datetime
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    resolution: str | None = None
    escalated_at: datetime | None = None
    told_at: datetime | None = None
    team: str = ""
    answered_at: datetime | None = None
    call_owed_at: datetime | None = None


@dataclass(frozen=True)
class Note:
    """What an agent wrote down for the other agents."""

    agent: str
    text: str
    time: datetime


def is_open(handoff: Handoff) -> bool:
    """Whether people own the conversation."""
    return handoff.status in ("waiting", "claimed")


def conversation_owner(handoff: Handoff | None) -> str:
    """bot, queue or agent: who speaks in the conversation."""
    if handoff is None or not is_open(handoff):
        return "bot"
    return "agent" if handoff.status == "claimed" else "queue"


def claim(handoff: Handoff, agent: str, now: datetime) -> Handoff:
    """The hand-off owned by `agent`; claiming one's own again changes nothing; raises AlreadyClaimed, NotAllowed."""
    if handoff.status == "claimed":
        if handoff.owner != agent:
            raise AlreadyClaimed(handoff.owner or "")
        return handoff
    _check_open(handoff, "claimed")
    return replace(handoff, status="claimed", owner=agent, claimed_at=now)


def take(handoff: Handoff, agent: str, now: datetime) -> Handoff:
    """The hand-off owned by `agent`, whoever had it: for supervisors, and for who gets it passed on. NotAllowed."""
    _check_open(handoff, "claimed")
    if handoff.owner == agent:
        return handoff
    return replace(handoff, status="claimed", owner=agent, claimed_at=now, team="")


def pass_on(handoff: Handoff, agent: str, to: str, now: datetime) -> Handoff:
    """The hand-off given to the colleague `to` by its owner, by anybody while it waits; raises NotOwner, NotAllowed."""
    _check_may_close(handoff, agent, "claimed")
    return take(handoff, to, now)


def pass_to_team(handoff: Handoff, agent: str, team: str) -> Handoff:
    """The hand-off waits again, for a group of agents, from its first request; raises NotOwner, NotAllowed."""
    _check_may_close(handoff, agent, "waiting")
    return replace(handoff, status="waiting", owner=None, claimed_at=None, team=team)


def release(handoff: Handoff, agent: str, now: datetime) -> Handoff:
    """The conversation given back to the bot by its owner, or withdrawn; raises NotOwner, NotAllowed.

    A call that was promised is still owed, unless it is the customer who needs nobody any more.
    """
    _check_may_close(handoff, agent, "released")
    owed = None if agent == CUSTOMER else handoff.call_owed_at
    return replace(handoff, status="released", owner=agent, closed_at=now, call_owed_at=owed)


def resolve(handoff: Handoff, agent: str, reason: str, now: datetime) -> Handoff:
    """The matter settled by its owner, with the `reason`; raises NotOwner, NotAllowed."""
    _check_may_close(handoff, agent, "resolved")
    return replace(handoff, status="resolved", owner=agent, closed_at=now, resolution=reason, call_owed_at=None)


def back_to_queue(handoff: Handoff) -> Handoff:
    """A claimed hand-off whose agent is gone waits again, from its first request."""
    if handoff.status != "claimed":
        raise NotAllowed(handoff.status, "waiting")
    return replace(handoff, status="waiting", owner=None, claimed_at=None)


@dataclass(frozen=True)
class InHand:
    """A claimed hand-off beside its agent: whether they may still sign in, when they were last there or last wrote to
    this customer, and since when the customer waits for an answer (None: for none)."""

    handoff: Handoff
    active: bool
    seen_at: datetime
    waits_since: datetime | None


def is_left(held: InHand, minutes: int, now: datetime, hours: OpeningHours) -> bool:
    """Whether the agent is gone: sent away, or not seen for so many `minutes` of opening time while the customer waits.

    0 minutes: whoever may sign in is there. A customer in danger waits 10 minutes by the clock at most. Who writes to
    an agent long gone first gives them a quarter of the minutes to come back.
    """
    if not held.active:
        return True
    if held.waits_since is None or minutes == 0:
        return False
    if held.handoff.urgency == "danger":
        return max(held.seen_at, held.waits_since) + min(timedelta(minutes=minutes), _IN_DANGER) <= now
    gone_at = hours.add_working_time(held.seen_at, minutes)
    return max(gone_at, hours.add_working_time(held.waits_since, minutes // 4)) <= now


def asked_again(handoff: Handoff, urgency: str) -> Handoff:
    """The open request after the customer asked once more: the more urgent of both, the first request's time."""
    more_urgent = min(handoff.urgency, urgency, key=URGENCIES.index)
    return replace(handoff, urgency=more_urgent)


def owes_call_back(handoff: Handoff) -> bool:
    """Whether the customer, once they have waited too long, is still to be told that they are called back."""
    return handoff.status == "waiting" and handoff.escalated_at is None and handoff.answered_at is None


def answer_due_at(handoff: Handoff, hours: OpeningHours) -> datetime:
    """When somebody should have claimed it: 60 working minutes, in danger 10 calendar minutes (SERVICE_STANDARD §2)."""
    return deadline(_PROMISE[handoff.urgency], handoff.requested_at, hours)


def _check_open(handoff: Handoff, after: str) -> None:
    if not is_open(handoff):
        raise NotAllowed(handoff.status, after)


def _check_may_close(handoff: Handoff, agent: str, after: str) -> None:
    _check_open(handoff, after)
    if handoff.owner is not None and handoff.owner != agent:
        raise NotOwner(handoff.owner)
