"""When a delay needs an apology, what is known of an order's cost, and until when its car is here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.work_orders import Cost, Proposal, WorkOrder, apology_for, cost_of, here_until, work_done

PROMISED = datetime(2026, 3, 10, 17, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_quarter_of_an_hour_late_asks_for_an_apology_with_the_reason() -> None:
    late = apology_for(PROMISED, "in_repair", "等配件", PROMISED + timedelta(minutes=40))
    assert late is not None
    assert (late.minutes_late, late.reason) == (40, "等配件")


def test_a_car_that_is_ready_or_on_time_needs_none() -> None:
    assert apology_for(PROMISED, "in_repair", None, PROMISED + timedelta(minutes=14)) is None
    assert apology_for(PROMISED, "ready", None, PROMISED + timedelta(hours=1)) is None
    assert apology_for(PROMISED, "delivered", None, PROMISED + timedelta(days=1)) is None
    assert apology_for(None, "in_repair", None, PROMISED) is None


def order_for(total_fen: int | None, work: str = "保养") -> WorkOrder:
    return WorkOrder(1, "WO-1", 1, 1, "in_repair", None, None, work, "", total_fen, None, PROMISED, PROMISED)


def item(name: str, price_fen: int | None, status: str) -> Proposal:
    return Proposal(1, 1, name, "", price_fen, 10, status, PROMISED)


@pytest.mark.parametrize(
    ("total_fen", "items", "cost"),
    [
        (None, [], Cost(None, 0)),
        (None, [("滤芯", 180_00, "agreed"), ("雨刮", 160_00, "agreed")], Cost(None, 340_00)),
        (None, [("滤芯", 180_00, "waiting"), ("雨刮", 160_00, "declined")], Cost(None, 0)),
        (None, [("滤芯", None, "agreed")], Cost(None, 0)),
        (660_00, [("滤芯", 180_00, "agreed")], Cost(660_00, 180_00)),
        (0, [], Cost(0, 0)),
    ],
)
def test_extras_alone_are_never_the_total(
    total_fen: int | None, items: list[tuple[str, int | None, str]], cost: Cost
) -> None:
    assert cost_of(order_for(total_fen), [item(*each) for each in items]) == cost


def test_the_work_done_names_the_extras_that_were_agreed_to_once() -> None:
    items = [item("更换滤芯", 1, "agreed"), item("更换雨刮", 1, "declined"), item("保养", 1, "agreed")]
    assert work_done(order_for(None), items) == "保养；更换滤芯"
    assert work_done(order_for(None, work=""), items) == "更换滤芯；保养"


@pytest.mark.parametrize(
    ("stage", "promised_at", "until"),
    [
        ("received", PROMISED, PROMISED),
        ("in_repair", PROMISED, PROMISED),
        ("awaiting_parts", PROMISED + timedelta(days=4), PROMISED + timedelta(days=4)),
        ("washing", PROMISED, PROMISED),
        ("received", None, None),
        ("in_repair", PROMISED - timedelta(hours=3), None),
        ("booked", PROMISED, None),
        ("ready", PROMISED, None),
        ("delivered", PROMISED, None),
        ("followed_up", PROMISED, None),
    ],
)
def test_a_car_is_here_until_the_promised_time_of_an_order_that_is_not_ready(
    stage: str, promised_at: datetime | None, until: datetime | None
) -> None:
    order = replace(order_for(None), stage=stage, promised_at=promised_at)
    assert here_until(order, PROMISED - timedelta(hours=2)) == until


def test_a_car_without_an_order_may_come_at_any_time() -> None:
    assert here_until(None, PROMISED) is None
