"""What somebody at the desk types to find a customer: a surname, the end of a phone, a plate, a VIN, a number."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.business.names import find_name
from bot.business.phones import find_phones
from bot.business.plates import find_plates
from bot.business.surnames import COMMON, COMPOUND, PLAIN

LONGEST = 60
_NUMBER = re.compile(r"(A|WO|C|R|H)-?(\d{1,9})", re.IGNORECASE)
_DIGITS = re.compile(r"\d{3,10}")
_TAIL = re.compile(r"(?=.*\d)[0-9A-Z]{3,17}")
_HAN = re.compile(r"[\u4e00-\u9fff·]{1,12}")


@dataclass(frozen=True)
class PersonSearch:
    """What is looked for; whatever is set may be it, any one is enough. Empty: nothing can be found with the words.

    `plate_part` and `vin_tail` are upper case, `number` is as records carry it (WO-1001), `name` a surname or more.
    """

    phone: str | None = None
    phone_tail: str | None = None
    plate: str | None = None
    plate_part: str | None = None
    vin_tail: str | None = None
    number: str | None = None
    surname: str | None = None
    name: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return self == PersonSearch()


def read_search(words: str) -> PersonSearch:
    """What the typed words can mean; at most LONGEST characters are read."""
    words = words.strip()[:LONGEST]
    if phones := find_phones(words):
        return PersonSearch(phone=phones[0].value)
    if plates := find_plates(words):
        return PersonSearch(plate=plates[0].value)
    code = re.sub(r"[\s·.\-—_]", "", words).upper()
    if numbered := _NUMBER.fullmatch(words):
        number = f"{numbered[1].upper()}-{numbered[2]}"
        return PersonSearch(number=number) if "-" in words else replace(_by_code(code), number=number)
    if _DIGITS.fullmatch(code):
        return PersonSearch(phone_tail=code, plate_part=code if len(code) <= 6 else None, vin_tail=_vin_tail(code))
    if _TAIL.fullmatch(code):
        return _by_code(code)
    return _by_name(words)


def _by_code(code: str) -> PersonSearch:
    return PersonSearch(plate_part=code if len(code) <= 7 else None, vin_tail=_vin_tail(code))


def _vin_tail(code: str) -> str | None:
    return code if len(code) >= 4 else None


def _by_name(words: str) -> PersonSearch:
    if not _HAN.fullmatch(words):
        return PersonSearch()
    found = find_name(words, asked=True)
    if found is not None and found.full_name is None:
        return PersonSearch(surname=found.surname)
    if words in COMPOUND or words in COMMON or words in PLAIN:
        return PersonSearch(surname=words)
    return PersonSearch(name=found.full_name if found is not None and found.full_name else words)
