"""When each promise falls due, on which clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.calendar import Hours, WorkingCalendar
from bot.business.deadlines import PROMISES, Clock, Promise, deadline, is_overdue

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
MONDAY_TO_FRIDAY = WorkingCalendar(ZONE, dict.fromkeys(range(5), USUAL))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("promise", "start", "due"),
    [
        # calendar time runs at night, at lunch, on Sundays and in the holiday week
        ("acknowledgement", "2026-03-10 23:55", "2026-03-11 00:05"),
        ("rescue_arranged", "2026-02-17 03:00", "2026-02-17 03:10"),
        ("rescue_news", "2026-03-15 12:15", "2026-03-15 12:45"),
        ("media_reaction", "2026-03-14 22:30", "2026-03-15 00:30"),
        ("danger_handoff", "2026-03-10 02:00", "2026-03-10 02:10"),
        # working time pauses at lunch
        ("answer", "2026-03-10 09:00", "2026-03-10 10:00"),
        ("answer", "2026-03-10 11:30", "2026-03-10 13:30"),
        ("answer", "2026-03-10 12:20", "2026-03-10 14:00"),
        # over night, over the weekend
        ("answer", "2026-03-10 17:00", "2026-03-11 09:00"),
        ("answer", "2026-03-10 22:00", "2026-03-11 09:30"),
        ("online_booking", "2026-03-13 17:00", "2026-03-16 10:00"),
        ("ordinary_business", "2026-03-15 10:00", "2026-03-16 09:00"),
        # a Saturday worked for Spring Festival, and the holiday week itself
        ("answer", "2026-02-13 17:00", "2026-02-14 09:00"),
        ("answer", "2026-02-14 17:00", "2026-02-24 09:00"),
        # calendar hours, moved to the next opening when ending while closed
        ("complaint_1", "2026-03-10 10:00", "2026-03-11 10:00"),
        ("complaint_1", "2026-03-10 12:30", "2026-03-11 13:00"),
        ("complaint_1", "2026-03-10 20:00", "2026-03-12 08:30"),
        ("complaint_1", "2026-03-13 10:00", "2026-03-16 08:30"),
        ("complaint_2", "2026-03-12 10:00", "2026-03-16 08:30"),
        ("complaint_2", "2026-02-12 10:00", "2026-02-14 10:00"),
        ("complaint_3", "2026-03-10 09:00", "2026-03-13 09:00"),
        ("complaint_3", "2026-02-13 10:00", "2026-02-24 08:30"),
        ("follow_up", "2026-03-12 17:30", "2026-03-16 08:30"),
    ],
)
def test_each_promise_runs_on_its_own_clock(promise: str, start: str, due: str) -> None:
    assert deadline(promise, at(start), MONDAY_TO_FRIDAY) == at(due)


def test_the_dealer_may_set_other_numbers() -> None:
    faster = {**PROMISES, "answer": Promise(15, Clock.WORKING)}
    assert deadline("answer", at("2026-03-10 11:50"), MONDAY_TO_FRIDAY, faster) == at("2026-03-10 13:05")


@pytest.mark.parametrize(("minutes", "late"), [(-1, False), (0, False), (14, False), (15, True), (600, True)])
def test_a_promise_is_overdue_after_a_quarter_of_an_hour(minutes: int, late: bool) -> None:
    promised = at("2026-03-10 17:00")
    assert is_overdue(promised, promised + timedelta(minutes=minutes)) is late


def test_what_was_never_promised_is_never_overdue() -> None:
    assert not is_overdue(None, at("2026-03-10 17:00"))
