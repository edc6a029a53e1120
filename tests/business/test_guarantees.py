"""Facts of a car beside the limits of the guarantee rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.guarantees import Visit, guarantee_facts, repairs_in
from bot.business.warranty import add_months

NOW = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()
JOLT = "变速箱顿挫检查"


def bill(months_ago: int, text: str = JOLT, kind: str = "repair", number: str = "", km: int | None = None) -> Visit:
    return Visit(number or f"H-{months_ago}", kind, text, add_months(TODAY, -months_ago), mileage_km=km)


def order(days_ago: float, days: float | None, text: str = JOLT, number: str = "WO-1") -> Visit:
    came = NOW - timedelta(days=days_ago)
    return Visit(number, None, text, came, None if days is None else came + timedelta(days=days))


def measured(*visits: Visit, bought: date | None = None) -> dict[str, tuple[int, str]]:
    found = guarantee_facts(bought or add_months(TODAY, -20), 30_000, visits, [], NOW)
    return {each.code: (each.value, each.closeness) for each in found.measures}


@pytest.mark.parametrize(
    ("bought", "km", "months", "free_repair", "guarantee"),
    [
        (date(2024, 7, 10), 38_500, 20, True, True),
        (date(2024, 3, 10), 38_500, 24, True, True),
        (date(2024, 3, 9), 38_500, 24, True, False),
        (date(2024, 7, 10), 50_001, 20, True, False),
        (date(2024, 7, 10), 60_001, 20, False, False),
        (date(2023, 3, 9), 10_000, 36, False, False),
        (date(2025, 3, 9), None, 12, True, True),
    ],
)
def test_months_and_kilometres_stand_beside_both_periods(
    bought: date, km: int | None, months: int, free_repair: bool, guarantee: bool
) -> None:
    found = guarantee_facts(bought, km, [], [], NOW)
    assert found.free_repair is not None
    assert found.guarantee is not None
    assert (found.months, found.free_repair.covered, found.guarantee.covered) == (months, free_repair, guarantee)


def test_without_the_day_of_purchase_only_counts_are_told() -> None:
    found = guarantee_facts(None, 30_000, [bill(1), bill(30)], [], NOW)
    assert (found.months, found.free_repair, found.guarantee) == (None, None, None)
    assert [(each.fault.name, each.times) for each in found.faults] == [("变速箱顿挫", 1)]


@pytest.mark.parametrize(
    ("visits", "times"),
    [
        ([bill(1), bill(3), bill(23)], 3),
        ([bill(1), bill(25)], 1),
        ([bill(1), bill(2, "发动机漏油维修")], 1),
        ([bill(1), bill(2, kind="accident")], 1),
        ([bill(1), bill(2, kind="recall")], 1),
        ([bill(1), bill(2, kind="maintenance")], 2),
        ([bill(1), order(5, 2)], 2),
        ([order(5, 2), Visit("H-9", "repair", JOLT, (NOW - timedelta(days=3)).date())], 1),
        ([order(5, 2), Visit("H-9", "repair", "空调异响维修", (NOW - timedelta(days=3)).date())], 1),
        ([bill(1, "变速箱维修"), bill(2)], 1),
    ],
)
def test_repairs_of_the_same_fault_within_24_months_are_counted(visits: list[Visit], times: int) -> None:
    found = guarantee_facts(date(2023, 1, 1), 30_000, visits, [], NOW)
    assert {each.fault.name: each.times for each in found.faults}["变速箱顿挫"] == times


def test_a_repair_that_names_the_part_alone_is_told_apart() -> None:
    found = guarantee_facts(None, None, [bill(1), bill(2, "变速箱维修")], [], NOW)
    assert [(each.times, each.unclear) for each in found.faults] == [(1, 1)]


def test_the_fault_of_this_complaint_comes_first_and_complaints_are_counted() -> None:
    visits = [bill(1), bill(2), bill(1, "空调异响维修", number="H-7")]
    told = ["空调异响三次了", "洗车没洗干净"]
    found = guarantee_facts(None, None, visits, told, NOW, about="空调异响三次了")
    assert [(each.fault.name, each.times, each.complaints) for each in found.faults] == [
        ("空调异响", 1, 1),
        ("变速箱顿挫", 2, 0),
    ]


def test_a_fault_that_was_complained_of_and_never_repaired_is_told_with_none() -> None:
    found = guarantee_facts(None, None, [], ["方向盘异响"], NOW, about="方向盘异响")
    assert [(each.fault.name, each.times, each.complaints) for each in found.faults] == [("转向异响", 0, 1)]


@pytest.mark.parametrize(
    ("count", "closeness"), [(0, "below"), (2, "below"), (3, "near"), (4, "near"), (5, "past"), (6, "past")]
)
def test_the_same_fault_is_past_its_limit_after_the_fourth_repair(count: int, closeness: str) -> None:
    visits = [bill(months + 1) for months in range(count)]
    assert measured(*visits)["same_fault"] == (count, closeness)


@pytest.mark.parametrize(("count", "closeness"), [(0, "below"), (1, "near"), (2, "past")])
def test_serious_faults_reach_their_limit_with_the_second_repair(count: int, closeness: str) -> None:
    visits = [bill(months + 1, "刹车失灵维修") for months in range(count)]
    assert measured(*visits)["serious_fault"] == (count, closeness)


@pytest.mark.parametrize(
    ("days", "counted", "closeness"),
    [(0.1, 1, "below"), (1, 1, "below"), (1.01, 2, "below"), (23, 23, "near"), (30, 30, "near"), (30.5, 31, "past")],
)
def test_every_day_begun_in_the_workshop_counts(days: float, counted: int, closeness: str) -> None:
    assert measured(order(60, days))["days_in_shop"] == (counted, closeness)


def test_days_add_up_and_a_car_still_there_counts_until_now() -> None:
    found = measured(order(60, 10), order(6.5, None, number="WO-2"), bill(3))
    assert found["days_in_shop"] == (10 + 7 + 1, "below")
    assert found["this_stay"] == (7, "past")


def test_what_came_after_the_period_or_its_kilometres_does_not_count_for_its_limits() -> None:
    bought = add_months(TODAY, -30)
    assert measured(bill(1), bill(7), bill(8, km=50_001), bought=bought)["same_fault"] == (1, "below")


@pytest.mark.parametrize(
    ("days_after", "km", "text", "early"),
    [
        (60, 2_900, "发动机漏油维修", True),
        (61, 2_900, "发动机漏油维修", False),
        (10, 3_001, "发动机漏油维修", False),
        (10, None, "动力电池亏电检修", True),
        (10, 500, "空调异响维修", False),
    ],
)
def test_main_parts_of_the_drive_are_told_when_they_fail_early(
    days_after: int, km: int | None, text: str, early: bool
) -> None:
    bought = add_months(TODAY, -6)
    visit = Visit("H-1", "repair", text, bought + timedelta(days=days_after), mileage_km=km)
    assert ("early_part" in measured(visit, bought=bought)) is early


@pytest.mark.parametrize(
    ("kind", "text", "counts"),
    [
        ("repair", "常规处理", True),
        ("maintenance", "更换机油和机油滤清器", False),
        ("maintenance", "保养，发动机漏油处理", True),
        ("accident", "变速箱漏油维修", False),
        (None, "空调异响检查与维修", True),
        (None, "60000公里保养", False),
    ],
)
def test_only_visits_for_a_fault_are_repairs(kind: str | None, text: str, counts: bool) -> None:
    assert bool(repairs_in([Visit("H-1", kind, text, TODAY)], NOW)) is counts
