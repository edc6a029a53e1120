"""A visit booked out of a conversation: the form filled with what the chat has told, and the customer told in the chat.

Whose records the visit belongs to is decided as for everybody: by plate and phone, or by what the account has proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.api.context import Context
from bot.business.appointments import LOANERS
from bot.business.conversations import Conversation
from bot.business.drafts.further import further_note
from bot.business.handoff_card import Told, told_in
from bot.business.refusals import InvalidValue
from bot.business.staff import Permission
from bot.business.symptoms import Symptoms
from bot.desk.access import SignedIn
from bot.desk.card import card_for
from bot.services.handoff_card import Card
from bot.services.privacy import consent_given

# The field of the form that holds the conversation's key.
FIELD = "conversation"
_EXACT = timedelta(hours=1)


@dataclass(frozen=True)
class Chat:
    """The conversation that is booked for; `filled` are the form's values, `called` is "" for somebody unknown.

    `customer_id` is who they have proven to be.
    """

    key: int
    called: str
    told: Told
    filled: Mapping[str, str]
    customer_id: int | None = None


async def chat_in(here: Context, signed: SignedIn, given: Mapping[str, str]) -> Chat | None:
    """The conversation that the form names, None for none; the look is noted. Raises UnknownConversation, Forbidden."""
    key = _key(given)
    if key is None:
        return None
    signed.agent.check(Permission.CONVERSE)
    async with here.store.transaction() as uow:
        card = await card_for(uow, here, signed, key)
        await uow.audit.write(here.clock.now(), actor=signed.agent.name, action="read", kind="card", subject=str(key))
        talk = await uow.conversations.get(key)
        agreed = await consent_given(uow, channel=talk.channel, user=talk.user)
    who = card.customer or card.told
    filled = _filled(card, here.clock.now(), here) | {"consent": "1" if agreed else "", FIELD: str(key)}
    proven = None if card.customer is None or card.linked else card.customer.id
    return Chat(key, f"{who.surname}{who.title}", card.told, filled, proven)


async def talk_in(uow: Any, given: Mapping[str, str]) -> Conversation | None:
    """The conversation that the form names; raises InvalidValue for one that is none."""
    key = _key(given)
    if key is None:
        return None
    found: Conversation | None = await uow.conversations.get(key)
    if found is None:
        raise InvalidValue(FIELD, "unknown")
    return found


async def symptoms_told(uow: Any, conversation_id: int) -> Symptoms:
    """What the customer has told of the fault, in their own words."""
    entry = await uow.desk_queue.get(conversation_id)
    facts = await uow.handoffs.facts(entry.handoff_id) if entry and entry.handoff_id else {}
    return told_in(facts).symptoms


def _key(given: Mapping[str, str]) -> int | None:
    text = given.get(FIELD, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise InvalidValue(FIELD, "unknown")
    return int(text)


def _filled(card: Card, now: datetime, here: Context) -> dict[str, str]:
    """What the chat has told; of the records only what the customer has proven to be theirs."""
    told, own = card.told, card.proven
    named = card.customer if own and card.customer and card.customer.surname else told
    car = card.vehicle if own else None
    return {
        "plate": told.plate or (car.plate or "" if car else ""),
        "surname": named.surname,
        "title": named.title,
        "phone": told.phone,
        "service_type": told.service_kind or ("maintenance" if told.symptoms.is_empty() else "repair"),
        "model": told.car_model or (car.model if car else ""),
        "mileage_km": told.mileage if told.mileage.isdigit() else "",
        "note": further_note(told.further),
        "loaner": told.loaner if told.loaner in LOANERS else "",
        "start": _start(told, now, here),
    }


def _start(told: Told, now: datetime, here: Context) -> str:
    """The hour that was held or wished for; of a longer wish and of a day only the day, of what has passed nothing."""
    if told.start is None or told.start < now:
        return ""
    start = told.start.astimezone(here.settings.timezone)
    exact = told.held or told.end is None or told.end - told.start <= _EXACT
    return start.isoformat() if exact else f"{start.date().isoformat()}T00:00"
