"""When each promise of the service standard falls due, and on which clock it runs."""

from __future__ import annotations

from collections.abc import Mapping
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


def is_overdue(promised_at: datetime | None, now: datetime, grace: timedelta = OVERDUE_AFTER) -> bool:
    """Whether the promised time passed by `grace` or more (SERVICE_STANDARD §1: 15 minutes)."""
    return promised_at is not None and now - promised_at >= grace
