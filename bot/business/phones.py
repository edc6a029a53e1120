"""Finds mobile numbers and the last four digits people give to prove who they are."""

from __future__ import annotations

import re

from bot.business.characters import simplify
from bot.business.numerals import spoken_digits
from bot.business.spans import Found

_GAP = r"[ \t\-—.·_]{0,2}"
_MOBILE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?:\+|00)?86{_GAP})?(?P<number>1{_GAP}[3-9](?:{_GAP}\d){{9}})(?![0-9A-Za-z])"
)
_TAIL = r"(?P<tail>\d(?: ?\d){3})"
_NAMED_TAIL = re.compile(rf"(?:尾号|尾数|[后末][4四](?:位|个数)|后面[4四]位)[^\d\n]{{0,6}}?{_TAIL}(?!\d)")
_BARE_TAIL = re.compile(
    rf"[^\d\w]*(?:我的?|是|就是|手机号?|电话|号码|好的?|嗯|哦|对)*[^\d\w]*{_TAIL}(?:吧|呀|啊|哦|的|呢)?[^\d\w]*"
)
_NOT_DIGITS = re.compile(r"\D")


def find_phones(text: str) -> list[Found[str]]:
    """Every mobile number in `text`, in order; value the 11 digits."""
    folded = simplify(text)
    # 幺三八零零… is a phone too; figures as written count first, so that 13800138000三点 keeps its hour
    matches = list(_MOBILE.finditer(folded)) or list(_MOBILE.finditer(spoken_digits(folded)))
    return [Found(m.start(), m.end(), text[m.start() : m.end()], _NOT_DIGITS.sub("", m["number"])) for m in matches]


def normalise_phone(text: str) -> str | None:
    """The mobile number `text` consists of (11 digits), or None."""
    found = find_phones(text.strip())
    return found[0].value if len(found) == 1 and len(found[0].text) == len(text.strip()) else None


def find_phone_tail(text: str) -> Found[str] | None:
    """The last four digits of a phone: named as such (尾号8000) or the whole message being four digits."""
    folded = spoken_digits(simplify(text))
    match = _NAMED_TAIL.search(folded) or _BARE_TAIL.fullmatch(folded)
    if match is None:
        return None
    start, end = match.span("tail")
    return Found(start, end, text[start:end], _NOT_DIGITS.sub("", match["tail"]))
