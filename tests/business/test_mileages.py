"""How far a car has run, in every way people write it."""

from __future__ import annotations

import pytest

from bot.business.mileages import find_mileages, normalise_mileage


@pytest.mark.parametrize(
    ("text", "kilometres"),
    [
        ("3万5", 35_000),
        ("三万五千公里", 35_000),
        ("35000公里", 35_000),
        ("3.5w", 35_000),
        ("5w公里了", 50_000),
        ("12万km", 120_000),
        ("跑了八万多", 80_000),
        ("3万5千公里", 35_000),
        ("1万零5百公里", 10_500),
        ("公里数是42,300", 42_300),
        ("里程38500", 38_500),
        ("刚跑了800公里", 800),
        ("十二万三千公里", 123_000),
        ("六萬公里", 60_000),
        ("7千公里", 7_000),
        ("开了五万二", 52_000),
        ("保养 速腾 3万公里 钱女士", 30_000),
        ("朗逸 6万 余先生", 60_000),
    ],
)
def test_a_mileage_is_read_in_kilometres(text: str, kilometres: int) -> None:
    assert [found.value for found in find_mileages(text)] == [kilometres]


@pytest.mark.parametrize(
    "text",
    [
        "2019年的车",
        "预算15万",
        "花了3万5",
        "优惠1万块",
        "时速120公里",
        "每5000公里保养一次",
        "三年10万公里质保",
        "1.4T",
        "13800138000",
        "油耗8个",
        "还有200公里",
    ],
)
def test_years_prices_speeds_and_intervals_are_no_mileage(text: str) -> None:
    assert find_mileages(text) == []


def test_the_answer_to_the_question_may_be_a_bare_figure() -> None:
    assert normalise_mileage("35000") == 35_000
    assert normalise_mileage("不清楚") is None


def test_the_place_is_that_of_the_original_text() -> None:
    text = "速腾，跑了３万５千公里，想保养"
    (found,) = find_mileages(text)
    assert text[found.start : found.end] == "３万５千公里"
