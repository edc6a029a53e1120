"""The second net for dangerous faults and for people in danger now."""

from __future__ import annotations

import pytest

from bot.business.emergencies import asks_price_of_help, is_locked_out
from bot.business.safety import asks_to_open_cap, danger_in, is_emergency


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("踩刹车没反应,踏板一下到底", "brakes"),
        ("最近刹车特别软", "brakes"),
        ("坡上手刹拉了还刹不住", "brakes"),
        ("方向盘突然变得很重", "steering"),
        ("车子一直往右跑偏", "steering"),
        ("机舱里冒白烟", "fire"),
        ("开一会就有一股焦糊味", "fire"),
        ("油箱底下漏汽油", "fuel"),
        ("右前轮胎鼓包了", "tyre"),
        ("刚才爆胎了", "tyre"),
        ("水温报警还开锅了", "heat"),
        ("跑着跑着突然熄火", "stall"),
        ("高速上突然失去动力", "stall"),
        ("动力电池报警说绝缘故障", "battery"),
        ("安全气囊灯一直亮着", "airbag"),
        ("时速100公里方向盘抖得厉害", "shake"),
        ("左前半轴断了", "other"),
    ],
)
def test_a_dangerous_fault_is_found_with_its_advice(text: str, family: str) -> None:
    assert danger_in(text) == family


@pytest.mark.parametrize(
    "text",
    [
        "刹车片多少钱一副",
        "刹车油多久换一次",
        "怎么预防爆胎",
        "没有冒烟,就是声音大",
        "如果刹车失灵该怎么自救",
        "空调不凉",
        "冬天排气管冒白烟正常吗",
        "怠速的时候偶尔熄火",
        "等红灯自动熄火,是不是自动启停",
        "早上要打两次才着火",
        "踩刹车按一键启动没反应",
        "雨刮器异响",
        "想预约换轮胎",
        "",
    ],
)
def test_questions_upkeep_and_denials_are_no_danger(text: str) -> None:
    assert danger_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "我车在高速上抛锚了",
        "车子突然熄火停在隧道里了",
        "我被困在应急车道上,快派拖车",
        "救命,发动机着火了",
        "刚刚出车祸了",
        "孩子被锁在车里了",
        "半路打不着车了,需要救援",
        "车掉沟里了",
    ],
)
def test_somebody_stranded_or_in_danger_now_is_an_emergency(text: str) -> None:
    assert is_emergency(text)


@pytest.mark.parametrize(
    "text",
    [
        "道路救援怎么收费",
        "上个月在高速上抛锚过一次",
        "如果半路抛锚你们管吗",
        "保险包含拖车吗",
        "最近刹车有点软,想预约检查",
        "打不着火,是不是电瓶亏电",
        "我撞了一下想预约钣金喷漆",
        "今天天气不错",
    ],
)
def test_asking_about_rescue_or_telling_of_the_past_is_none(text: str) -> None:
    assert not is_emergency(text)


@pytest.mark.parametrize(
    ("text", "locked_out"),
    [
        ("钥匙锁车里了", True),
        ("钥匙落后备箱里了", True),
        ("我把自己锁在车外面了", True),
        ("孩子锁车里了", True),
        ("在高速应急车道，钥匙锁车里了", False),
        ("钥匙拔不出来", False),
        ("中控锁坏了", False),
    ],
)
def test_a_key_locked_in_is_told_from_danger(text: str, locked_out: bool) -> None:
    assert is_locked_out(text) is locked_out


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("水箱盖能不能拧开加水", True),
        ("我现在能打开水箱盖加水不", True),
        ("防冻液壶的盖子可以打开吗", True),
        ("你倒是回答我能不能开盖子啊", True),
        ("引擎盖怎么打开", False),
        ("油箱盖打不开", False),
        ("玻璃水壶盖怎么打开", False),
        ("机油盖怎么拧开", False),
        ("能不能开车门", False),
    ],
)
def test_a_cap_under_pressure_is_told_from_others(text: str, opens: bool) -> None:
    assert asks_to_open_cap(text) is opens


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("拖车多少钱啊", True),
        ("拖车收不收费", True),
        ("问你拖车收不收费！答非所问", True),
        ("免费救援有吗", True),
        ("车在高速上抛锚了，拖车多少钱都行快来", False),
        ("保养多少钱", False),
    ],
)
def test_the_price_of_help_is_asked_without_danger(text: str, asks: bool) -> None:
    assert asks_price_of_help(text) is asks
