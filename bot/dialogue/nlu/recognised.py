"""All that the pure recognisers find in one message, as Rasa's entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.business.characters import fold
from bot.business.mileages import find_mileages
from bot.business.names import find_name
from bot.business.phones import find_phone_tail, find_phones
from bot.business.plates import find_plates
from bot.business.times import read_time
from bot.business.vins import find_vins

_CODE = re.compile(r"(?<![a-z0-9])(?:wo|a|c|r|h|p)-\d{3,8}(?!\d)")
_ORDINAL = re.compile(
    r"第([一二三四五1-5两])(?:个|种|项|条)?|(最后|末)(?:一?个|那?个)|(最早|最近|最快)的?(?:那个|一个)?|(?:^|选|要|就)([一二三1-3])号?$"
)
_ORDINALS = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5"}

Entity = dict[str, Any]


def recognised(text: str, now: datetime) -> list[Entity]:
    """Entities with start, end and normalised value; a name gives surname and title, an hour the words it stands in."""
    return list(_entities(text, now))


def _entities(text: str, now: datetime) -> Iterator[Entity]:
    plates, phones, vins = find_plates(text), find_phones(text), find_vins(text)
    for kind, spans in (("plate", plates), ("vin", vins), ("phone", phones)):
        yield from (_entity(span.start, span.end, kind, span.value) for span in spans)
    yield from (_entity(m.start, m.end, "mileage", m.value) for m in find_mileages(text))
    tail = None if phones or vins else find_phone_tail(text)
    if tail is not None and not plates:
        yield _entity(tail.start, tail.end, "phone_tail", tail.value)
    yield from _name(text)
    yield from _codes_and_ordinals(fold(text))
    yield from _time(text, now)


def _name(text: str) -> Iterator[Entity]:
    name = find_name(text)
    if name is None:
        return
    yield _entity(name.start, name.end, "surname", name.surname) | {"full_name": name.full_name}
    if name.title:
        yield _entity(name.start, name.end, "title", name.title)


def _codes_and_ordinals(folded: str) -> Iterator[Entity]:
    for match in _CODE.finditer(folded):
        yield _entity(match.start(), match.end(), "number_code", match[0].upper())
    for match in _ORDINAL.finditer(folded):
        word = match[1] or match[4]
        value = _ORDINALS.get(word, word) if word else ("last" if match[2] else "first")
        yield _entity(match.start(), match.end(), "ordinal", value)


def _time(text: str, now: datetime) -> Iterator[Entity]:
    reading = read_time(text, now)
    if reading is not None:
        start = text.index(reading.text)
        yield _entity(start, start + len(reading.text), "time", reading.text)


def _entity(start: int, end: int, kind: str, value: Any) -> Entity:
    return {"entity": kind, "start": start, "end": end, "value": value, "confidence": 1.0}
