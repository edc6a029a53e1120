"""Turns the wording of a day, week or month into the rule that says which days it can mean."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count, islice

from bot.business.numerals import read_number
from bot.business.times.reading import DayRule, Days, month_start, one_day

WEEKDAYS = {c: i for i, cs in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天末7")) for c in cs}
_THIRDS = {"初": (1, 10), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20)}


def offset_rule(first: int, last: int | None = None) -> DayRule:
    """So many days from today; a run of days when `last` is given (明后天)."""

    def rule(now: datetime) -> Iterator[Days]:
        today = now.date()
        end = today + timedelta(days=(last if last is not None else first) + 1)
        yield Days(today + timedelta(days=first), end, today + timedelta(days=first + 7))

    return rule


def next_morning(now: datetime) -> Iterator[Days]:
    """明早: the coming morning, which after midnight is that of the calendar's today."""
    yield one_day(now.date() + timedelta(days=0 if now.hour < 5 else 1))


def weekday_rule(weekdays: tuple[int, int], weeks: int) -> DayRule:
    """Weekdays first–last: the next ones not past when `weeks` is 0, else those of the week so many weeks on."""

    def rule(now: datetime) -> Iterator[Days]:
        today = now.date()
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
        for week in islice(count(), 4 if weeks == 0 else 1):
            start = monday + timedelta(weeks=week)
            first, last = start + timedelta(days=weekdays[0]), start + timedelta(days=weekdays[1])
            if last >= today:
                yield Days(first, last + timedelta(days=1), start + timedelta(weeks=1))

    return rule


def week_rule(weeks: int) -> DayRule:
    """The seven days of the week so many weeks on."""

    def rule(now: datetime) -> Iterator[Days]:
        today = now.date()
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
        following = monday + timedelta(weeks=1)
        yield Days(monday, following, following + timedelta(weeks=1), after_from=following)

    return rule


def day_of_month_rule(first: int, last: int, month: int | None, year: int | None, months_on: int | None) -> DayRule:
    """Days of a month: of the named month and year, of the month `months_on` from now, or of the next that has them."""

    def rule(now: datetime) -> Iterator[Days]:
        for start in _months(now, month, year, months_on):
            if last <= _length(start):
                day = start + timedelta(days=first - 1)
                yield Days(day, start + timedelta(days=last), month_start(start, 1))

    return rule


def part_of_month_rule(third: str, month: int | None, year: int | None, months_on: int | None) -> DayRule:
    """月初, 中旬, 月底 or, for an empty `third`, the whole month."""

    def rule(now: datetime) -> Iterator[Days]:
        for start in _months(now, month, year, months_on):
            first, last = _THIRDS.get(third, (21, _length(start))) if third else (1, _length(start))
            days = start + timedelta(days=first - 1), start + timedelta(days=last)
            following = month_start(start, 1)
            closes = third in ("底", "末", "尾", "下旬")
            yield Days(*days, following if days[1] < following else month_start(start, 2), closes, days[1])

    return rule


def year_rule(years: int, months: tuple[int, int], *, closes: bool = False) -> DayRule:
    """The months first–last of the year so many years on (年底, 明年)."""

    def rule(now: datetime) -> Iterator[Days]:
        for further in (0, 1) if years == 0 else (0,):
            year = now.year + years + further
            start = date(year, months[0], 1)
            yield Days(start, month_start(date(year, months[1], 1), 1), closes=closes)

    return rule


def months_later(months: int) -> DayRule:
    """The same day so many months on, or the last day of that month."""

    def rule(now: datetime) -> Iterator[Days]:
        start = month_start(now.date(), months)
        yield one_day(start + timedelta(days=min(now.day, _length(start)) - 1))

    return rule


def within(outer: DayRule, inner: DayRule) -> DayRule:
    """The `inner` days that lie in the `outer` ones (国庆三号, 下周的周三); both when none does (今天,周五)."""

    def rule(now: datetime) -> Iterator[Days]:
        for wide in islice(outer(now), 4):
            limit = wide.after_from or wide.end
            fitting = [days for days in islice(inner(now), 120) if wide.first <= days.first < limit]
            yield from fitting[:1]
            if not fitting and wide.end > now.date():
                narrow = next(iter(inner(now)), wide)
                yield Days(min(wide.first, narrow.first), max(wide.end, narrow.end))

    return rule


def read_day_run(text: str) -> tuple[int, int] | None:
    """First and last of 5, 5-6, 五六, 十五六, 二十七八; None when no days of a month."""
    parts = [p for p in re.split(r"或者|还是|[、/,\-~—到至或和跟]", re.sub("[号日 ]", "", text)) if p]
    if len(parts) == 1 and (m := re.fullmatch(r"(.*[十廿])?([一二三四五六七八])([二三四五六七八九])", parts[0])):
        tens = read_number(m[1]) if m[1] else 0
        parts = [str(tens + read_number(m[2])), str(tens + read_number(m[3]))]
    numbers = [read_number(p) for p in parts]
    if not numbers or not all(1 <= n <= 31 for n in numbers) or numbers[0] > numbers[-1]:
        return None
    return numbers[0], numbers[-1]


def _months(now: datetime, month: int | None, year: int | None, months_on: int | None) -> Iterator[date]:
    this = month_start(now.date())
    if months_on is not None:
        yield month_start(this, months_on)
    elif month is None:
        yield from (month_start(this, further) for further in range(14))
    elif year is not None:
        yield date(year, month, 1)
    else:
        yield from (date(now.year + further, month, 1) for further in range(9))


def _length(start: date) -> int:
    return calendar.monthrange(start.year, start.month)[1]
