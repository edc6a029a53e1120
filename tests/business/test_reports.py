"""Days, tallies and waiting times of the manager's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.business.calendar import Hours, WorkingCalendar
from bot.business.reports import (
    Tally,
    average,
    days_until,
    median,
    percentile,
    reason_group,
    share_of,
    spread_of,
    working_minutes,
)

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
OPEN = WorkingCalendar(ZONE, dict.fromkeys(range(6), USUAL))


def at(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("values", "middle", "slow"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([1, 2], 1.5, 2),
        ([3, 1, 2], 2, 3),
        (range(1, 11), 5.5, 9),
        (range(1, 101), 50.5, 90),
        ([0, 0, 0, 60], 0, 60),
    ],
)
def test_median_and_ninetieth_percentile(values: Sequence[float], middle: float | None, slow: float | None) -> None:
    assert (median(values), percentile(values, 0.9)) == (middle, slow)
    assert spread_of(values).count == len(values)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("11-20 10:00", "11-20 10:45", 45),
        ("11-20 11:50", "11-20 13:10", 20),  # the lunch break
        ("11-20 17:00", "11-21 09:00", 60),  # the night
        ("11-21 17:00", "11-23 09:00", 60),  # a Saturday to the Monday
        ("11-20 20:00", "11-20 22:00", 0),
        ("11-20 10:45", "11-20 10:00", 0),
        ("09-24 17:00", "09-28 09:00", 60),  # Mid-Autumn Festival
        ("10-10 09:00", "10-10 10:00", 60),  # a make-up workday
    ],
)
def test_working_minutes_count_opening_hours_only(start: str, end: str, minutes: int) -> None:
    assert working_minutes(OPEN, at(start), at(end)) == minutes


def test_a_report_looks_back_seven_days() -> None:
    bounds = days_until(date(2026, 11, 20), ZONE)
    assert (bounds[0], bounds[-1], len(bounds)) == (at("11-14 00:00"), at("11-21 00:00"), 8)


def test_a_tally_adds_up_days_and_keys() -> None:
    tally = Tally({(6, "web"): 3, (6, "wechat"): 1, (5, "wechat"): 9})
    assert [tally.on({6}), tally.on({6}, "web"), tally.on({5, 6}, "wechat"), tally.on(())] == [4, 3, 10, 0]
    assert tally.kinds() == ("wechat", "web")


@pytest.mark.parametrize(
    ("reason", "group"),
    [("wants_person", "wants_person"), ("rescue R-1001", "rescue"), ("", "other"), ("<script>", "other")],
)
def test_reasons_are_grouped(reason: str, group: str) -> None:
    assert reason_group(reason) == group


def test_shares_and_means_of_nothing_are_none() -> None:
    assert [share_of(0, 0), share_of(2, 3), share_of(0, 5)] == [None, 67, 0]
    assert [average({}), average({10: 1, 7: 1})] == [None, 8.5]
