"""The second net under the dialogue model: dangerous faults told in a text, in their context.

The model judges first; this finds what it must not miss. Texts are Simplified characters. Questions about use,
upkeep or prices ("刹车片多少钱", "怎么预防爆胎") and negations ("没有冒烟") are no faults.
"""

from __future__ import annotations

import re

from bot.business.danger_words import ASKING, EXCUSES, FAMILIES, NEGATED
from bot.business.emergencies import is_emergency

__all__ = ["ADVICE_FAMILIES", "danger_in", "is_emergency"]

ADVICE_FAMILIES: tuple[str, ...] = tuple(FAMILIES)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


def danger_in(text: str) -> str | None:
    """The family of advice for a safety-relevant fault told in `text`, None when there is none.

    One of fire, fuel, brakes, steering, tyre, heat, stall, battery, airbag, shake, other (SERVICE_STANDARD §8).
    """
    sentences = [sentence for sentence in _SENTENCE.findall(text) if not ASKING.search(sentence)]
    for family, patterns in FAMILIES.items():
        if any(_tells(family, pattern, sentence) for sentence in sentences for pattern in patterns):
            return family
    return None


def _tells(family: str, pattern: re.Pattern[str], sentence: str) -> bool:
    excuse = EXCUSES.get(family)
    if excuse is not None and excuse.search(sentence):
        return False
    return any(not NEGATED.search(sentence[: found.start()]) for found in pattern.finditer(sentence))
