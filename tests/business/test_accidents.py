"""Who is sent help at once, who is asked first, and what is said first to whom."""

from __future__ import annotations

import pytest

from bot.business.accidents import (
    advice_for,
    asks_after_crash,
    is_bare_failure,
    is_rolling,
    is_stuck_at_rest,
    may_choose,
    needs_help_now,
)


@pytest.mark.parametrize(
    "text",
    [
        "我车打不着火了 在家楼下",
        "车打不着火了，在家楼下，能不能明天派人来看看",
        "车没电了 在公司楼下",
        "追尾了 咋办",
        "我车被撞了 对方全责 保险怎么走",
        "在停车场",
    ],
)
def test_who_stands_safely_is_asked_first(text: str) -> None:
    assert may_choose(text)


@pytest.mark.parametrize(
    "text",
    [
        "在家楼下车打不着火 帮我叫拖车",
        "高速上追尾了",
        "在宝安大道跟人追尾了 车动不了",
        "刚才跟电动车撞了，人躺地上",
        "出车祸了",
        "停车场里车冒烟了",
        "孩子锁车里了 在停车场",
        "车在路边抛锚了",
    ],
)
def test_danger_and_a_call_for_help_are_not_asked_about(text: str) -> None:
    assert not may_choose(text)


@pytest.mark.parametrize("text", ["不用拖车 就问问", "不需要拖车了", "我没受伤", "明天派人来看看", "已经打着火了"])
def test_no_help_is_needed_now(text: str) -> None:
    assert not needs_help_now(text)


@pytest.mark.parametrize("text", ["追尾了", "被追尾了怎么办", "跟人剐蹭了", "我车被撞了 对方全责 保险怎么走"])
def test_an_accident_of_this_moment(text: str) -> None:
    assert asks_after_crash(text)


@pytest.mark.parametrize(
    "text",
    ["昨天被追尾了，后保险杠要修", "撞了想约钣金", "降挡像被追尾一样", "碰撞预警怎么关", "雨刮刮不干净", "差点追尾"],
)
def test_a_repair_or_a_story_is_no_accident_of_this_moment(text: str) -> None:
    assert not asks_after_crash(text)


def test_a_car_that_will_not_start_at_home_is_at_rest() -> None:
    assert is_stuck_at_rest("停车场打不着火了")
    assert not is_stuck_at_rest("停车场停一晚就打不着")
    assert not is_stuck_at_rest("高速上打不着火了")


def test_nothing_but_the_cry_that_the_brakes_have_failed() -> None:
    assert is_bare_failure("我刹车失灵了！！！")
    assert not is_bare_failure("刹车有点软")
    assert not is_bare_failure("刹车失灵的时候电子手刹能当紧急刹车用吗")


def test_a_rolling_car_is_slowed_down_before_anybody_gets_out() -> None:
    assert is_rolling("方向盘突然打不动了 我还在高架上开着")
    assert advice_for("刹车失灵了 还在高速上开着") == ["utter_slow_down_advice"]
    assert advice_for("刹车踩不动，拉手刹停住的，在路边") == ["utter_emergency_advice"]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("车冒烟了在高速上", ["utter_safety_advice_fire"]),
        ("高速上追尾了", ["utter_crash_advice"]),
        ("在高速上开锅了，停应急车道", ["utter_safety_advice_heat", "utter_emergency_advice"]),
        ("在小区打不着火 派人来搭电", ["utter_parked_advice"]),
        ("钥匙锁车里了", ["utter_locked_out_advice"]),
        ("车在路上抛锚了", ["utter_emergency_advice"]),
    ],
)
def test_people_leave_a_burning_car_before_any_triangle_is_put_up(text: str, advice: list[str]) -> None:
    assert advice_for(text) == advice
