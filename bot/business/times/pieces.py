"""Cuts the time words out of a message: days, parts of the day, hours, moments, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.business.times import dates, days, hours
from bot.business.times.reading import Clock, DayRule, Moment, Part


@dataclass(frozen=True)
class Past:
    """A time that is over (昨天); it takes the words around it along."""


Value = tuple[str, DayRule] | Part | Clock | Moment | Past


@dataclass(frozen=True)
class Piece:
    """One time word, text[start:end], and what it means."""

    start: int
    end: int
    value: Value


_N = r"(?:\d+|[零〇一二两三四五六七八九十廿]+)"
_PAST = re.compile(
    r"大?前(?:天|日|儿个?|晚)|[昨琴寻](?:天|日|儿个?|晚|夜|早|下午|上午|晚上)|上+个?(?:周|星期|礼拜)(?:[一二三四五六日天末])?"
    rf"|上+个?月(?:份)?(?:{_N}[号日]|初|底|中)?|(?:去|前|上)年(?:{_N}月份?)?(?:{_N}[号日])?|上回|上次|上一次|刚才|刚刚"
    rf"|{_N}个?半?(?:多)?(?:天|日|周|星期|礼拜|个月|年|小时|钟头|分钟)(?:以前|之前|前)|前(?:几|两|些)(?:天|日|个月|年|周)|头(?:几|两)天"
)
_SHORT = re.compile(r"(?P<day>今|明|听)(?P<part>朝早|(?<=听)朝|早上|早|晨|晚上|晚|夜|上午|下午|中午)")
_SHORT_PARTS = {
    "早": Part(8, 12, "上午"),
    "晚": Part(18, 24, "晚上"),
    "下": Part(12, 18, "下午"),
    "中": Part(11, 13, "中午"),
}
_Reader = tuple[re.Pattern[str], Callable[[re.Match[str]], Value | None]]


def find_pieces(folded: str) -> list[Piece]:
    """The time words of a folded message in their order; none overlap, the more specific wording wins."""
    found: list[Piece] = []
    rest = folded
    for match in _SHORT.finditer(rest):
        found += _day_and_part(match)
        rest = _without(rest, match)
    for pattern, meaning in _readers():
        for match in pattern.finditer(rest):
            value = meaning(match)
            if value is not None:
                found.append(Piece(match.start(), match.end(), value))
                rest = _without(rest, match)
    return sorted(found, key=lambda piece: piece.start)


def _readers() -> Iterator[_Reader]:
    yield _PAST, lambda _: Past()
    yield hours.COUNTED
    yield from dates.READERS
    yield from hours.READERS


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + "\0" * (match.end() - match.start()) + text[match.end() :]


def _day_and_part(match: re.Match[str]) -> tuple[Piece, Piece]:
    """明早, 今晚, 听朝: a day and a part of it in one word."""
    first = match["part"][0]
    part = _SHORT_PARTS.get(first, _SHORT_PARTS["早" if first in "朝晨上" else "晚"])
    today = match["day"] == "今"
    morning = match["part"] in ("早", "朝", "朝早", "晨") and not today
    rule = days.next_morning if morning else days.offset_rule(0 if today else 1)
    day = Piece(match.start("day"), match.end("day"), ("today" if today else "offset", rule))
    return day, Piece(match.start("part"), match.end("part"), part)
