"""Finds words of fixed lists (car models) in folded text, the longest first, not inside another Latin word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.business.characters import fold

_LATIN = re.compile("[a-z0-9]")


@dataclass(frozen=True)
class Lookup:
    """The words of one list, folded."""

    words: frozenset[str]
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(len, self.words), default=0))

    @classmethod
    def of(cls, words: Iterable[str]) -> Lookup:
        """From words as they stand in the training data."""
        return cls(frozenset(fold(word.strip()) for word in words if word.strip()))

    def find(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where words of the list stand in the folded text."""
        at = 0
        while at < len(folded):
            end = next(
                (e for e in range(min(len(folded), at + self.longest), at, -1) if self._is_word(folded, at, e)), 0
            )
            if end:
                yield at, end
            at = end or at + 1

    def _is_word(self, folded: str, start: int, end: int) -> bool:
        if folded[start:end] not in self.words:
            return False
        glued_before = start > 0 and bool(_LATIN.match(folded[start]) and _LATIN.match(folded[start - 1]))
        glued_after = end < len(folded) and bool(
            _LATIN.match(folded[end - 1]) and folded[end].isalpha() and folded[end].isascii()
        )
        return not glued_before and not glued_after
