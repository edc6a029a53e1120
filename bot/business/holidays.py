"""China's public holidays and make-up workdays; statutory days alone for years nobody has published yet."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar.constants import Holiday
from chinese_calendar.constants import holidays as _published_holidays
from chinese_calendar.constants import workdays as _published_workdays
from lunardate import LunarDate

PUBLISHED_YEARS = frozenset(day.year for day in _published_holidays)
# By the rules of November 2024: (month, day) in the solar and in the lunar calendar.
_SOLAR = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_LUNAR = ((1, 1), (1, 2), (1, 3), (5, 5), (8, 15))


def is_published(year: int) -> bool:
    """Whether the State Council's calendar of `year` is loaded; the desk tells which year is not."""
    return year in PUBLISHED_YEARS


def is_public_holiday(day: date) -> bool:
    """Whether `day` is a day off by law; for an unpublished year only the statutory days themselves."""
    if is_published(day.year):
        return day in _published_holidays
    return day in _statutory_days(day.year)


def holiday_name(day: date) -> str:
    """春节, 国庆节, …; empty for a working day and for a year that nobody has published yet."""
    name = _published_holidays.get(day)
    return str(Holiday(name).chinese) if name else ""


def is_makeup_workday(day: date) -> bool:
    """Whether `day` is a weekend day that is worked in exchange for a bridge day; never in unpublished years."""
    return day in _published_workdays and day.weekday() >= 5


@lru_cache(maxsize=64)
def _statutory_days(year: int) -> frozenset[date]:
    days = {date(year, month, day) for month, day in _SOLAR}
    days.add(_tomb_sweeping_day(year))
    try:
        days.update(LunarDate(year, month, day).to_solar_date() for month, day in _LUNAR)
        days.add(LunarDate(year, 1, 1).to_solar_date() - timedelta(days=1))  # New Year's Eve
    except ValueError:
        pass  # lunardate ends with 2099; the solar days remain
    return frozenset(days)


def _tomb_sweeping_day(year: int) -> date:
    """Qingming, the fifth solar term: 4 or 5 April, by the usual formula for 2000-2099."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)
