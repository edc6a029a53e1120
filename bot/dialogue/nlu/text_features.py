"""What the classifiers see of a message: n-grams of its masked text and of its skeleton, and what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from rasa.shared.nlu.training_data.message import Message

from bot.business.characters import fold
from bot.dialogue.nlu.gazetteer import plain_form
from bot.dialogue.nlu.linear_text import ngrams
from bot.dialogue.nlu.lookups import Lookup
from bot.dialogue.nlu.masking import masked
from bot.dialogue.nlu.recognised import recognised

RECOGNISED = ("plate", "phone", "phone_tail", "vin", "mileage", "surname", "title", "time", "number_code", "ordinal")
_KINDS = {"surname": "name", "title": "name"}
_SKELETON = {"part": "Ⓟ", "fault_words": "Ⓕ", "condition_words": "Ⓒ", "frequency_words": "Ⓠ"}
_SOME_DAY = datetime(2026, 1, 7, 9, tzinfo=timezone.utc)
_LONGEST_TEXT = 400
_CLAUSES = re.compile("[,。;?!、 \n:]+")
_KEPT = "text_features"


class TextFeatures:
    """Knows the car models and the vocabulary; one set of feature names a message."""

    def __init__(self, cars: Iterable[str], lists: Mapping[str, Iterable[str]]) -> None:
        self._cars = Lookup.of(cars)
        self._lists = {name: Lookup(frozenset(map(plain_form, lists.get(name, ())))) for name in _SKELETON}

    def of(self, text: str, entities: Iterable[dict[str, Any]] | None = None) -> set[str]:
        """`entities` as the recognisers found them; they are asked for anew when None."""
        folded = fold(text)[:_LONGEST_TEXT]
        found = [*(recognised(text, _SOME_DAY) if entities is None else entities)]
        kinds = [(e["start"], e["end"], _KINDS.get(e["entity"], e["entity"])) for e in found]
        kinds += [(start, end, "car_model") for start, end in self._cars.find(folded)]
        plain = plain_form(masked(folded, kinds)).strip()
        words = [(start, end, name) for name, lookup in self._lists.items() for start, end in lookup.find(plain)]
        skeleton = {f"~{gram}" for gram in ngrams(masked(plain, words, _SKELETON))}
        return ngrams(plain) | skeleton | _shape(plain, [kind for _, _, kind in kinds], [name for _, _, name in words])

    def of_message(self, message: Message) -> set[str]:
        """The features of a message the recognisers have seen; worked out once for all classifiers."""
        row: set[str] | None = message.get(_KEPT)
        if row is None:
            found = [e for e in message.get("entities") or [] if e["entity"] in RECOGNISED]
            row = self.of(message.get("text"), found)
            message.set(_KEPT, row)
        return row


def _shape(plain: str, kinds: list[str], words: list[str]) -> set[str]:
    """What is there and how much of it, and how the message begins and ends."""
    clauses = [clause for clause in _CLAUSES.split(plain) if clause] or [""]
    return {
        f"size:{min(8, len(plain) // 4)}",
        f"first:{clauses[0][:3]}",
        f"last:{clauses[-1][-4:]}",
        f"end:{clauses[-1][-2:]}",
        *(f"has:{kind}" for kind in kinds),
        *(f"{name}:{min(3, words.count(name))}" for name in _SKELETON),
    }
