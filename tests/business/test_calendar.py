"""When the dealer is open."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.calendar import DayOverride, Hours, WorkingCalendar
from bot.business.holidays import is_makeup_workday, is_public_holiday

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
WEEK = WorkingCalendar(ZONE, dict.fromkeys(range(5), USUAL))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-10 08:29", False),
        ("2026-03-10 08:30", True),
        ("2026-03-10 12:00", False),
        ("2026-03-10 13:00", True),
        ("2026-03-10 17:30", False),
        ("2026-03-14 10:00", False),  # Saturday
        ("2026-02-14 10:00", True),  # Saturday, worked for Spring Festival
        ("2026-02-17 10:00", False),  # Spring Festival
        ("2027-02-06 10:00", False),  # Spring Festival, year not published
        ("2027-02-05 10:00", False),  # its eve
        ("2027-10-01 10:00", False),
        ("2027-04-05 10:00", False),  # Qingming
        ("2027-06-09 10:00", False),  # Dragon Boat
        ("2027-02-12 10:00", True),  # a Friday after
        ("2150-05-04 10:00", True),  # beyond the lunar library
    ],
)
def test_open_hours_know_lunch_weekends_holidays_and_makeup_days(moment: str, is_open: bool) -> None:
    assert WEEK.is_open(at(moment)) is is_open


def test_the_dealers_own_days_win_over_the_library() -> None:
    own = {
        date(2026, 2, 17): DayOverride("open", (Hours(time(10), time(11)),)),
        date(2026, 3, 10): DayOverride("closed"),
        date(2026, 3, 14): DayOverride("open"),
        date(2027, 2, 8): DayOverride("holiday"),
    }
    calendar = WorkingCalendar(ZONE, WEEK.weekly, own)
    assert calendar.is_open(at("2026-02-17 10:30"))
    assert calendar.kind_of(date(2026, 3, 10)) == "closed"
    assert len(calendar.periods_of(date(2026, 3, 14))) == 2
    assert calendar.kind_of(date(2027, 2, 8)) == "holiday"


def test_a_weekend_without_hours_is_closed_not_a_holiday() -> None:
    assert WEEK.kind_of(date(2026, 3, 14)) == "closed"
    assert WEEK.kind_of(date(2026, 10, 1)) == "holiday"


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-10 09:00", 60, "2026-03-10 10:00"),
        ("2026-03-10 11:30", 60, "2026-03-10 13:30"),
        ("2026-03-10 17:00", 60, "2026-03-11 09:00"),
        ("2026-03-13 17:00", 60, "2026-03-16 09:00"),
        ("2026-03-10 22:00", 0, "2026-03-11 08:30"),
        ("2026-09-30 17:00", 60, "2026-10-08 09:00"),
    ],
)
def test_working_time_runs_only_while_open(start: str, minutes: int, end: str) -> None:
    assert WEEK.add_working_time(at(start), minutes) == at(end)


def test_the_next_opening_is_now_when_open() -> None:
    assert WEEK.next_opening(at("2026-03-10 09:05")) == at("2026-03-10 09:05")
    assert WEEK.next_opening(at("2026-03-10 12:05")) == at("2026-03-10 13:00")
    assert WEEK.next_opening(at("2026-02-14 18:00")) == at("2026-02-24 08:30")


def test_a_dealer_without_hours_never_breaks_anything() -> None:
    never = WorkingCalendar(ZONE, {})
    moment = at("2026-03-10 09:00")
    assert never.next_opening(moment) == moment
    assert never.add_working_time(moment, 30) == moment + timedelta(minutes=30)
    assert not never.is_open(moment)


def test_the_desk_can_say_which_year_is_not_loaded() -> None:
    assert WEEK.unpublished_years(date(2026, 3, 1)) == ()
    assert 2090 in WEEK.unpublished_years(date(2090, 3, 1))


def test_every_day_of_two_centuries_has_an_answer() -> None:
    for year in (1999, 2004, 2026, 2027, 2099, 2100, 2399):
        day = date(year, 1, 1)
        while day.year == year:
            is_public_holiday(day), is_makeup_workday(day)
            day += timedelta(days=1)


@pytest.mark.parametrize(
    ("end", "minutes", "start"),
    [
        ("2026-03-10 10:00", 60, "2026-03-10 09:00"),
        ("2026-03-10 13:30", 60, "2026-03-10 11:30"),
        ("2026-03-10 12:30", 30, "2026-03-10 11:30"),
        ("2026-03-11 09:00", 60, "2026-03-10 17:00"),
        ("2026-03-16 08:30", 240, "2026-03-13 13:30"),
        ("2026-02-24 08:30", 30, "2026-02-14 17:00"),
    ],
)
def test_working_time_is_counted_back_over_lunch_night_and_holidays(end: str, minutes: int, start: str) -> None:
    assert WEEK.take_working_time(at(end), minutes) == at(start)
