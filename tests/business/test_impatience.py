"""Short words that answer nothing, and who leaves the choice to us."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.business.drafts.heard import Heard
from bot.business.drafts.impatience import aside_of, leaves_it
from tests.conftest import ZONE

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
SAID: dict[str | None, str] = {
    "utter_puzzled_here": "啥意思 什么意思 没看懂 你说啥 啊？ 听不懂 怎么填 不明白 要填什么",
    "utter_hurried_here": "快点啊 赶紧的 急 快点行吗 搞快点 很急 着急",
    "utter_tired_here": "别问了，直接约 到底要问几个问题啊 烦死了 问这么多 你好啰嗦 有完没完 太麻烦了",
    "utter_not_ready_here": "等一下 稍等 我看看 等下我找找车牌 我想想 我考虑一下 等等 我在开车 晚点说",
    None: (
        "好的 不用 粤B12399 明天 左前 第一个 没有 不知道 算了 没注意 有响声 快速路上 人工 "
        "等等，先别取消 着火了 是的 嗯 想改时间"
    ),
}


@pytest.mark.parametrize(("text", "meant"), [(text, meant) for meant, texts in SAID.items() for text in texts.split()])
def test_words_in_the_middle_of_a_task(text: str, meant: str | None) -> None:
    assert aside_of(Heard(text, "chitchat", NOW), "plate") == meant


@pytest.mark.parametrize("question", ["complaint_text", "cancel_reason", "opinion", None])
def test_a_story_is_taken_as_it_is(question: str | None) -> None:
    assert aside_of(Heard("烦死了", "chitchat", NOW), question) is None


def test_who_asks_for_a_person_is_not_put_off() -> None:
    assert aside_of(Heard("别问了转人工", "request_human", NOW), "plate") is None


@pytest.mark.parametrize("text", "随便 都行 你们看着办 随便吧 听你们的 你定 无所谓 你们安排 怎么都行".split())
def test_the_choice_is_left_to_us(text: str) -> None:
    assert leaves_it(text)


@pytest.mark.parametrize("text", "随便看看 行 可以 都不行 你们说说多少钱".split())
def test_the_choice_is_not_left_to_us(text: str) -> None:
    assert not leaves_it(text)
