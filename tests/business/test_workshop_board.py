"""The workshop board's rules: which step follows, and when a work order has gone too long without news."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.calendar import Hours, WorkingCalendar
from bot.business.refusals import ConsentWaits, PromiseMissing, WrongStep
from bot.business.stages import CODES
from bot.business.work_orders import Proposal, WorkOrder
from bot.business.workshop_board import COLUMNS, MOVES, check_move, freshness, next_steps

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 3, 10, 9, tzinfo=ZONE)
HOURS = WorkingCalendar(
    ZONE, dict.fromkeys(range(7), (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30))))
)
ORDER = WorkOrder(
    id=1, number="WO-1", vehicle_id=1, customer_id=1, stage="in_repair", promised_at=None, reason=None, work="保养",
    note="", total_fen=None, mileage_km=None, opened_at=TUESDAY, changed_at=TUESDAY,
)  # fmt: skip
PADS = Proposal(1, 1, "刹车片", "磨损", 680_00, 40, "waiting", TUESDAY)


def at(clock: str, day: int = 10) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 3, day, int(hour), int(minute), tzinfo=ZONE)


def test_every_stage_has_its_place_on_the_board_once() -> None:
    placed = [code for column in COLUMNS for code in column]
    assert sorted(placed) == sorted(CODES)
    assert set(MOVES) == set(CODES)
    assert {after for steps in MOVES.values() for after in steps} <= set(CODES)


@pytest.mark.parametrize(("before", "steps"), MOVES.items())
def test_a_step_that_does_not_follow_is_refused(before: str, steps: tuple[str, ...]) -> None:
    order = replace(ORDER, stage=before)
    for after in CODES:
        if after in steps and after != "awaiting_consent":
            check_move(order, after, (), TUESDAY)
        else:
            with pytest.raises(WrongStep):
                check_move(order, after, (), TUESDAY)


def test_a_wrong_step_names_the_stages_as_people_read_them() -> None:
    with pytest.raises(WrongStep) as refused:
        check_move(replace(ORDER, stage="received"), "ready", (), TUESDAY)
    assert (refused.value.before, refused.value.after) == ("已接车", "待交车")


@pytest.mark.parametrize("after", ["inspection", "washing", "ready"])
def test_the_repair_does_not_end_while_the_customer_decides(after: str) -> None:
    with pytest.raises(ConsentWaits) as refused:
        check_move(ORDER, after, (PADS,), TUESDAY)
    assert refused.value.item == "刹车片"
    check_move(ORDER, after, (replace(PADS, status="declined"),), TUESDAY)


def test_consent_is_waited_for_only_when_something_was_proposed() -> None:
    check_move(ORDER, "awaiting_consent", (PADS,), TUESDAY)
    assert "awaiting_consent" in next_steps(ORDER, (PADS,))
    assert "awaiting_consent" not in next_steps(ORDER, ())


@pytest.mark.parametrize("after", ["in_repair", "awaiting_parts"])
def test_a_repair_and_parts_need_a_promised_time(after: str) -> None:
    with pytest.raises(PromiseMissing):
        check_move(replace(ORDER, stage="quoted"), after, (), None)


@pytest.mark.parametrize(
    ("stage", "news", "now", "state"),
    [
        ("received", "9:00", "9:05", "ok"),
        ("received", "9:00", "9:06", "late"),
        ("precheck", "9:00", "9:15", "ok"),
        ("precheck", "9:00", "9:16", "late"),
        ("quoted", "9:00", "9:30", "ok"),
        ("quoted", "9:00", "9:31", "late"),
        ("precheck", "11:50", "12:40", "ok"),  # nobody works over lunch
        ("precheck", "11:50", "13:06", "late"),
        ("ready", "9:00", "17:00", "ok"),
        ("booked", "9:00", "17:00", "ok"),
    ],
)
def test_a_stage_without_news_for_its_norm_is_marked(stage: str, news: str, now: str, state: str) -> None:
    assert freshness(replace(ORDER, stage=stage), at(news), at(now), HOURS).state == state


@pytest.mark.parametrize(
    ("promised", "now", "state", "why"),
    [
        ("17:00", "10:00", "ok", ""),
        ("17:00", "16:29", "ok", ""),
        ("17:00", "16:30", "warn", "promise_soon"),
        ("17:00", "17:14", "warn", "promise_soon"),
        ("17:00", "17:15", "late", "promise"),
        (None, "10:00", "late", "no_promise"),
    ],
)
def test_a_repair_is_measured_by_its_promise(promised: str | None, now: str, state: str, why: str) -> None:
    order = replace(ORDER, promised_at=at(promised) if promised else None)
    found = freshness(order, at("9:00"), at(now), HOURS)
    assert (found.state, found.why) == (state, why)


def test_a_customer_who_does_not_answer_is_called_after_half_an_hour() -> None:
    order = replace(ORDER, stage="awaiting_consent", promised_at=at("17:00"))
    assert freshness(order, at("9:00"), at("9:30"), HOURS, asked_at=at("9:00")).state == "ok"
    waited = freshness(order, at("9:00"), at("9:31"), HOURS, asked_at=at("9:00"))
    assert (waited.state, waited.why) == ("warn", "consent")


def test_a_car_handed_over_is_followed_up_within_three_days() -> None:
    order = replace(ORDER, stage="delivered", delivered_at=TUESDAY)
    assert freshness(order, TUESDAY, TUESDAY + timedelta(days=2), HOURS).state == "ok"
    late = freshness(order, TUESDAY, TUESDAY + timedelta(days=3, minutes=1), HOURS)
    assert (late.state, late.why) == ("late", "follow_up")


def test_the_worst_of_several_reasons_is_shown() -> None:
    order = replace(ORDER, stage="precheck", promised_at=at("9:10"))
    assert freshness(order, at("9:00"), at("9:20"), HOURS).why == "norm"


def test_parts_that_did_not_arrive_on_their_day_are_late() -> None:
    order = replace(ORDER, stage="awaiting_parts", promised_at=at("17:00", 12), parts_at=at("10:00", 11))
    assert freshness(order, at("9:00"), at("9:30", 11), HOURS).state == "ok"
    assert freshness(order, at("9:00"), at("10:01", 11), HOURS).why == "parts"
