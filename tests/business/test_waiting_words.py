"""What somebody means who writes while waiting for people."""

from __future__ import annotations

import pytest

from bot.business.waiting_words import asks_when, calls_off, wants_a_call


@pytest.mark.parametrize(
    "text",
    [
        "不用了 没事了",
        "不用拖车 就问问",
        "算了 取消吧",
        "不需要拖车了",
        "取消救援",
        "没事了 误报",
        "不等了",
        "不用人工了",
        "已经打着火了 不用来了",
        "我自己解决了",
        "别来了",
        "先不用了",
        "没事了 谢谢",
        "车已经好了",
        "车又能打着了 不用来了",
        "我不使啦 已经搞掂",
        "味儿没了 不用救援了 约个检查吧",
        "别派人了我没坏啊就是问问",
        "还要等4个？算了不用了",
    ],
)
def test_nobody_need_come_any_more(text: str) -> None:
    assert calls_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "人没事",
        "人都没事",
        "不用急",
        "不用谢",
        "不用拖车，能来搭电吗",
        "不",
        "没有",
        "不要挂电话",
        "位置发好了",
        "车停好了",
        "没事了吗",
        "别过来 危险",
        "取消明天的预约",
        "不约了",
        "算了我再等等",
        "还没好",
        "怎么还没来",
        "算了我要投诉",
        "不用等了 车还没打着",
        "要等多久？",
        "人没事 车动不了",
        "不等了 你们给我打电话吧",
        "",
    ],
)
def test_in_doubt_people_are_still_waited_for(text: str) -> None:
    assert not calls_off(text)


def test_the_model_is_believed_when_it_hears_giving_up_but_not_against_the_words() -> None:
    assert calls_off("我改主意啦", "abandon_task")
    assert not calls_off("取消明天的预约", "cancel_booking")
    assert not calls_off("我改主意啦", "deny")


@pytest.mark.parametrize(
    "text", ["多久到啊", "在吗", "人呢？？？", "还没来", "什么时候给我答复", "救命", "前面还有几个人"]
)
def test_somebody_wants_to_know_when(text: str) -> None:
    assert asks_when(text)


@pytest.mark.parametrize("text", ["好的 谢谢", "人没事", "我在A口", "13800001111"])
def test_what_asks_nothing_is_not_answered(text: str) -> None:
    assert not asks_when(text)


@pytest.mark.parametrize(
    "text",
    [
        "给我打个电话吧",
        "能给我回个电话吗",
        "直接打我手机",
        "打电话给我",
        "电话联系吧",
        "请回电",
        "让顾问给我来个电话",
        "怎么没人给我打电话",
    ],
)
def test_they_would_rather_be_called(text: str) -> None:
    assert wants_a_call(text)


@pytest.mark.parametrize(
    "text",
    [
        "别给我打电话",
        "不方便接电话，不要打电话给我",
        "我打电话没人接",
        "我昨天打过电话联系你们",
        "昨天有人打电话给我",
        "你们电话多少",
        "上次电话说好的价格",
        "给我打的折呢",
        "转人工",
        "给我打蜡多少钱",
        "回店里看看",
    ],
)
def test_nothing_is_said_about_a_call(text: str) -> None:
    assert not wants_a_call(text)
