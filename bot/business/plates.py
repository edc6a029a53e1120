"""Finds Chinese number plates, however they are typed: 粤B8K321, 粤 b·d12-345, 粤B一二三四五, 京A1234警."""

from __future__ import annotations

import re

from bot.business.characters import simplify
from bot.business.numerals import spoken_digits
from bot.business.spans import Found

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# Stands for the plate of a car that has none yet; the last characters of its VIN may follow, so that it is one car.
NO_PLATE = "未上牌"
_GAP = r"[ \t·.•・‧∙\-—_]{0,2}"
_ALNUM = "0-9A-HJ-NP-Z"
_SERIAL = re.compile(
    rf"(?P<province>[{PROVINCES}])(?:牌|字)?{_GAP}(?P<city>[A-HJ-Z]){_GAP}(?:"
    rf"(?P<energy>[A-HJK]{_GAP}[{_ALNUM}](?:{_GAP}\d){{4}}|\d(?:{_GAP}\d){{4}}{_GAP}[A-HJK])"
    rf"|(?P<special>[{_ALNUM}](?:{_GAP}[{_ALNUM}]){{3}}{_GAP}[警学挂试超港澳领])"
    rf"|(?P<normal>[{_ALNUM}](?:{_GAP}[{_ALNUM}]){{4}})"
    r")(?![0-9A-Z])"
)
_CONSULATE = re.compile(
    rf"[{PROVINCES}]{_GAP}\d(?:{_GAP}\d){{4}}{_GAP}领|使(?:{_GAP}\d){{6}}(?!\d)|(?<!\d)\d(?:{_GAP}\d){{5}}{_GAP}使"
)
_GAPS = re.compile(r"[ \t·.•・‧∙\-—_牌字]")
_MODEL_YEAR = re.compile(r" {0,2}[款年版型]")
_LETTERS = re.compile("[A-Z]")


def is_unplated(plate: str | None) -> bool:
    """Whether this is what stands for the plate of a car that has none yet."""
    return plate is not None and plate.startswith(NO_PLATE)


def find_plates(text: str) -> list[Found[str]]:
    """Every valid plate in `text`, in order; value without gaps and in upper case (京A12345)."""
    folded = simplify(text)
    folded = folded.upper() if len(folded.upper()) == len(folded) else folded
    # 粤B12345三点 is a plate and an hour: figures as written count before spoken ones
    matches = _matches(folded) or _matches(spoken_digits(folded))
    return [
        Found(m.start(), m.end(), text[m.start() : m.end()], _GAPS.sub("", m.group()))
        for m in sorted(matches, key=lambda m: m.start())
    ]


def normalise_plate(text: str) -> str | None:
    """The plate `text` consists of, or None when it is anything else or more than a plate."""
    found = find_plates(text)
    return found[0].value if len(found) == 1 and len(found[0].text) == len(text.strip()) else None


def _matches(folded: str) -> list[re.Match[str]]:
    return [m for m in _SERIAL.finditer(folded) if _plausible(folded, m)] + list(_CONSULATE.finditer(folded))


def _plausible(folded: str, match: re.Match[str]) -> bool:
    if match.start() and folded[match.start() - 1] in PROVINCES and folded[match.start() - 1] not in "新云青":
        return False
    value = _GAPS.sub("", match.group())
    if (value[1] == "Z") != value.startswith("粤Z"):
        return False
    if value[1] == "Z" and value[-1] not in "港澳":
        return False
    spaced = len(value) != len(match.group())
    if match["province"] == "新" and spaced and _MODEL_YEAR.match(folded, match.end()):
        return False  # 新K5 2019款 is a car
    return not match["normal"] or len(_LETTERS.findall(_GAPS.sub("", match["normal"]))) <= 3
