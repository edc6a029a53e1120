"""Phrases the training spans are made of, and word lists, found again in text: what they are and how sure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from bot.dialogue.nlu.examples import FIELDS, Example

_LONGEST, _SHORTEST = 10, 2
_DIGIT = re.compile(r"\d")
_LISTS = {"part": "p", "frequency_words": "q", "fault_words": "f", "condition_words": "c"}
Marks = list[list[str]]


def plain_form(text: str) -> str:
    """The text with all digits alike and 档 as 挡, so that 80码 and 60码 are one phrase; equally long."""
    return _DIGIT.sub("0", text).replace("档", "挡")


class Gazetteer:
    """Per field the phrases seen as its spans, and the word lists; in training, a phrase known only from the sentence
    itself does not count."""

    def __init__(
        self, spans: Mapping[str, Mapping[str, int]], seen: Mapping[str, int], lists: Mapping[str, Iterable[str]]
    ) -> None:
        self.spans, self.seen = spans, seen
        self.lists = {name: frozenset(words) for name, words in lists.items()}
        longest = max((len(phrase) for words in (seen, *self.lists.values()) for phrase in words), default=0)
        self._longest = min(_LONGEST, longest)
        self._signs: dict[str, str] = defaultdict(str)
        for name, words in self.lists.items():
            for word in words:
                self._signs[word] += _LISTS.get(name, "x")

    @classmethod
    def learn(cls, examples: Iterable[Example], lists: Mapping[str, Iterable[str]]) -> Gazetteer:
        """Counts every span of the examples, and how often its words stand anywhere."""
        examples = list(examples)
        spans: dict[str, Counter[str]] = defaultdict(Counter)
        for example in examples:
            for name, phrases in own_phrases(example).items():
                spans[name].update(phrases)
        phrases = {phrase for counted in spans.values() for phrase in counted}
        seen: Counter[str] = Counter()
        for example in examples:
            seen.update(phrases & _grams(plain_form(example.text)))
        plain = {name: {plain_form(word) for word in words} for name, words in lists.items()}
        return cls({name: dict(spans[name]) for name in FIELDS}, dict(seen), plain)

    def matches(self, plain: str, own: Mapping[str, set[str]] | None = None) -> Marks:
        """For each character of a plain_form the marks of the phrases covering it; `own` are the sentence's own."""
        found: Marks = [[] for _ in plain]
        covered: dict[str, int] = defaultdict(int)
        for start in range(len(plain)):
            for end in range(min(len(plain), start + self._longest), start + _SHORTEST - 1, -1):
                phrase = plain[start:end]
                signs = list(self._signs.get(phrase, ()))
                seen = self.seen.get(phrase, 0)
                if seen:
                    signs += self._field_signs(phrase, seen, own)
                for sign in signs:
                    if end > covered[sign[0]]:
                        covered[sign[0]] = end
                        _mark(found, start, end, sign)
        return found

    def _field_signs(self, phrase: str, seen: int, own: Mapping[str, set[str]] | None) -> list[str]:
        signs = []
        for name in FIELDS:
            mine = own is not None and phrase in own.get(name, ())
            count = self.spans[name].get(phrase, 0) - mine
            if count > 0:
                share = count / max(1, seen - (own is not None))
                signs.append(name[0].upper() + ("+" if share > 0.6 else "~" if share > 0.2 else "-"))
        return signs


def own_phrases(example: Example) -> dict[str, set[str]]:
    """The plain forms of an example's spans by field, those of a usable length."""
    plain = plain_form(example.text)
    return {
        name: {plain[s:e] for s, e in spans if _SHORTEST <= e - s <= _LONGEST} for name, spans in example.spans.items()
    }


def _mark(found: Marks, start: int, end: int, sign: str) -> None:
    for index in range(start, end):
        place = "B" if index == start else "E" if index == end - 1 else "I"
        found[index].append(sign + place)


def _grams(text: str) -> set[str]:
    return {
        text[start:end]
        for start in range(len(text))
        for end in range(start + _SHORTEST, min(len(text), start + _LONGEST) + 1)
    }
