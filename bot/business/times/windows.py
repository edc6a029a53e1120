"""Turns a phrase into its window: the soonest one that is not over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from bot.business.times.days import offset_rule
from bot.business.times.phrases import Phrase
from bot.business.times.reading import Clock, Days, Part, at_hour

Window = tuple[datetime, datetime]
_MORNING, _AFTERNOON, _EVENING = 8 * 60, 12 * 60, 18 * 60
_DAY = 24 * 60


def window_of(phrase: Phrase, now: datetime) -> Window | None:
    """The window a phrase means at `now`, both ends in its zone; None when it is over (今天 with an hour gone by)."""
    if phrase.moment:
        minute = now.replace(second=0, microsecond=0)
        return minute + phrase.moment.first, minute + phrase.moment.end
    if phrase.day is None:
        return _first_ahead(phrase, [*offset_rule(0)(now), *offset_rule(1)(now)], now)
    return _first_ahead(phrase, list(islice(phrase.day(now), 120)), now)


def _first_ahead(phrase: Phrase, candidates: list[Days], now: datetime) -> Window | None:
    for days in candidates:
        window = _on(phrase, days, now)
        if not _is_over(window, now):
            return window
    return None


def _is_over(window: Window, now: datetime) -> bool:
    start, end = window
    return end <= now if start != end else start < now.replace(second=0, microsecond=0)


def _on(phrase: Phrase, days: Days, now: datetime) -> Window:
    if phrase.clock:
        return _clock_window(phrase, phrase.clock, days, now)
    if phrase.part:
        return _part_window(phrase, phrase.part, days, now)
    return _day_window(phrase, days, now)


def _clock_window(phrase: Phrase, clock: Clock, days: Days, now: datetime) -> Window:
    first = hour_minutes(clock, phrase.part)
    last = first + (clock.until - clock.hour) * 60 if clock.until is not None else first
    if last < first:
        last += 12 * 60
    start, end = first, last
    if phrase.edge == "after":
        end = next((edge for edge in (_AFTERNOON, _EVENING) if first < edge), max(_DAY, first))
    elif phrase.edge == "before":
        start = max((edge for edge in (0, _MORNING, _AFTERNOON, _EVENING) if edge < first), default=0)
    return at_hour(days.first, start, now), at_hour(days.end - timedelta(days=1), end, now)


def hour_minutes(clock: Clock, part: Part | None) -> int:
    """Minutes after midnight of an hour as written; without a half-day it lies within 08:00–19:59."""
    hour = clock.hour
    if clock.exact or hour > 12:
        return hour * 60 + clock.minute
    return _half_day(hour, part) * 60 + clock.minute


def _half_day(hour: int, part: Part | None) -> int:
    if part is None:
        return hour + 12 if 1 <= hour < 8 else hour
    if part.name == "上午":
        return hour
    if part.name == "凌晨":
        return hour % 12
    if part.name == "中午":
        return hour + 12 if hour < 6 else hour
    if part.name == "晚上" and (hour == 12 or hour < 5):
        return hour % 12 + 24
    return hour % 12 + 12


def _part_window(phrase: Phrase, part: Part, days: Days, now: datetime) -> Window:
    start, end = at_hour(days.first, part.first * 60, now), at_hour(days.end - timedelta(days=1), part.end * 60, now)
    if phrase.edge == "before":
        return min(now.replace(second=0, microsecond=0), start), start
    if phrase.edge == "after" and part.name in ("中午", "傍晚"):
        after = (12, 18) if part.name == "中午" else (17, 24)
        return at_hour(days.first, after[0] * 60, now), at_hour(days.end - timedelta(days=1), after[1] * 60, now)
    return start, end


def _day_window(phrase: Phrase, days: Days, now: datetime) -> Window:
    start, end = at_hour(days.first, 0, now), at_hour(days.end, 0, now)
    if phrase.edge == "before":
        limit = end if days.closes else start
        return min(now.replace(second=0, microsecond=0), limit), limit
    if phrase.edge == "after":
        start = at_hour(days.after_from or days.first, 0, now)
        return start, max(end, at_hour(days.unit_end or days.end + timedelta(days=7), 0, now))
    return start, end


def range_window(first: Phrase, last: Phrase, now: datetime) -> Window | None:
    """From the start of one phrase to the end of another (周一到周五, 三点到五点); None when either is over."""
    whole = last if last.day or not first.day else replace(last, day=first.day, kind=first.kind)
    if whole.clock and not whole.part and first.part and first.clock:
        whole = replace(whole, part=first.part)
    start, end = window_of(first, now), window_of(whole, now)
    if start is None or end is None:
        return None
    stop = end[1]
    while stop < start[0]:
        stop += timedelta(hours=12) if whole.clock and not whole.day else timedelta(days=7 if whole.day else 1)
    if whole.clock and first.clock and whole.clock.hour < first.clock.hour and stop - start[0] > timedelta(hours=12):
        return start[0], stop
    return start[0], stop
