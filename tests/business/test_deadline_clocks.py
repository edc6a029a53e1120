"""When people are warned that a promise falls due, and what its clock shows meanwhile."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.calendar import Hours, WorkingCalendar
from bot.business.deadlines import PROMISES, ClockFace, Deadline, clock_of, clock_of_all, deadline, warn_at

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
MONDAY_TO_FRIDAY = WorkingCalendar(ZONE, dict.fromkeys(range(5), USUAL))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("promise", "start", "warned", "due"),
    [
        # a quarter of the time, not less than two minutes; these run at night, at lunch, on Sundays, in holidays
        ("acknowledgement", "2026-03-10 09:00", "2026-03-10 09:08", "2026-03-10 09:10"),
        ("acknowledgement", "2026-03-10 23:55", "2026-03-11 00:03", "2026-03-11 00:05"),
        ("rescue_arranged", "2026-02-17 03:00", "2026-02-17 03:08", "2026-02-17 03:10"),
        ("rescue_news", "2026-03-15 12:15", "2026-03-15 12:38", "2026-03-15 12:45"),
        ("danger_handoff", "2026-03-10 02:00", "2026-03-10 02:08", "2026-03-10 02:10"),
        ("media_reaction", "2026-03-14 22:30", "2026-03-15 00:00", "2026-03-15 00:30"),
        # working time pauses at lunch, over night, over the weekend
        ("answer", "2026-03-10 09:00", "2026-03-10 09:45", "2026-03-10 10:00"),
        ("answer", "2026-03-10 11:10", "2026-03-10 11:55", "2026-03-10 13:10"),
        ("answer", "2026-03-10 12:20", "2026-03-10 13:45", "2026-03-10 14:00"),
        ("answer", "2026-03-10 16:40", "2026-03-10 17:25", "2026-03-11 08:40"),
        ("answer", "2026-03-10 22:00", "2026-03-11 09:15", "2026-03-11 09:30"),
        ("online_booking", "2026-03-13 16:00", "2026-03-16 08:30", "2026-03-16 09:00"),
        ("online_booking", "2026-03-13 17:00", "2026-03-16 09:30", "2026-03-16 10:00"),
        # a Saturday worked for Spring Festival, and the holiday week itself
        ("answer", "2026-02-13 17:00", "2026-02-14 08:45", "2026-02-14 09:00"),
        ("answer", "2026-02-14 17:00", "2026-02-24 08:45", "2026-02-24 09:00"),
        # calendar hours moved to the next opening: four hours of work before, when somebody can still do something
        ("complaint_1", "2026-03-10 10:00", "2026-03-10 15:00", "2026-03-11 10:00"),
        ("complaint_1", "2026-03-10 20:00", "2026-03-11 13:30", "2026-03-12 08:30"),
        ("complaint_1", "2026-03-13 16:00", "2026-03-13 16:00", "2026-03-16 08:30"),
        ("complaint_2", "2026-03-12 10:00", "2026-03-13 13:30", "2026-03-16 08:30"),
        ("complaint_3", "2026-02-13 10:00", "2026-02-14 13:30", "2026-02-24 08:30"),
    ],
)
def test_a_warning_comes_while_there_is_time_to_act(promise: str, start: str, warned: str, due: str) -> None:
    until = deadline(promise, at(start), MONDAY_TO_FRIDAY)
    assert until == at(due)
    assert warn_at(promise, at(start), until, MONDAY_TO_FRIDAY) == at(warned)


@pytest.mark.parametrize(
    ("given", "promised", "warned"),
    [
        ("2026-03-10 09:00", "2026-03-10 17:00", "2026-03-10 15:00"),
        ("2026-03-10 11:00", "2026-03-10 13:20", "2026-03-10 11:45"),
        ("2026-03-10 09:00", "2026-03-13 17:00", "2026-03-13 13:00"),
        ("2026-03-10 09:00", "2026-03-10 09:04", "2026-03-10 09:02"),
    ],
)
def test_a_time_promised_by_the_workshop_is_warned_of_in_working_hours(given: str, promised: str, warned: str) -> None:
    assert warn_at("promised_time", at(given), at(promised), MONDAY_TO_FRIDAY) == at(warned)


def test_there_is_no_warning_of_what_is_due_at_once() -> None:
    start = at("2026-03-10 09:00")
    for late in (start - timedelta(hours=1), start, start + timedelta(minutes=2)):
        assert warn_at("answer", start, late, MONDAY_TO_FRIDAY) is None


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("start", ["2026-03-10 12:20", "2026-03-13 17:29", "2026-02-14 17:30", "2026-02-18 03:00"])
def test_every_warning_lies_between_the_promise_and_its_end(promise: str, start: str) -> None:
    begun = at(start)
    until = deadline(promise, begun, MONDAY_TO_FRIDAY)
    warned = warn_at(promise, begun, until, MONDAY_TO_FRIDAY)
    assert warned is not None
    assert begun <= warned <= until - timedelta(minutes=2)


def test_a_dealer_without_hours_is_warned_by_calendar_time() -> None:
    never, start = WorkingCalendar(ZONE, {}), at("2026-03-10 09:00")
    assert warn_at("answer", start, start + timedelta(hours=1), never) == start + timedelta(minutes=45)


def running(warned: str | None, due: str, kind: str = "answer", key: int = 1) -> Deadline:
    begun = at("2026-03-10 09:00")
    return Deadline(key, kind, "handoff", 7, 3, begun, at(warned) if warned else None, at(due))


@pytest.mark.parametrize(
    ("now", "state", "minutes"),
    [
        ("2026-03-10 09:00:00", "ok", 60),
        ("2026-03-10 09:44:30", "ok", 16),
        ("2026-03-10 09:45:00", "warn", 15),
        ("2026-03-10 09:59:59", "warn", 1),
        ("2026-03-10 10:00:00", "late", 1),
        ("2026-03-10 10:08:40", "late", 8),
        ("2026-03-11 10:00:00", "late", 1440),
    ],
)
def test_a_clock_counts_down_warns_and_counts_on_when_late(now: str, state: str, minutes: int) -> None:
    shown = clock_of(running("2026-03-10 09:45", "2026-03-10 10:00"), at(now))
    assert (shown.state, shown.minutes) == (state, minutes)


def test_of_several_promises_the_clock_shows_the_one_due_first() -> None:
    several = [running(None, "2026-03-11 10:00", "complaint_1", 1), running(None, "2026-03-10 10:00", "answer", 2)]
    assert clock_of_all(several, at("2026-03-10 09:00")) == ClockFace("answer", "ok", 60, None, at("2026-03-10 10:00"))
    assert clock_of_all([], at("2026-03-10 09:00")) is None
