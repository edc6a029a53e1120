"""Thanks and farewells wait for no answer; anything more does."""

from __future__ import annotations

import pytest

from bot.business.closing_words import closes_talk


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "好的，谢谢您！",
        "嗯嗯 多谢",
        "知道了，辛苦了",
        "謝謝",
        "OK, thanks",
        "再见",
        "好的谢谢，再见~",
        "没事了，谢谢你们🙏",
        "感谢",
    ],
)
def test_thanks_and_farewells_close_a_talk(text: str) -> None:
    assert closes_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "好的",
        "可以",
        "在吗",
        "",
        "？",
        "1",
        "谢谢，那几点能好",
        "麻烦快一点",
        "辛苦了，车好了吗",
        "谢谢不用你们管了",
        "不谢",
        "再见之前帮我看看",
    ],
)
def test_whoever_says_more_waits_for_an_answer(text: str) -> None:
    assert not closes_talk(text)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text", ["嗯" * 5000 + "x", "辛苦了" * 19 + "x", "谢谢" * 29 + "x", "。" * 59 + "x", "好的" * 29 + "x"]
)
def test_long_and_odd_words_take_no_time(text: str) -> None:
    assert not closes_talk(text)
