"""What words say how satisfied somebody is, while they are asked for it."""

from __future__ import annotations

import pytest

from bot.business.ratings import Rating, rating_in

SCORES = [
    *[(text, 10) for text in ("10", "给你们10分", "10/10", "满分", "100分", "95分")],
    *[(text, 10) for text in ("五星", "非常满意", "很满意", "挺好的")],
    ("服务挺好的，谢谢师傅", 10),
    *[(text, 9) for text in ("9分", "打个九分", "8.5")],
    *[(text, 8) for text in ("8", "８分", "八分", "4星", "满意", "滿意", "不错")],
    *[(text, 7) for text in ("我给7分吧", "还行", "还可以吧")],
    *[(text, 6) for text in ("60分", "三颗星", "一般", "一般般吧", "勉强给6分")],
    *[(text, 4) for text in ("不太满意", "不怎么样")],
    *[(text, 3) for text in ("不满意", "打3分")],
    *[(text, 1) for text in ("0分", "零分", "很差", "太差了", "差评", "垃圾", "很不满意")],
]
ELSE = [
    *("", "好的", "好", "嗯嗯", "OK", "预约保养", "我的车修好没", "8分是什么意思？", "1380013800", "转人工"),
    *("明天上午来", "等10分钟", "满意度调查几点结束？", "粤B12345", "500"),
]


@pytest.mark.parametrize(("text", "score"), SCORES)
def test_numbers_stars_and_words_are_scores(text: str, score: int) -> None:
    rating = rating_in(text)
    assert rating is not None
    assert rating == Rating(score)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("8分，就是等得有点久", 8),
        ("整体不错，洗车没洗干净", 8),
        ("本来想给10分，等太久只能给6分了", 6),
        ("3分，空调还是不凉", 3),
    ],
)
def test_what_is_said_besides_is_the_comment(text: str, score: int) -> None:
    assert rating_in(text) == Rating(score, text)


@pytest.mark.parametrize("text", ELSE)
def test_an_acknowledgement_another_wish_or_number_is_no_score(text: str) -> None:
    assert rating_in(text) is None


def test_up_to_six_is_low() -> None:
    assert [Rating(score).is_low for score in (1, 6, 7, 10)] == [True, True, False, False]
