"""The values the reading of times is made of: days, parts of a day, hours, and the window that comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class TimeReading:
    """A wished time: one window (start = end for an hour), zone of the `now` it was read with, and the words read."""

    start: datetime
    end: datetime
    text: str


@dataclass(frozen=True)
class Days:
    """Whole days from `first` up to, not including, `end`."""

    first: date
    end: date
    unit_end: date | None = None  # where 以后 stops: the end of the week, month or holiday
    closes: bool = False  # 月底前 and 年底前 run to the end, all other X前 to the start
    after_from: date | None = None  # where 以后 begins when it is not the first day itself


DayRule = Callable[[datetime], Iterator[Days]]
"""Gives the days a wording can mean, the soonest first; the first one that is not over counts."""


@dataclass(frozen=True)
class Part:
    """A part of the day in hours, and how an hour named in it is read."""

    first: int
    end: int
    name: str


@dataclass(frozen=True)
class Clock:
    """An hour as written; `until` is the second one of 两三点; `exact`: certainly on the 24-hour clock."""

    hour: int
    minute: int = 0
    until: int | None = None
    exact: bool = False


@dataclass(frozen=True)
class Moment:
    """A stretch counted from now: 现在, 一会儿, 两小时后, 三天内."""

    first: timedelta
    end: timedelta


def one_day(day: date, unit_end: date | None = None) -> Days:
    """The whole of `day`."""
    return Days(day, day + timedelta(days=1), unit_end)


def month_start(day: date, months: int = 0) -> date:
    """The first of the month `months` after that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def at_hour(day: date, minutes: int, now: datetime) -> datetime:
    """`day` at so many minutes after midnight (1440 is the next day's 00:00), in the zone of `now`."""
    midnight = datetime.combine(day, time(), tzinfo=now.tzinfo)
    return midnight + timedelta(minutes=minutes)
