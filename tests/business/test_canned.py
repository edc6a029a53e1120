"""How replies that are ready to send are filled in."""

from __future__ import annotations

import pytest

from bot.business.canned import filled, unfilled

KNOWN = {"address": "李女士", "plate": "粤B8K321", "agent": "林顾问", "time": None, "model": ""}


@pytest.mark.parametrize(
    ("text", "ready"),
    [
        ("{address}，{plate}已经完工。", "李女士，粤B8K321已经完工。"),
        ("{称呼}，{车牌}已经完工。", "李女士，粤B8K321已经完工。"),
        ("{ address }您好", "李女士您好"),
        ("{{address}}您好", "李女士您好"),
        ("最晚{time}答复", "最晚【时间】答复"),
        ("您的{model}", "您的【车型】"),
        ("{优惠}给您", "【优惠】给您"),
        ("没有变量", "没有变量"),
        ("只有{半个", "只有（半个"),
        ("{}空的", "（）空的"),
        ("}{", "）（"),
    ],
)
def test_what_is_known_is_filled_in_and_the_rest_stays_visible(text: str, ready: str) -> None:
    assert filled(text, KNOWN) == ready


def test_a_value_is_never_read_as_a_variable() -> None:
    assert filled("{address}您好", {"address": "{plate}<b>", "plate": "粤B8K321"}) == "（plate）<b>您好"


def test_what_is_still_to_be_filled_in_is_named_once() -> None:
    assert unfilled("【时间】前到【车牌】，【时间】") == ["时间", "车牌"]
    assert unfilled("【注意】请带行驶证") == []
