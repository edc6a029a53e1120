"""What the manager's page counts: days, tallies, the middle and the slow end of waiting times."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

from bot.business.calendar import Period

DAYS = 7
"""How many days a report looks back, the chosen one last."""

HANDOFF_REASONS = (
    "danger",
    "complaint",
    "angry",
    "wants_manager",
    "not_understood",
    "wants_person",
    "rescue",
    "agent",
)
OTHER = "other"
# What was booked at the desk: for somebody on the telephone or at the counter, or who had come without an appointment.
BY_DESK, WALK_IN = "desk", "walk_in"


class Days(Protocol):
    """What counting working time asks of the dealer's calendar."""

    def day_of(self, moment: datetime) -> date:
        """The dealer's date at `moment`."""

    def periods_of(self, day: date) -> tuple[Period, ...]:
        """The open periods of `day` in order."""


@dataclass(frozen=True)
class Tally:
    """How often each key came on each day; days count from 0, the oldest."""

    counts: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def on(self, days: Collection[int], *keys: str) -> int:
        """How often these keys, or without any all of them, came on these days."""
        return sum(n for (day, key), n in self.counts.items() if day in days and (not keys or key in keys))

    def kinds(self) -> tuple[str, ...]:
        """The keys that came at all, the most frequent first."""
        return tuple(sorted({key for _, key in self.counts}, key=lambda key: (-self.on(range(DAYS), key), key)))


@dataclass(frozen=True)
class Waited:
    """How long somebody waited, on the clock on the wall and in opening hours; minutes."""

    day: int
    agent: str
    calendar: float
    working: float


@dataclass(frozen=True)
class Spread:
    """The middle and the slow end of some durations, in minutes; None without any."""

    count: int
    median: float | None
    slow: float | None


@dataclass(frozen=True)
class AgentLoad:
    """What one agent has in hand and has done on the chosen day; minutes are working minutes."""

    name: str
    role: str
    team: str
    available: bool
    open: int
    answered: int
    first_answer: float | None


def days_until(last: date, zone: tzinfo) -> tuple[datetime, ...]:
    """The midnights that bound the DAYS days which end with `last`: one more than there are days."""
    first = last - timedelta(days=DAYS - 1)
    return tuple(datetime.combine(first + timedelta(days=n), time.min, zone) for n in range(DAYS + 1))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed; None without values."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Sequence[float]) -> float | None:
    """The value in the middle, of an even number the mean of the two; None without values."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread_of(minutes: Iterable[float]) -> Spread:
    """How many, the median and the 90th percentile."""
    values = list(minutes)
    return Spread(len(values), median(values), percentile(values, 0.9))


def working_minutes(days: Days, start: datetime, end: datetime) -> float:
    """How many minutes the dealer was open between `start` and `end`; 0 when `end` is not after `start`."""
    open_for = timedelta(0)
    day = days.day_of(start)
    while day <= days.day_of(end):
        for period in days.periods_of(day):
            open_for += max(timedelta(0), min(period.closes, end) - max(period.opens, start))
        day += timedelta(days=1)
    return open_for / timedelta(minutes=1)


@dataclass(frozen=True)
class Behind:
    """What was behind a request for a person: how urgent, in anger, with a complaint, after not being understood."""

    urgency: str = "normal"
    angry: bool = False
    complained: bool = False
    not_understood: bool = False


def reason_group(reason: str, behind: Behind | None = None) -> str:
    """Why a person was needed, what weighs most first: one of HANDOFF_REASONS, else "other"."""
    word, behind = reason.split(" ", 1)[0], behind or Behind()  # "rescue R-1001"
    if word in ("rescue", "agent"):
        return word
    if behind.urgency == "danger":
        return "danger"
    if behind.complained:
        return "complaint"
    if word == "wants_manager":
        return word
    if behind.angry:
        return "angry"
    if behind.urgency == "complaint":
        return "complaint"
    if behind.not_understood:
        return "not_understood"
    return word if word in HANDOFF_REASONS else OTHER


def share_of(part: int, whole: int) -> int | None:
    """Per cent, rounded; None of nothing."""
    return round(100 * part / whole) if whole else None


def average(scores: Mapping[int, int]) -> float | None:
    """The mean score, by how often each was given."""
    given = sum(scores.values())
    return sum(score * count for score, count in scores.items()) / given if given else None
