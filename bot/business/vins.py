"""Finds vehicle identification numbers and checks their ninth digit (GB 16735, ISO 3779)."""

from __future__ import annotations

import re

from bot.business.characters import simplify
from bot.business.spans import Found

_CANDIDATE = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPR-Z](?:[ \-]?[0-9A-HJ-NPR-Z]){16}(?![0-9A-Z])")
_TAIL = 6
_NAMED = re.compile(r"(?:车架号?|车辆识别代?[号码]|底盘号|VIN)码?[^0-9A-Z，。]{0,8}([0-9A-HJ-NPR-Z]{6,17})(?![0-9A-Z])")
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {c: i for i, c in enumerate("0123456789")} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)


def find_vins(text: str) -> list[Found[str]]:
    """Every VIN in `text` whose check digit holds, in order; value 17 upper-case characters."""
    folded = simplify(text)
    folded = folded.upper() if len(folded.upper()) == len(folded) else folded
    found = [
        Found(m.start(), m.end(), text[m.start() : m.end()], re.sub(r"[ \-]", "", m.group()))
        for m in _CANDIDATE.finditer(folded)
    ]
    return [span for span in found if is_valid_vin(span.value)]


def vin_tail(text: str) -> str | None:
    """The last six characters of a chassis number that is named as such, whole or its end; None when none is."""
    named = _NAMED.search(simplify(text).upper())
    return named[1][-_TAIL:] if named else None


def is_valid_vin(vin: str) -> bool:
    """Whether these 17 characters carry the right check digit."""
    if len(vin) != 17 or any(c not in _VALUES for c in vin):
        return False
    remainder = sum(_VALUES[c] * weight for c, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return vin[8] == ("X" if remainder == 10 else str(remainder))
