"""Joins time words into phrases: 下周三 + 下午 + 三点 + 以后 is one phrase, 周六或周日 are two that belong together."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from bot.business.times.days import within
from bot.business.times.pieces import Past, Piece
from bot.business.times.reading import Clock, DayRule, Moment, Part

Edge = Literal["after", "before"]
_GLUE = re.compile(r"[ 的在,，、(（]{0,2}(?:大概|大约|差不多|约|就|那天|当天|这天|我|上|是)?[ 的在,]{0,1}")
_RANGE = re.compile(r"[ ]?(?:到|至|-|~|—|–|--|——)[ ]?")
_SLACK = r"(?:钟|左右|多|来钟|前后|许|的|那天|那会儿|之间|\)|）){0,2}[ ]?"
_EITHER = re.compile(r"[ ,]?(?:或者?|还是|要么|要不|、|和|跟|/|以及|)[ 是]?")
_AFTER = re.compile(rf"{_SLACK}(?:以后|之后|过后|往后|开始|起|后(?!轮|备|视|刹|面|门|天|日|儿|保|年))")
_BEFORE = re.compile(r"(?:钟|左右|的){0,2}[ ]?(?:以前|之前|前(?!轮|后|保|杠|挡|面|台|大灯|刹|天|年|脸))")


@dataclass(frozen=True)
class Phrase:
    """One wished time, text[start:end]: a day, a part of it, an hour, or a moment counted from now."""

    start: int
    end: int
    day: DayRule | None = None
    kind: str = ""
    part: Part | None = None
    clock: Clock | None = None
    moment: Moment | None = None
    past: bool = False
    edge: Edge | None = None
    ranged: bool = False  # joined to the phrase before it by 到
    either: bool = False  # joined to the phrase before it by 或

    @property
    def has_hours(self) -> bool:
        """Whether it says more than the day."""
        return bool(self.part or self.clock)


def join_pieces(folded: str, pieces: list[Piece]) -> list[Phrase]:
    """The phrases the pieces make, in order, each with 以后 or 前 taken in."""
    phrases: list[Phrase] = []
    for piece in pieces:
        last = phrases[-1] if phrases else None
        gap = folded[last.end : piece.start] if last else ""
        joined = _joined(last, piece) if last and not last.edge and _GLUE.fullmatch(gap) else None
        if joined and last:
            phrases[-1] = _with_edge(folded, joined)
        else:
            ranged, either = (bool(last and link.fullmatch(gap)) for link in (_RANGE, _EITHER))
            fresh = replace(_filled(Phrase(piece.start, piece.end), piece), ranged=ranged, either=either)
            phrases.append(_with_edge(folded, fresh))
    return phrases


def _with_edge(folded: str, phrase: Phrase) -> Phrase:
    edges: tuple[tuple[Edge, re.Pattern[str]], ...] = (("after", _AFTER), ("before", _BEFORE))
    for edge, pattern in edges:
        match = pattern.match(folded, phrase.end)
        if match and not phrase.moment and not phrase.past:
            return replace(phrase, end=match.end(), edge=edge)
    return phrase


def _filled(phrase: Phrase, piece: Piece) -> Phrase:
    grown = replace(phrase, end=max(phrase.end, piece.end))
    value = piece.value
    if isinstance(value, Past):
        return replace(grown, past=True)
    if isinstance(value, Part):
        return replace(grown, part=value)
    if isinstance(value, Clock):
        return replace(grown, clock=value)
    if isinstance(value, Moment):
        return replace(grown, moment=value)
    return replace(grown, kind=value[0], day=value[1])


def _joined(phrase: Phrase, piece: Piece) -> Phrase | None:
    """`phrase` with the piece in a place still free and in speaking order (day, part, hour); None: a new phrase."""
    value = piece.value
    if phrase.past:
        return None if isinstance(value, Past | Moment | tuple) else _filled(phrase, piece)
    if isinstance(value, Past | Moment) or phrase.moment:
        return _joined_moment(phrase, piece)
    if isinstance(value, Part):
        return None if phrase.part or phrase.clock else _filled(phrase, piece)
    if isinstance(value, Clock):
        return None if phrase.clock else _filled(phrase, piece)
    return _joined_day(phrase, piece)


def _joined_moment(phrase: Phrase, piece: Piece) -> Phrase | None:
    """今天一会儿 and 今天现在 are moments; everything else stands alone."""
    if isinstance(piece.value, Moment) and phrase.kind == "today" and not phrase.has_hours:
        return _filled(phrase, piece)
    return None


_NARROWER = {
    ("feast", "day"),
    ("span", "week"),
    ("span", "day"),
    ("month", "day"),
    ("month", "week"),
    ("dated", "day"),
}


def _joined_day(phrase: Phrase, piece: Piece) -> Phrase | None:
    """国庆三号, 下个月周三, 今天周五(25号): a day that tells more of the one before."""
    if phrase.day is None or phrase.has_hours or not isinstance(piece.value, tuple):
        return None
    kinds = phrase.kind, piece.value[0]
    same = {"date", "day", "week", "today", "offset", "later", "dated", "feast", "morning"}
    if kinds in _NARROWER or (kinds[0] in ("offset", "later") and kinds[1] in ("week", "day", "date")):
        return replace(phrase, end=piece.end, day=within(phrase.day, piece.value[1]), kind="dated")
    if set(kinds) <= same and kinds[0] != kinds[1]:
        return replace(phrase, end=piece.end, day=within(phrase.day, piece.value[1]))
    return None
