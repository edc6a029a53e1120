"""When each promise of the service standard falls due, on which clock it runs, and when a warning comes before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol


class OpeningHours(Protocol):
    """What a deadline asks of the dealer's calendar."""

    def add_working_time(self, start: datetime, minutes: int) -> datetime:
        """The moment `minutes` of opening time after `start`."""

    def next_opening(self, moment: datetime) -> datetime:
        """The first moment at or after `moment` when the dealer is open."""

    def is_open(self, moment: datetime) -> bool:
        """Whether the dealer is open at `moment`."""

    def take_working_time(self, end: datetime, minutes: int) -> datetime:
        """The moment `minutes` of opening time before `end`."""


class Clock(Enum):
    """How the minutes of a promise are counted (SERVICE_STANDARD §2)."""

    CALENDAR = "calendar"
    WORKING = "working"
    CALENDAR_TO_OPENING = "calendar_to_opening"


@dataclass(frozen=True)
class Promise:
    """So many minutes on a clock."""

    minutes: int
    clock: Clock


_HOUR = 60
PROMISES: Mapping[str, Promise] = {
    # acknowledgement, rescue and social media run day and night
    "acknowledgement": Promise(10, Clock.CALENDAR),
    "rescue_arranged": Promise(10, Clock.CALENDAR),
    "rescue_news": Promise(30, Clock.CALENDAR),
    "media_reaction": Promise(2 * _HOUR, Clock.CALENDAR),
    "media_golden": Promise(24 * _HOUR, Clock.CALENDAR),
    "danger_handoff": Promise(10, Clock.CALENDAR),
    "delay_apology": Promise(15, Clock.CALENDAR),
    # what a person does needs a person at work
    "answer": Promise(60, Clock.WORKING),
    "online_booking": Promise(2 * _HOUR, Clock.WORKING),
    "ordinary_business": Promise(30, Clock.WORKING),
    "delay_news": Promise(30, Clock.WORKING),
    # counted by the clock on the wall, but due while somebody is there
    "complex_business": Promise(24 * _HOUR, Clock.CALENDAR_TO_OPENING),
    "complaint_1": Promise(24 * _HOUR, Clock.CALENDAR_TO_OPENING),
    "complaint_2": Promise(48 * _HOUR, Clock.CALENDAR_TO_OPENING),
    "complaint_3": Promise(72 * _HOUR, Clock.CALENDAR_TO_OPENING),
    "follow_up": Promise(72 * _HOUR, Clock.CALENDAR_TO_OPENING),
    "rescue_call": Promise(24 * _HOUR, Clock.CALENDAR_TO_OPENING),
}
OVERDUE_AFTER = timedelta(minutes=15)

# What an agent's words to the customer keep; nothing that the bot or the system says does (DESIGN §5).
NEWS_OF_COMPLAINT: tuple[str, ...] = ("answer", "media_reaction", "next_update")
KEPT_BY_WORDS: tuple[str, ...] = ("acknowledgement", "danger_handoff", *NEWS_OF_COMPLAINT)
# In reports: what the bot keeps itself, at once and at night too (SERVICE_STANDARD §2), apart from what people keep.
BY_BOT: tuple[str, ...] = ("acknowledged_by_bot", "confirmed_by_bot")
COMPLAINT_LEVELS: tuple[str, ...] = ("complaint_1", "complaint_2", "complaint_3")
# A warning comes when this share of the time is left, within these minutes.
_WARNED_SHARE = 4
_WARNED_AT_LEAST, _WARNED_AT_MOST = 2, 4 * _HOUR


@dataclass(frozen=True)
class Deadline:
    """A promise that was made, to a customer; it runs until it is met (kept, in time or late) or dropped."""

    id: int
    kind: str
    subject_kind: str
    subject_id: int
    conversation_id: int | None
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime
    warned_at: datetime | None = None
    escalated_at: datetime | None = None
    met_at: datetime | None = None
    dropped_at: datetime | None = None


@dataclass(frozen=True)
class ClockFace:
    """What a clock shows: `state` ok, warn or late, the minutes left or, when late, since it was due."""

    kind: str
    state: str
    minutes: int
    warn_at: datetime | None
    due_at: datetime


def due_at(promise: Promise, start: datetime, hours: OpeningHours) -> datetime:
    """The moment by which `promise` made at `start` must be kept."""
    if promise.clock is Clock.WORKING:
        return hours.add_working_time(start, promise.minutes)
    due = start + timedelta(minutes=promise.minutes)
    if promise.clock is Clock.CALENDAR_TO_OPENING and not hours.is_open(due):
        return hours.next_opening(due)
    return due


def deadline(name: str, start: datetime, hours: OpeningHours, promises: Mapping[str, Promise] = PROMISES) -> datetime:
    """When the promise `name` (a key of PROMISES) made at `start` falls due; the dealer may pass own `promises`."""
    return due_at(promises[name], start, hours)


def warn_at(
    name: str,
    start: datetime,
    due: datetime,
    hours: OpeningHours,
    promises: Mapping[str, Promise] = PROMISES,
) -> datetime | None:
    """When to warn that the promise `name` falls due at `due`: a quarter of its time before, 2 minutes to 4 hours.

    Counted while somebody is there, unless the promise runs day and night; None when there is no time to warn.
    """
    promise = promises.get(name)
    calendar = promise is not None and promise.clock is Clock.CALENDAR
    minutes = promise.minutes if promise else int((due - start) / timedelta(minutes=1))
    lead = min(max(minutes // _WARNED_SHARE, _WARNED_AT_LEAST), _WARNED_AT_MOST)
    moment = due - timedelta(minutes=lead) if calendar else hours.take_working_time(due, lead)
    return max(moment, start) if due - start > timedelta(minutes=_WARNED_AT_LEAST) else None


def clock_of(running: Deadline, now: datetime) -> ClockFace:
    """What the clock of a running promise shows at `now`; a minute begun is shown as one."""
    left = running.due_at - now
    if left <= timedelta(0):
        return _face(running, "late", max(1, -left // timedelta(minutes=1)))
    warned = running.warn_at is not None and running.warn_at <= now
    return _face(running, "warn" if warned else "ok", -(-left // timedelta(minutes=1)))


def clock_of_all(running: Iterable[Deadline], now: datetime) -> ClockFace | None:
    """The clock of the promise that falls due first; None when none runs."""
    first = min(running, key=lambda each: (each.due_at, each.id), default=None)
    return None if first is None else clock_of(first, now)


def _face(running: Deadline, state: str, minutes: int) -> ClockFace:
    return ClockFace(running.kind, state, minutes, running.warn_at, running.due_at)


def is_overdue(promised_at: datetime | None, now: datetime, grace: timedelta = OVERDUE_AFTER) -> bool:
    """Whether the promised time passed by `grace` or more (SERVICE_STANDARD §1: 15 minutes)."""
    return promised_at is not None and now - promised_at >= grace
