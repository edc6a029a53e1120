"""What words say to an extra item: only clear ones decide, a question never does."""

from __future__ import annotations

import pytest

from bot.business.extra_words import AGREE, ASK, DECLINE, LATER, UNSURE, said_of_extra

SAID: dict[str | None, str] = {
    ASK: (
        "这个贵不贵啊,能便宜点不|能不能不换|为啥要换|不换会怎样|有必要换吗|还能撑多久|原厂的吗|"
        "什么牌子|能不能晚点再换|这么贵|太贵了吧|能打折吗|不换行不行|可以不换吗|必须换吗|啥意思|"
        "一定要做吗|能不能先不弄|便宜点就换|680有点贵|能便宜点我就换"
    ),
    AGREE: (
        "行吧换吧|那就做吧|换就换吧|弄吧|搞吧|换吧|行，一起换了|嗯 换了吧|刹车片换了吧|好的换吧|"
        "那换吧|安排吧|同意换|行 弄吧谢谢|给我换上|可以 做吧"
    ),
    DECLINE: (
        "先不弄了|不换了|算了不换|先不换|太贵了这次不做了|刹车片太贵了先不换了|下次再说|这次先不做|"
        "不想换|以后再换吧|不用换了|别换|回头再说吧|那算了不换了|别换了谢谢"
    ),
    UNSURE: "随便|你们看着办|听你们的|都行|你们定吧|无所谓|要不换了",
    LATER: "我考虑一下|我问下我老公|再想想|晚点告诉你|等我商量下|等一下",
    None: (
        "好的|不用|多少钱|一共要付多少|你们几点关门|我想约保养|修好了吗|谢谢|转人工|明天能取车吗|"
        "换机油多少钱|几点换好|换好了吗|我要投诉|弄好了吧|修好了吧|换好了|做完了吧|修完了|换了没|"
        "不需要 谢谢"
    ),
}


@pytest.mark.parametrize(
    ("text", "meant"), [(text, meant) for meant, texts in SAID.items() for text in texts.split("|")]
)
def test_words_on_an_extra_item(text: str, meant: str | None) -> None:
    assert said_of_extra(text) == meant


def test_a_long_story_decides_nothing() -> None:
    assert said_of_extra("换吧" * 30) is None
