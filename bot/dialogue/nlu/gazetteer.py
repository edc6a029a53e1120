"""Phrases the training spans are made of, found again in new text, with how surely each is a span of its field."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from bot.dialogue.nlu.examples import FIELDS, Example

_LONGEST, _SHORTEST = 10, 2


class Gazetteer:
    """Per field, the phrases seen as spans; in training a phrase known only from the sentence itself does not count."""

    def __init__(self, spans: dict[str, dict[str, int]], seen: dict[str, int], parts: Iterable[str] = ()) -> None:
        self.spans, self.seen, self.parts = spans, seen, frozenset(parts)
        self._longest = min(_LONGEST, max((len(p) for p in self.seen), default=0))

    @classmethod
    def learn(cls, examples: Iterable[Example], parts: Iterable[str] = ()) -> Gazetteer:
        """Counts every span of the examples, and how often its words stand anywhere."""
        examples = list(examples)
        spans: dict[str, Counter[str]] = defaultdict(Counter)
        for example in examples:
            for name, stretches in example.spans.items():
                spans[name].update({example.text[s:e] for s, e in stretches if _SHORTEST <= e - s <= _LONGEST})
        phrases = {phrase for counted in spans.values() for phrase in counted}
        seen: Counter[str] = Counter()
        for example in examples:
            seen.update(phrases & _grams(example.text))
        return cls({name: dict(spans[name]) for name in FIELDS}, dict(seen), parts)

    def matches(self, text: str, own: dict[str, set[str]] | None = None) -> list[list[str]]:
        """For each character the features of the phrases covering it; `own` are the sentence's own spans by field."""
        found: list[list[str]] = [[] for _ in text]
        covered = dict.fromkeys(FIELDS, 0)
        parts_until = 0
        for start in range(len(text)):
            for end in range(min(len(text), start + self._longest), start + _SHORTEST - 1, -1):
                phrase = text[start:end]
                if phrase in self.parts and end > parts_until:
                    parts_until = end
                    _mark(found, start, end, "P")
                seen = self.seen.get(phrase)
                if seen:
                    self._mark_fields(found, (start, end, phrase, seen), covered, own)
        return found

    def _mark_fields(
        self, found: list[list[str]], match: tuple[int, int, str, int], covered: dict[str, int],
        own: dict[str, set[str]] | None,
    ) -> None:
        start, end, phrase, seen = match
        for name in FIELDS:
            mine = bool(own) and phrase in (own or {}).get(name, ())
            count = self.spans[name].get(phrase, 0) - mine
            if count > 0 and end > covered[name]:
                covered[name] = end
                share = count / max(1, seen - (own is not None))
                _mark(found, start, end, name[0] + ("+" if share > 0.6 else "~" if share > 0.2 else "-"))


def _mark(found: list[list[str]], start: int, end: int, sign: str) -> None:
    for index in range(start, end):
        place = "B" if index == start else "E" if index == end - 1 else "I"
        found[index].append(f"g{sign}{place}")


def _grams(text: str) -> set[str]:
    return {
        text[start:end]
        for start in range(len(text))
        for end in range(start + _SHORTEST, min(len(text), start + _LONGEST) + 1)
    }
