"""A day of the workshop as the calendar shows it, as a pure question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.business.appointments import Appointment, ServiceType
from bot.business.calendar import DayOverride, Hours, WorkingCalendar
from bot.business.day_plans import BY_BAY, BY_TECHNICIAN, Book, DayPlan, plan_of_day
from bot.business.means import Bay, Block, Technician, able, check_block
from bot.business.refusals import InvalidValue
from bot.business.symptoms import Symptoms
from bot.business.windows import Taken, Workshop, WorkshopRules

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 10)
OPEN = (Hours(time(9), time(12)), Hours(time(13), time(15)))
CALENDAR = WorkingCalendar(ZONE, dict.fromkeys(range(7), OPEN))
BAYS = (Bay(1, "一号"), Bay(2, "二号"))
TEAM = (Technician(7, "张", skills=("maintenance", "tyre")), Technician(8, "刘", skills=("maintenance",)))
BOOK = Book(
    CALENDAR,
    WorkshopRules(buffer_minutes=0),
    (ServiceType("maintenance", "保养", 60, None, None), ServiceType("tyre", "轮胎", 60, None, None)),
    BAYS,
    TEAM,
)


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


MORNING = at(8)


def visit(start: datetime, bay: int = 1, technician: int = 7, **other: Any) -> Appointment:
    values = {
        "number": "A-1", "status": "booked", "end": start + timedelta(hours=1), "service_type": "maintenance",
        "plate": "粤B12345", "surname": "", "title": "", "phone": "", "model": "", "mileage_km": None,
        "symptoms": Symptoms(), "loaner": "none", "reminder": None, "note": "", "channel": "web", "user": "u",
        "customer_id": None, "vehicle_id": None, "needs_check": False, "consent": False, "cancel_reason": None,
        "created_at": MORNING, "changed_at": MORNING,
    }  # fmt: skip
    return Appointment(start=start, bay_id=bay, technician_id=technician, **{**values, **other})


def plan(by: str = BY_BAY, now: datetime = MORNING, day: date = DAY, **more: Any) -> DayPlan:
    return plan_of_day(replace(BOOK, **more), day, by, now)


def drawn(shown: DayPlan, column: int = 0) -> list[str]:
    entries = shown.columns[column].entries
    return [f"{entry.kind} {entry.start:%H:%M}-{entry.end:%H:%M}" for entry in entries]


def test_gaps_lie_between_what_is_there_and_lunch_is_none() -> None:
    shown = plan(visits=[visit(at(10))])
    assert drawn(shown) == ["gap 09:00-10:00", "visit 10:00-11:00", "gap 11:00-12:00", "gap 13:00-15:00"]
    assert drawn(shown, 1) == ["gap 09:00-12:00", "gap 13:00-15:00"]


def test_a_visit_stands_with_its_bay_and_with_its_technician() -> None:
    visits = [visit(at(10), bay=2, technician=7)]
    assert [drawn(plan(visits=visits), number)[1:2] for number in (0, 1)] == [
        ["gap 13:00-15:00"],
        ["visit 10:00-11:00"],
    ]
    assert drawn(plan(BY_TECHNICIAN, visits=visits), 0)[1] == "visit 10:00-11:00"


@pytest.mark.parametrize(
    ("status", "where"), [("done", "column"), ("arrived", "column"), ("no_show", "missed"), ("cancelled", "cancelled")]
)
def test_what_did_not_come_takes_no_place(status: str, where: str) -> None:
    shown = plan(visits=[visit(at(10), status=status)])
    assert (shown.visits == 1) == (where == "column")
    assert (len(shown.missed), len(shown.cancelled)) == (int(where == "missed"), int(where == "cancelled"))


def test_only_what_is_left_of_today_is_free() -> None:
    shown = plan(now=at(11, 10) + timedelta(seconds=5))
    assert drawn(shown) == ["gap 11:11-12:00", "gap 13:00-15:00"]
    assert shown.free_minutes == 2 * (49 + 120)
    assert shown.room == {"maintenance": 4, "tyre": 2}
    assert plan(now=at(16)).room == {"maintenance": 0, "tyre": 0}


def test_the_scarcer_of_bays_and_technicians_counts() -> None:
    ill = Block(1, at(0), at(23), None, 8, "生病")
    assert plan().free_minutes == 2 * 300
    assert plan(blocks=[ill]).free_minutes == 300
    assert plan(blocks=[ill]).room == {"maintenance": 5, "tyre": 5}


@pytest.mark.parametrize(
    ("block", "room"),
    [
        (Block(1, at(9), at(12), 1, None, "维护"), {"maintenance": 7, "tyre": 5}),
        (Block(1, at(9), at(12), None, 7, "培训"), {"maintenance": 7, "tyre": 2}),
        (Block(1, at(9), at(12), None, None, "停电"), {"maintenance": 4, "tyre": 2}),
        (Block(1, at(9, day=9), at(9, day=12), None, None, "装修"), {"maintenance": 0, "tyre": 0}),
    ],
)
def test_what_is_closed_leaves_so_much_room(block: Block, room: dict[str, int]) -> None:
    assert plan(blocks=[block]).room == room


def test_room_counts_the_buffer_and_what_customers_are_choosing() -> None:
    assert plan(rules=WorkshopRules(buffer_minutes=10)).room["tyre"] == 3
    assert plan(held=[Taken(at(9), at(10), 1, 7)]).room["tyre"] == 4
    assert drawn(plan(held=[Taken(at(9), at(10), 1, 7)]))[0] == "hold 09:00-10:00"


def test_a_closure_of_days_is_drawn_as_the_days_part_of_it() -> None:
    long = Block(1, at(14, day=9), at(10), None, None, "装修")
    assert drawn(plan(blocks=[long])) == ["block 00:00-10:00", "gap 10:00-12:00", "gap 13:00-15:00"]
    assert drawn(plan(blocks=[Block(1, at(14, day=9), at(0), None, None, "")]))[0] == "gap 09:00-12:00"


def test_a_visit_under_a_closure_has_to_be_moved() -> None:
    ill = Block(1, at(10, 30), at(12), None, 7, "生病")
    entries = plan(visits=[visit(at(10)), visit(at(10), 2, 8)], blocks=[ill]).columns[0].entries
    assert [entry.disturbed for entry in entries if entry.kind == "visit"] == [True]
    other = plan(visits=[visit(at(10), 2, 8)], blocks=[ill]).columns[1].entries
    assert [entry.disturbed for entry in other if entry.kind == "visit"] == [False]


def test_a_closed_day_shows_its_kind_and_the_visits_that_are_left_on_it() -> None:
    closed = replace(CALENDAR, overrides={DAY: DayOverride("closed")})
    shown = plan(calendar=closed, visits=[visit(at(10))])
    assert (shown.kind, drawn(shown), shown.free_minutes) == ("closed", ["visit 10:00-11:00"], 0)
    assert set(shown.room.values()) == {0}


def test_a_bay_out_of_use_is_shown_only_while_something_is_on_it() -> None:
    bays = (Bay(1, "一号"), Bay(2, "旧工位", active=False))
    assert [column.name for column in plan(bays=bays).columns] == ["一号"]
    with_car = plan(bays=bays, visits=[visit(at(10), bay=2, technician=8)])
    assert drawn(with_car, 1) == ["visit 10:00-11:00"]
    assert with_car.columns[1].free_minutes == 0


def test_specialists_come_first_and_only_who_is_there() -> None:
    team = (*TEAM, Technician(9, "周", active=False, skills=("maintenance",)))
    assert able("maintenance", BAYS, team) == Workshop((1, 2), (8, 7))
    assert able("tyre", BAYS, team).technicians == (7,)


@pytest.mark.parametrize(
    ("block", "field"),
    [
        (Block(0, at(10), at(10), None, None, "培训"), "end"),
        (Block(0, at(10), at(11), None, None, "  "), "reason"),
        (Block(0, at(10), at(11), 9, None, "维护"), "bay_id"),
        (Block(0, at(10), at(11), None, 99, "培训"), "technician_id"),
    ],
)
def test_a_closure_that_means_nothing_is_named(block: Block, field: str) -> None:
    bays: Sequence[Bay] = BAYS
    with pytest.raises(InvalidValue) as refused:
        check_block(block, bays, TEAM)
    assert refused.value.field == field
