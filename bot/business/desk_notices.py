"""What agents are told with the page closed: kinds of notices, what a change of a hand-off tells, when a try is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.business.handoffs import STEPPED_IN, URGENCIES, Handoff, is_open

TELEGRAM, WEBHOOK, DESK = "telegram", "webhook", "desk"
# Targets that may be on or off; the desk's open pages always hear.
TARGETS: tuple[str, ...] = (TELEGRAM, WEBHOOK)

WAITING, CLAIMED, TRANSFERRED, CLOSED = "handoff_waiting", "handoff_claimed", "handoff_transferred", "handoff_closed"
LEFT = "handoff_left"
KINDS: frozenset[str] = frozenset(
    (
        WAITING,  # a new request for a person, or a more urgent one
        LEFT,  # its agent is gone: it waits again
        CLAIMED,
        TRANSFERRED,
        CLOSED,
        "customer_waits",  # a customer has written to the agent who owns the conversation
        "not_delivered",  # an agent's words did not reach the customer
        "deadline_warned",
        "deadline_broken",
        "call_back_owed",
        "call_to_make",  # what could not be written is to be told by telephone
        "complaint_late",
        "complaint_raised",  # to a higher level, by an agent
        "work_order_late",
        "rescue_open",
        "rescue_late",
        "quota_low",
        "survey_low",  # a customer was not satisfied
    )
)

# What somebody in charge is to see: people were promised more than they got.
SUPERVISED: frozenset[str] = frozenset(
    (
        LEFT,
        "deadline_broken",
        "call_back_owed",
        "call_to_make",
        "complaint_late",
        "complaint_raised",
        "work_order_late",
        "rescue_late",
        "survey_low",
    )
)

# After so many seconds a notice that another system has not taken is tried again; a day in all.
_PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 37_000)


@dataclass(frozen=True)
class DeskNotice:
    """One thing that one target is told; `time` is business time, `payload` holds ids and codes only.

    `seen_by` is who is in charge and has seen it.
    """

    id: int
    target: str
    kind: str
    urgency: str
    conversation_id: int | None
    handoff_id: int | None
    time: datetime
    attempts: int = 0
    payload: Mapping[str, Any] | None = field(default=None)
    seen_at: datetime | None = None
    seen_by: str | None = None


def told_by(before: Handoff | None, after: Handoff) -> str | None:
    """The kind of notice this change of a hand-off asks for; None when nobody need hear of it."""
    if before is None:  # an agent who steps in needs nobody
        return None if after.reason == STEPPED_IN else WAITING
    if not is_open(after):
        return CLOSED if is_open(before) else None
    if after.team != before.team or (before.status == after.status == "claimed" and after.owner != before.owner):
        return TRANSFERRED
    if after.status != before.status:
        return CLAIMED if after.status == "claimed" else LEFT
    more_urgent = URGENCIES.index(after.urgency) < URGENCIES.index(before.urgency)
    return WAITING if more_urgent else None


def next_try(attempts: int, real_now: datetime) -> datetime | None:
    """When a notice that was tried so often before is tried again; None when it is given up, after a day."""
    return real_now + timedelta(seconds=_PAUSES[attempts]) if attempts < len(_PAUSES) else None
