"""Which maintenance is due."""

from __future__ import annotations

from datetime import date

import pytest

from bot.business.maintenance import ServiceRecord, drive_of, due_items, items_in, main_interval

TODAY = date(2026, 3, 10)
BOUGHT = date(2024, 7, 10)


def due(model: str, mileage: int | None, bought: date | None, *history: ServiceRecord) -> dict[str, str]:
    return {item.code: item.reason for item in due_items(model, mileage, bought, history, TODAY)}


@pytest.mark.parametrize(
    ("model", "drive", "km", "months"),
    [
        ("速腾", "petrol", 10_000, 12),
        ("速腾 1.4TSI", "turbo", 10_000, 12),
        ("途观L", "turbo", 10_000, 12),
        ("迈腾 GTE", "hybrid", 10_000, 12),
        ("ID.4", "electric", 20_000, 24),
        ("ID.4 CROZZ", "electric", 20_000, 24),
        ("id3", "electric", 20_000, 24),
        ("", "petrol", 10_000, 12),
        (None, "petrol", 10_000, 12),
    ],
)
def test_the_interval_follows_the_drive(model: str | None, drive: str, km: int, months: int) -> None:
    assert drive_of(model) == drive
    assert (main_interval(model).km, main_interval(model).months) == (km, months)


def test_a_car_freshly_served_needs_nothing() -> None:
    everything = frozenset({"service", "air_filter", "cabin_filter", "brake_fluid", "spark_plugs", "gearbox_oil"})
    assert due("速腾", 38_500, BOUGHT, ServiceRecord(date(2026, 2, 10), 37_900, everything)) == {}


def test_ten_thousand_kilometres_after_the_last_oil_it_is_due_by_mileage() -> None:
    done = frozenset({"service", "air_filter", "cabin_filter", "brake_fluid"})
    assert due("速腾", 38_500, BOUGHT, ServiceRecord(date(2026, 2, 1), 28_400, done)) == {"service": "mileage"}


def test_a_year_after_the_last_oil_it_is_due_by_time_whatever_the_mileage() -> None:
    done = frozenset({"service", "air_filter", "cabin_filter", "brake_fluid"})
    found = due("速腾", 28_900, BOUGHT, ServiceRecord(date(2025, 3, 1), 28_400, done))
    assert found == {"service": "months", "cabin_filter": "months"}


def test_never_done_counts_from_the_purchase() -> None:
    assert due("ID.4", 5_000, date(2024, 3, 20)) == {
        "service": "months",
        "cabin_filter": "months",
        "brake_fluid": "months",
    }


def test_turbo_engines_need_plugs_earlier() -> None:
    assert "spark_plugs" in due("途观L", 30_000, None)
    assert "spark_plugs" not in due("宝来", 30_000, None)


def test_nothing_known_means_nothing_recommended() -> None:
    assert due("速腾", None, None) == {}


def test_a_line_of_history_names_its_items() -> None:
    assert items_in("更换机油、机滤,空调滤芯") == {"service", "cabin_filter"}
    assert items_in("brake_fluid") == {"brake_fluid"}
    assert items_in("更换雨刮片") == frozenset()
