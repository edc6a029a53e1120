"""Further training sentences made from the written ones: other words around them, other words in their spans."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.dialogue.nlu.examples import FIELDS, Example, Span


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_OPENINGS = _words(
    "师傅您好,|你好,|请问|请教一下,|大师好,|各位师傅,|问一下|麻烦问下,|师傅,|我想问下,|请问大师,|老师好,|帮忙看下,|急急急,"
)
_CLOSINGS = _words(
    "是怎么回事|是什么原因|怎么回事|什么原因|怎么解决|怎么办|怎么处理|是哪里的问题|什么情况|咋回事|咋整|是什么问题|求解"
    "|求大神指点|有没有知道的|怎么维修|为什么|这是咋了|哪里坏了|应该检查哪里|请问要修哪里|还能开吗|修一下要多少钱|谢谢"
)
_THANKS = _words(
    "谢谢|,谢谢|，谢谢了|，谢谢各位|，求解|，求大神指点|，请指点|，急|，万分感谢|，求助|？谢谢！|，请师傅解答"
)
_OWNERS = _words("||我的|我的车是|我这台|家里的|朋友的|新|老款|刚买的")
_YEARS = _words("|||08款|09年|11年|12款|13年的|15款|2014款|2016年|2018款|19年|20款|2021款")
_SIZES = _words("||||1.4t|1.5l|1.6|1.8t|2.0|2.0t|2.4|手动挡|自动挡|自动|1.5t自动|手动")
_RUN = _words("|||跑了3万公里,|12万公里了,|开了5年,|刚过保,|最近|现在|今天|这两天|前几天开始")
_BREAKS = (",", ",", "，", " ", "", "。")
_LISTED = {"location": "part", "problem": "fault_words", "situation": "condition_words", "frequency": "frequency_words"}
Pieces = list[tuple[str, tuple[str, ...]]]


class Variants:
    """Makes variants; the same seed makes the same ones."""

    def __init__(
        self, examples: Sequence[Example], lists: Mapping[str, Sequence[str]], cars: Sequence[str], seed: int = 7
    ) -> None:
        self._random = random.Random(seed)
        self._cars = list(cars) or ["速腾"]
        self._pools: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for example in examples:
            for piece in _pieces(example):
                if piece[1]:
                    self._pools[piece[1]].append(piece[0])
        self._listed = {field: sorted(lists.get(name, ())) for field, name in _LISTED.items()}

    def of(self, example: Example) -> Example:
        """One variant of an example with spans."""
        pieces = [self._swapped(piece) for piece in _pieces(example)]
        pieces = self._breaks(pieces)
        if self._random.random() < 0.6:
            pieces.insert(0, (self._opening(), ()))
        if self._random.random() < 0.6:
            pieces = self._closed(pieces)
        return _example(pieces, example)

    def polite(self, example: Example) -> Example:
        """The same sentence with a greeting or a car before it, or thanks behind it; spans move along."""
        pieces = _pieces(example)
        if self._random.random() < 0.8:
            pieces.insert(0, (self._opening(), ()))
        if self._random.random() < 0.4:
            pieces.append((self._random.choice(_THANKS), ()))
        return _example(pieces, example)

    def _swapped(self, piece: tuple[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
        fields = piece[1]
        if not fields or self._random.random() > 0.4:
            return piece
        listed = self._listed.get(fields[0]) if len(fields) == 1 else None
        pool = listed if listed and self._random.random() < 0.35 else self._pools[fields]
        return self._random.choice(pool), fields

    def _opening(self) -> str:
        pick = self._random.choice
        greeting = pick(_OPENINGS) if self._random.random() < 0.4 else ""
        car = pick(_OWNERS) + pick(_YEARS) + pick(self._cars) + pick(_SIZES) if self._random.random() < 0.7 else ""
        return greeting + car + (pick(_BREAKS) if car else "") + pick(_RUN)

    def _closed(self, pieces: Pieces) -> Pieces:
        last, fields = pieces[-1]
        closing = self._random.choice(("", "", ",", "，", " ", "？", "请问")) + self._random.choice(_CLOSINGS)
        trimmed = (last.rstrip("。？?!！,， ") if not fields else last, fields)
        return [*pieces[:-1], trimmed, (closing, ())]

    def _breaks(self, pieces: Pieces) -> Pieces:
        """Now and then the commas become spaces or nothing, as people type."""
        if self._random.random() > 0.3:
            return pieces
        other = self._random.choice((" ", "", "，"))
        return [(words if fields else words.replace(",", other), fields) for words, fields in pieces]


def _pieces(example: Example) -> Pieces:
    """The text cut where spans begin and end, each piece with the fields it stands under; overlaps stay whole."""
    cuts: dict[Span, list[str]] = defaultdict(list)
    for name in FIELDS:
        for span in example.spans.get(name, ()):
            cuts[span].append(name)
    pieces: Pieces = []
    at = 0
    for (start, end), fields in sorted(cuts.items()):
        if start < at:
            continue
        pieces += [(example.text[at:start], ()), (example.text[start:end], tuple(fields))]
        at = end
    return [*pieces, (example.text[at:], ())]


def _example(pieces: Pieces, source: Example) -> Example:
    text, spans = "", defaultdict(list)
    for words, fields in pieces:
        for name in fields:
            spans[name].append((len(text), len(text) + len(words)))
        text += words
    return replace(source, text=text, spans=dict(spans))
