"""Which buttons a person sees as the last ones, and which a typed title or number means.

What counts as last is the last turn with what was said unasked since then, such as the question for the consent to an
extra item. People type numbers also where the choices were drawn as buttons or as a menu: these count when a turn ends
with them. A title that stands for two things, or a number while there are two lists, decides nothing: the words then go
to the dialogue as they are. Choices that carry numbers of their own, the scores of a survey, are known by these alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.business.conversations import OfferedButtons

RATE = "/rate_service"
_OWN_NUMBER = re.compile(r"\d{1,2}分(?:\s|$)")
_DECISION = re.compile(r"/(approve|decline)_extra(\{.*\})")


@dataclass(frozen=True)
class Offer:
    """One message with its buttons; `reply_to` None when it was said unasked."""

    reply_to: int | None
    buttons: tuple[dict[str, Any], ...]
    numbered: bool


def offered_in(offers: Sequence[Offer]) -> OfferedButtons:
    """What the messages, the newest first, offer: every payload, and title and number of the last ones."""
    groups = _last_groups(offers)
    titles: dict[str, str] = {}
    unclear: set[str] = set()
    for title, payload in (each for group in groups for each in _buttons(group)):
        if titles.setdefault(title, payload) != payload:
            unclear.add(title)
    lists = [_buttons(group) for group in groups if any(each.numbered for each in group)]
    lists = lists or [_buttons(group[-1:]) for group in groups if any(each.buttons for each in group)]
    rates = any(payload.startswith(RATE) for group in groups for _, payload in _buttons(group))
    return OfferedButtons(
        frozenset(payload for _, payload in _buttons(offers)),
        {title: payload for title, payload in titles.items() if title not in unclear},
        tuple(payload for _, payload in lists[0]) if len(lists) == 1 and not rates else (),
        rates,
    )


def carry_numbers(titles: Sequence[str]) -> bool:
    """Whether the choices are known by numbers of their own ("10分 很满意"), so that they are not counted through."""
    return bool(titles) and all(_OWN_NUMBER.match(title) for title in titles)


def rating_payload(score: int) -> str:
    """What a score means to the dialogue, whether typed or tapped."""
    return f'{RATE}{{"score":"{score}"}}'


def decision_in(payload: str) -> tuple[bool, str] | None:
    """Whether a button agrees to the extra item of which car, by its plate; None for any other button."""
    found = _DECISION.fullmatch(payload)
    return None if found is None else (found[1] == "approve", str(json.loads(found[2]).get("plate", "")))


def _last_groups(offers: Sequence[Offer]) -> list[list[Offer]]:
    """The last turn, oldest message first, and each message said unasked since it began."""
    turn = next((each.reply_to for each in offers if each.reply_to is not None), None)
    if turn is None:
        return [[each] for each in offers[:1]]
    of_turn = [place for place, each in enumerate(offers) if each.reply_to == turn]
    unasked = [[each] for each in offers[: of_turn[-1]] if each.reply_to is None]
    return [[offers[place] for place in reversed(of_turn)], *unasked]


def _buttons(offers: Sequence[Offer]) -> list[tuple[str, str]]:
    return [(str(each.get("title", "")), str(each.get("payload", ""))) for offer in offers for each in offer.buttons]
