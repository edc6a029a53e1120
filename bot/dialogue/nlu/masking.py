"""Replaces what the recognisers found by signs, so that one plate, phone or hour looks like every other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SIGNS = {
    "plate": "①",
    "phone": "②",
    "phone_tail": "③",
    "vin": "④",
    "mileage": "⑤",
    "name": "⑥",
    "time": "⑦",
    "number_code": "⑧",
    "car_model": "⑨",
}
"""One character for each kind of thing."""


def masked(folded: str, found: Iterable[tuple[int, int, str]], signs: Mapping[str, str] = SIGNS) -> str:
    """The folded text with every found stretch (start, end, kind) as its sign; the first of overlapping ones wins."""
    pieces: list[str] = []
    at = 0
    for start, end, kind in sorted(found):
        if start >= at and kind in signs:
            pieces += [folded[at:start], signs[kind]]
            at = end
    return "".join(pieces) + folded[at:]
