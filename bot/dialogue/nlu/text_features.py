"""What the classifiers see of a message: the character n-grams of its masked text and the kinds of things found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from bot.business.characters import fold
from bot.dialogue.nlu.linear_text import ngrams
from bot.dialogue.nlu.masking import masked
from bot.dialogue.nlu.recognised import recognised

_KINDS = {"surname": "name", "title": "name"}
_SOME_DAY = datetime(2026, 1, 7, 9, tzinfo=timezone.utc)
_LONGEST_TEXT = 400


def text_features(text: str, entities: Iterable[dict[str, Any]] | None = None) -> set[str]:
    """Feature names of one message; `entities` as the recognisers found them, asked for anew when None."""
    found = list(recognised(text, _SOME_DAY) if entities is None else entities)
    kinds = [(e["start"], e["end"], _KINDS.get(e["entity"], e["entity"])) for e in found]
    plain = masked(fold(text), kinds)[:_LONGEST_TEXT].strip()
    return ngrams(plain) | {f"has:{kind}" for _, _, kind in kinds} | {f"size:{min(8, len(plain) // 4)}"}
