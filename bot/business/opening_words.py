"""The opening hours as customers read them: the usual week, days that differ, the days somebody asks about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from bot.business.calendar import Hours, WorkingCalendar
from bot.business.spoken import day_text

_WEEKDAYS = "一二三四五六日"
_CLOSED = "休息"
# Days that differ are told so many days ahead, and a question about a longer time is answered day by day no further.
_TOLD_AHEAD, _MOST_DAYS = timedelta(days=14), 7


def usual_hours(calendar: WorkingCalendar, now: datetime) -> str:
    """每天08:30–17:30，法定节假日休息; with days that are closed and days of the next two weeks that differ."""
    week = [(day, _hours_text(calendar.weekly.get(day, ()))) for day in range(7)]
    runs = [(list(days), text) for text, days in groupby(week, key=lambda each: each[1])]
    said = [f"{_days_text([day for day, _ in days])}{text}" for days, text in runs]
    today = calendar.day_of(now)
    differ = [day_hours(calendar, day) for day in sorted(calendar.overrides) if today <= day <= today + _TOLD_AHEAD]
    return "，".join([*said, *(["法定节假日休息"] if _rests_on_holidays(calendar, today) else []), *differ])


def day_hours(calendar: WorkingCalendar, day: date) -> str:
    """11月28日（周六）08:30–12:00、13:00–17:30, or 11月29日（周日）休息."""
    periods = [Hours(each.opens.time(), each.closes.time()) for each in calendar.periods_of(day)]
    return f"{day_text(day)}{_hours_text(periods)}"


def hours_asked(calendar: WorkingCalendar, start: datetime, end: datetime) -> str:
    """Each day from `start` to `end`, the first week of a longer time."""
    first = calendar.day_of(start)
    last = calendar.day_of(max(start, end - timedelta(microseconds=1)))
    days = [first + timedelta(days=ahead) for ahead in range(min((last - first).days + 1, _MOST_DAYS))]
    return "；".join(day_hours(calendar, day) for day in days)


def _hours_text(hours: Sequence[Hours]) -> str:
    spoken = "、".join(f"{each.opens:%H:%M}–{each.closes:%H:%M}" for each in sorted(hours, key=lambda each: each.opens))
    return spoken or _CLOSED


def _days_text(days: Sequence[int]) -> str:
    if len(days) == len(_WEEKDAYS):
        return "每天"
    first, last = f"周{_WEEKDAYS[days[0]]}", f"周{_WEEKDAYS[days[-1]]}"
    return first if len(days) == 1 else f"{first}{'、' if len(days) == 2 else '至'}{last}"


def _rests_on_holidays(calendar: WorkingCalendar, today: date) -> bool:
    """Whether the next public holidays are days off here too."""
    return any(calendar.kind_of(today + timedelta(days=ahead)) == "holiday" for ahead in range(366))
