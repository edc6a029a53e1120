"""Mobile numbers and their last four digits."""

from __future__ import annotations

import pytest

from bot.business.phones import find_phone_tail, find_phones, normalise_phone


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "0086-13800138000",
        "８６13800138000",
        "幺三八零零幺三八零零零",
    ],
)
def test_a_mobile_number_is_its_eleven_digits(text: str) -> None:
    assert normalise_phone(text) == "13800138000"


@pytest.mark.parametrize(
    "text", ["1380013800", "138001380001", "12345678901", "LSVAM4187C2184847", "95555", ""]
)
def test_other_digits_are_no_mobile_number(text: str) -> None:
    assert find_phones(text) == []


def test_a_phone_is_found_in_a_sentence_with_its_place() -> None:
    text = "李女士，电话 139 0013 9002，明天三点"
    (phone,) = find_phones(text)
    assert (text[phone.start : phone.end], phone.value) == ("139 0013 9002", "13900139002")


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("尾号8001", "8001"),
        ("后四位是 8 0 0 1", "8001"),
        ("8001", "8001"),
        ("是八零零一", "8001"),
        ("手机尾号 8001 谢谢", "8001"),
    ],
)
def test_the_last_four_digits_are_found(text: str, tail: str) -> None:
    found = find_phone_tail(text)
    assert found is not None
    assert found.value == tail


@pytest.mark.parametrize("text", ["80012", "2019年的车", "跑了8001公里", "尾号", ""])
def test_other_figures_are_no_last_four_digits(text: str) -> None:
    assert find_phone_tail(text) is None
