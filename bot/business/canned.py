"""Replies ready to send: their variables, and how these are filled in so that nothing half-made is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

LONGEST_TITLE, LONGEST_TEXT = 20, 500
# What agents read for a variable; the dealer may write either name.
VARIABLES: Mapping[str, str] = {
    "address": "称呼",
    "plate": "车牌",
    "model": "车型",
    "time": "时间",
    "number": "编号",
    "agent": "顾问",
}
_BY_LABEL = {label: name for name, label in VARIABLES.items()}
_VARIABLE = re.compile(r"\{+\s*([^{}]{1,20}?)\s*\}+")
_BRACES = str.maketrans({"{": "（", "}": "）"})


@dataclass(frozen=True)
class CannedReply:
    """One of the dealer's own replies; `changed_by` names the agent."""

    id: int
    title: str
    text: str
    changed_by: str
    changed_at: datetime


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """`text` with each {variable} as its value; what is not known stays visible as 【车牌】 for the agent to fill.

    No brace is left, also none of a value, so that no raw variable ever reaches a customer.
    """

    def value_of(found: re.Match[str]) -> str:
        name = _BY_LABEL.get(found[1], found[1])
        return values.get(name) or f"【{VARIABLES.get(name, name)}】"

    return _VARIABLE.sub(value_of, text).translate(_BRACES)


def unfilled(text: str) -> list[str]:
    """The labels of variables that are still to be filled in, each once, in their order."""
    labels = "|".join(VARIABLES.values())
    return list(dict.fromkeys(re.findall(rf"【({labels})】", text)))
