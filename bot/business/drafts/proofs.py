"""The digits by which a customer proves that a record is theirs: the phone, or its last four digits."""

from __future__ import annotations

import re

from bot.business.drafts.heard import Heard
from bot.business.plates import find_plates

_FOUR_DIGITS = re.compile(r"(?<![\dA-Za-z\-.])\d{4}(?![\dA-Za-z]|年|元|块|公里|[:：.]\d)")
_QUESTIONS = ("plate", "proof")


def proof_in(heard: Heard, question: str | None) -> str | None:
    """The phone or its last four digits in the message, None when it holds neither.

    Four digits beside a plate ("粤B12345 8001") or in the answer to the question for them need no word before them.
    """
    named = heard.last("phone") or heard.last("phone_tail")
    if named is not None or not (heard.all("plate") or (question in _QUESTIONS and heard.answers)):
        return named
    rest = heard.text
    for plate in reversed(find_plates(rest)):
        rest = f"{rest[: plate.start]} {rest[plate.end :]}"
    digits = _FOUR_DIGITS.findall(rest)
    return digits[0] if len(digits) == 1 else None
