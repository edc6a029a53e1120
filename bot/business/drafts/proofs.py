"""The digits by which a customer proves that a record is theirs: the phone, or its last four digits."""

from __future__ import annotations

import re

from bot.business.drafts.heard import Heard
from bot.business.plates import find_plates

_FOUR_DIGITS = re.compile(r"(?<![\dA-Za-z\-.])\d{4}(?![\dA-Za-z]|年|元|块|公里|[:：.]\d)")
_DOUBTS = re.compile(r"凭什么|凭啥|为什么|为啥|干嘛|干啥|做什么用|有什么用|不想说|不想给|不方便|忘了|忘记|不记得|记不")
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


def doubts_proof(heard: Heard) -> bool:
    """Whether the customer asks why digits are needed, does not want to tell them, or has forgotten them."""
    return bool(_DOUBTS.search(heard.text))
