"""Bare words of agreement, refusal and not knowing."""

from __future__ import annotations

import pytest

from bot.business.drafts.assent import assent_in, has_no_answer

YES = (
    "嗯 嗯嗯 中 要得 得 👌 👍🏻 好的谢谢 好嘞 行 OK ok啦 可以 没问题 没毛病 对的没错 對的 係 冇问题 行吧就这样 "
    "好的呢辛苦了 同意 要"
)
NO = "不了 唔使 算了吧 不用，谢谢 好的，不用了 没有 不要 不是 不对 免了 没必要 🙅 不同意 先不了 不用了哈 都不行"
NEITHER = "谢谢 你好 第一个 明天上午 不用提醒 代步车 不对,是后天 好像有点响 行驶证要带吗 对方全责 没电了 算下价格"


@pytest.mark.parametrize("text", YES.split())
def test_a_bare_yes_agrees_in_every_dialect(text: str) -> None:
    assert assent_in(text) is True


@pytest.mark.parametrize("text", NO.split())
def test_a_bare_no_declines_in_every_dialect(text: str) -> None:
    assert assent_in(text) is False


@pytest.mark.parametrize("text", NEITHER.split())
def test_a_message_that_says_more_is_left_to_the_intent(text: str) -> None:
    assert assent_in(text) is None


@pytest.mark.parametrize("text", ["不知道", "没注意过", "说不上来", "这个我不清楚啊", "记不清了", "唔知"])
def test_having_no_answer_is_heard(text: str) -> None:
    assert has_no_answer(text)


@pytest.mark.parametrize("text", ["一直响", "冷车的时候", "不知道为什么最近开车的时候总是听见底盘有响声"])
def test_an_answer_is_no_lack_of_one(text: str) -> None:
    assert not has_no_answer(text)
