"""Who asks where the promised help is, and which of an agent's words promise it."""

from __future__ import annotations

import pytest

from bot.business.help_words import asks_for_help_promised, promises_help


@pytest.mark.parametrize(
    "text",
    (
        "拖车咋还没来 师傅到哪了 拖车到哪了 救援怎么还没到 还要多久 多久能到 人呢 怎么还不来 "
        "不是说20分钟吗 拖车呢 师傅还没来啊 说好半小时到的 等了一个小时了 你们的车到哪了 "
        "师傅出发了没 拖车什么时候到 催一下师傅"
    ).split(),
)
def test_these_may_ask_after_help(text: str) -> None:
    assert asks_for_help_promised(text)


@pytest.mark.parametrize(
    "text",
    (
        "拖车怎么收费 我想约保养 修好没 师傅很好 车修到哪了 进度 谢谢师傅 你好 取车要等多久 "
        "快递到哪了 师傅什么时候下班 不用来了"
    ).split(),
)
def test_these_do_not(text: str) -> None:
    assert not asks_for_help_promised(text)


def test_an_agent_promises_help() -> None:
    assert promises_help(["您好", "我马上给您派拖车，20分钟到。"])
    assert not promises_help(["您好，发票已经补寄给您了。"])
