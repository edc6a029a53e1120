"""Free windows as a pure question."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.business.calendar import Hours, WorkingCalendar
from bot.business.offers import spread
from bot.business.windows import Place, Taken, Window, Workshop, free_windows, is_free, possible_starts, starts_between

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 10)
CALENDAR = WorkingCalendar(
    ZONE, {weekday: (Hours(time(9), time(11)), Hours(time(12), time(14))) for weekday in range(7)}
)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 10, hour, minute, tzinfo=ZONE)


def _times(minutes: int, exactly: datetime | None = None) -> list[str]:
    starts = possible_starts(CALENDAR.periods_of(DAY), minutes, 60, exactly)
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in starts]


def test_work_pauses_over_lunch_and_ends_the_same_day() -> None:
    assert _times(90) == ["09:00-10:30", "10:00-12:30", "12:00-13:30"]
    assert _times(240) == ["09:00-14:00"]
    assert _times(241) == []


def test_an_odd_minute_may_be_asked_about() -> None:
    assert "09:20-10:20" in _times(60, at(9, 20))
    assert _times(60, at(11, 30)) == _times(60)


def test_a_taken_bay_and_a_taken_technician_both_count() -> None:
    starts = [(at(9), at(10))]
    workshop = Workshop((1, 2), (7, 8))
    one = Taken(at(9), at(10), 1, 7)
    assert free_windows(starts, workshop, [one], 0) == [Window(at(9), at(10), 2, 8)]
    assert free_windows(starts, workshop, [one, Taken(at(9, 59), at(11), 2, 8)], 0) == []
    assert free_windows(starts, workshop, [one, Taken(at(10), at(11), 2, 8)], 0) != []
    assert free_windows(starts, workshop, [one, Taken(at(10), at(11), 2, 8)], 10) == []


def test_a_closure_needs_no_buffer_and_stops_everything() -> None:
    starts = [(at(9), at(10))]
    workshop = Workshop((1,), (7,))
    assert free_windows(starts, workshop, [Taken(at(10), at(14))], 30) != []
    assert free_windows(starts, workshop, [Taken(at(8), at(9, 1))], 30) == []
    assert free_windows(starts, workshop, [Taken(at(8), at(9, 1), bay_id=1)], 0) == []


def test_a_closure_of_several_days_reaches_each_of_them() -> None:
    starts = list(starts_between(CALENDAR, DAY, DAY + timedelta(days=2), 60, 60))
    away = Taken(at(9), at(13) + timedelta(days=1), technician_id=7)
    free = free_windows(starts, Workshop((1,), (7,)), [away], 0)
    assert [window.start.day for window in free] == [11, 12, 12, 12, 12]


def test_offers_are_spread_over_half_days() -> None:
    windows = [Window(at(hour), at(hour + 1), 1, 7) for hour in (9, 10, 12, 13)]
    assert [window.start.hour for window in spread(windows, 3)] == [9, 12, 13]
    assert [window.start.hour for window in spread(windows[:1], 3)] == [9]


def test_a_chosen_place_is_the_only_one_looked_at() -> None:
    starts, workshop = [(at(9), at(10))], Workshop((1, 2), (7, 8))
    assert free_windows(starts, Place(2).within(workshop), [], 0) == [Window(at(9), at(10), 2, 7)]
    assert free_windows(starts, Place(2, 8).within(workshop), [], 0) == [Window(at(9), at(10), 2, 8)]
    assert free_windows(starts, Place(2).within(workshop), [Taken(at(9), at(10), 2, 8)], 0) == []
    assert free_windows(starts, Place(3).within(workshop), [], 0) == []


def test_one_window_is_asked_about_whether_past_or_to_come() -> None:
    window = Window(at(9), at(10), 1, 7)
    assert is_free(window, [Taken(at(9), at(10), 2, 8), Taken(at(10), at(11), 1, 7)], 0)
    assert not is_free(window, [Taken(at(10), at(11), 1, 8)], 10)
    assert not is_free(window, [Taken(at(8), at(12))], 0)
