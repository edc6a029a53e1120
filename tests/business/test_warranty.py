"""In or out of warranty."""

from __future__ import annotations

from datetime import date

import pytest

from bot.business.warranty import add_months, months_between, warranty_of

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("bought", "mileage", "covered", "reason"),
    [
        (date(2024, 7, 10), 38_500, True, None),
        (date(2023, 3, 10), 38_500, True, None),
        (date(2023, 3, 9), 38_500, False, "months"),
        (date(2025, 1, 1), 100_000, True, None),
        (date(2025, 1, 1), 100_001, False, "mileage"),
        (date(2025, 1, 1), None, True, None),
    ],
)
def test_whichever_comes_first_ends_the_warranty(
    bought: date, mileage: int | None, covered: bool, reason: str | None
) -> None:
    found = warranty_of(bought, mileage, TODAY)
    assert found is not None
    assert (found.covered, found.reason) == (covered, reason)


def test_without_the_day_of_purchase_nothing_is_said() -> None:
    assert warranty_of(None, 10_000, TODAY) is None


def test_months_end_on_the_last_day_when_the_day_is_missing() -> None:
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_between(date(2024, 1, 31), date(2024, 2, 29)) == 1
    assert months_between(date(2024, 1, 31), date(2024, 2, 28)) == 0
