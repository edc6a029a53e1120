"""How satisfied a customer says they are, from 1 to 10, while they are asked for it (SERVICE_STANDARD §9)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.business.characters import simplify

LOWEST, HIGHEST = 1, 10
# A score up to here becomes a complaint.
LOW = 6

_FIGURES = dict(zip("零一二三四五六七八九十", range(11), strict=True)) | {"〇": 0, "两": 2}
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
_NUMBER = r"(\d{1,3}(?:\.\d)?|[零〇一二两三四五六七八九十])"
_GIVES = r"(?:我?(?:就|想|要|只|最多|顶多|勉强|可以)?(?:给|打|评|选)(?:你们?|您|个|了|他|她|师傅)*)"
_NO_SCORE = r"(?![\d个天次元块号月点小公万千百年])"
# "8分", "给8", "打个九分", "10/10"; a bare number only when nothing else is said.
_SCORED = re.compile(rf"{_GIVES}?{_NUMBER}(?:分|/10分?)(?![钟之])|{_GIVES}{_NUMBER}{_NO_SCORE}")
_BARE = re.compile(rf"{_NUMBER}")
_STARS = re.compile(r"([1-5一二两三四五])(?:颗|个)?星")
_FULL = re.compile(r"满分|(?:100|一百)分|十分满意|[百一]百分")
# Stronger words stand before the weaker ones that they contain.
_VERY = r"(?:非常|很|特别|超级?|极其?|太|十分|相当|挺|蛮)的?"
_WORDS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(rf"{_VERY}(?:不满意?|差劲?|糟糕?|烂|失望)|差评|垃圾|烂透|糟透|差到"), 1),
    (re.compile(r"不(?:太|怎么|大|是很|算)(?:满意|好|行|样)|有点?失望|不咋[地的样]"), 4),
    (re.compile(r"不满意?|不好|失望|差劲|差|糟糕|不爽|不行"), 3),
    (re.compile(r"一般+|凑合|马马虎虎|将就|普普通通|就那样|及格"), 6),
    (re.compile(r"还(?:行|可以|好|成)|过得去|中规中矩"), 7),
    (re.compile(rf"{_VERY}(?:满意|好|棒|赞|不错|周到|专业)|完美|五星|好评|点赞|没得说"), 10),
    (re.compile(r"满意|不错|可以的|好的很|靠谱|专业|周到|耐心|赞|棒"), 8),
)
# Words that leave nothing else to be said about it.
_FILLER = re.compile(
    r"(?:这次|本次|总体|整体|总的来说|服务|态度|体验|感觉|觉得|对|你们|您们?|的|了|吧|啊|呢|哈|呀|哦|我|就|都|还|给|个|是|打|分|"
    r"师傅|顾问|谢谢|感谢|辛苦|值|评|评价|不?满意度?|一般|挺|很|非常|特别|好|不错|般|[\W_])+"
)
# Something else is wanted: then the words are for the dialogue.
_ELSE = re.compile(
    r"预约|[想要]约|约个|进度|修好没|人工|转接|救援|拖车|取消|改时间|投诉|多少|(?<!不)怎么[办样走]|几点|哪里|在哪|什么时候|能不能|[吗?？]"
)
_ACKNOWLEDGES = re.compile(r"[\W_]*(?:好+的?|行|可以|嗯+|哦+|ok|收到|知道了)[\W_]*", re.IGNORECASE)


@dataclass(frozen=True)
class Rating:
    """A score from 1 to 10, and what was said besides ("" when nothing)."""

    score: int
    comment: str = ""

    @property
    def is_low(self) -> bool:
        """Whether it is to become a complaint."""
        return self.score <= LOW


def rating_in(text: str) -> Rating | None:
    """The rating that words give when one was asked for; None when they tell of something else.

    Of two scores the last one counts. Percentages and stars are turned into the scale of ten.
    """
    said = simplify(text).translate(_WIDE).strip()
    if not said or _ELSE.search(said) or _ACKNOWLEDGES.fullmatch(said):
        return None
    found = _scored(said) or _worded(said)
    if found is None:
        return None
    score, place = found
    rest = f"{said[: place[0]]} {said[place[1] :]}"
    return Rating(score, "" if _FILLER.fullmatch(rest) or not rest.strip() else text.strip())


def _scored(said: str) -> tuple[int, tuple[int, int]] | None:
    if (full := _FULL.search(said)) is not None:
        return HIGHEST, full.span()
    if (stars := _STARS.search(said)) is not None:
        return _on_scale(_value(stars[1]) * 2), stars.span()
    bare = _BARE.fullmatch(said.strip("。.!！~，, "))
    if bare is not None:
        return _checked(_value(bare[1]), (0, len(said)))
    scores = list(_SCORED.finditer(said))
    if not scores:
        return None
    last = scores[-1]
    number = next(value for value in last.groups() if value)
    return _checked(_value(number), last.span())


def _worded(said: str) -> tuple[int, tuple[int, int]] | None:
    for pattern, score in _WORDS:
        if (match := pattern.search(said)) is not None:
            return score, match.span()
    return None


def _value(number: str) -> float:
    return float(_FIGURES[number]) if number in _FIGURES else float(number)


def _checked(value: float, place: tuple[int, int]) -> tuple[int, tuple[int, int]] | None:
    """On the scale of ten; a number above is a percentage, one above a hundred none at all."""
    if value > 100:
        return None
    return _on_scale(value / 10 if value > HIGHEST else value), place


def _on_scale(value: float) -> int:
    return min(HIGHEST, max(LOWEST, int(value + 0.5)))
