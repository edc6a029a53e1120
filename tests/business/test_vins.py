"""Vehicle identification numbers with their check digit."""

from __future__ import annotations

import pytest

from bot.business.vins import find_vins, is_valid_vin, vin_tail

VIN = "LSVAM4187C2184847"


def test_a_vin_is_found_in_a_sentence_in_any_case() -> None:
    (found,) = find_vins(f"车架号是{VIN.lower()}，麻烦查下")
    assert found.value == VIN


def test_a_wrong_check_digit_is_no_vin() -> None:
    assert not is_valid_vin("LSVAM4188C2184847")
    assert find_vins("LSVAM4188C2184847") == []


def test_x_is_the_check_digit_ten() -> None:
    assert is_valid_vin("1M8GDM9AXKP042788")


def test_letters_no_vin_has_and_other_lengths_are_refused() -> None:
    assert not is_valid_vin("LSVAO4187C2184847")
    assert find_vins(VIN + "1") == []
    assert find_vins(VIN[:-1]) == []


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("车架号后六位是a03921", "A03921"),
        ("还没上牌，车架号LFV2A21K8A3012345", "012345"),
        ("VIN 最后八位：G2045517", "045517"),
        ("车架号是多少", None),
        ("电话13800138001", None),
    ],
)
def test_the_end_of_a_chassis_number_is_taken_where_it_is_named(text: str, tail: str | None) -> None:
    assert vin_tail(text) == tail
