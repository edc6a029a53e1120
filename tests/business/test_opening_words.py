"""Opening hours in words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bot.business.calendar import DayOverride, Hours, WorkingCalendar
from bot.business.opening_words import hours_asked, usual_hours
from tests.conftest import ZONE

MORNING, WHOLE = (Hours(time(9), time(12)),), (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
NOW = datetime(2026, 11, 24, 9, tzinfo=ZONE)


def test_a_week_of_equal_days_is_one() -> None:
    calendar = WorkingCalendar(ZONE, dict.fromkeys(range(7), WHOLE))
    assert usual_hours(calendar, NOW) == "每天08:30–12:00、13:00–17:30，法定节假日休息"


def test_days_that_differ_are_told_apart_and_closed_ones_named() -> None:
    week = {**dict.fromkeys(range(5), WHOLE), 5: MORNING}
    special = {date(2026, 11, 26): DayOverride("closed"), date(2026, 12, 30): DayOverride("closed")}
    calendar = WorkingCalendar(ZONE, week, special)
    assert usual_hours(calendar, NOW) == (
        "周一至周五08:30–12:00、13:00–17:30，周六09:00–12:00，周日休息，法定节假日休息，11月26日（周四）休息"
    )


def test_each_day_asked_about_is_told_for_a_week_at_most() -> None:
    calendar = WorkingCalendar(ZONE, dict.fromkeys(range(6), MORNING))
    saturday = datetime(2026, 11, 28, tzinfo=ZONE)
    told = hours_asked(calendar, saturday, saturday + timedelta(days=2))
    assert told == "11月28日（周六）09:00–12:00；11月29日（周日）休息"
    assert hours_asked(calendar, saturday.replace(hour=15), saturday.replace(hour=15)) == "11月28日（周六）09:00–12:00"
    assert hours_asked(calendar, saturday, saturday + timedelta(days=30)).count("；") == 6
