"""Whose conversation an agent says it is: known to the desk at once, to the bot only when the agent has verified it.

A link stands in the conversation alone. The bot goes by what the channel account has proven (services/identity.py), so
that a link by itself lets it tell nothing of the records to whoever writes (DESIGN §5 Privacy).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.business import person_edits
from bot.business.conversations import Conversation
from bot.business.people import Customer
from bot.business.person_file import CustomerRecord
from bot.business.refusals import InvalidValue, NotAllowed, UnknownConversation
from bot.services.identity import bind_account
from bot.services.person_files import survivor
from bot.services.privacy import record_consent

_KIND = "conversation"


async def linked_customer(uow: Any, conversation: Conversation) -> Customer | None:
    """Who an agent says the person is, None while nobody has said so."""
    if conversation.customer_id is None:
        return None
    found: Customer | None = await uow.customers.get(conversation.customer_id)
    return found


async def link_customer(
    uow: Any, now: datetime, *, conversation_id: int, customer_id: int, verified: bool, actor: str
) -> CustomerRecord:
    """The customer whose conversation it is now; `verified`: the bot may tell them what it tells who has proven it.

    Raises UnknownConversation, UnknownCustomer, NotAllowed when the person has shown to be somebody else.
    """
    conversation = await _conversation(uow, conversation_id)
    customer = await survivor(uow, customer_id, lock=True)
    proven = await uow.customers.bound(conversation.channel, conversation.user)
    if proven is not None:
        if proven.id != customer.id:
            raise NotAllowed("proven", "linked")
        return customer
    await uow.conversations.bind_customer(conversation_id, customer.id)
    await _note(uow, now, "link", conversation_id, customer.id, actor)
    if verified:
        await verify_customer(uow, now, conversation_id=conversation_id, actor=actor)
    return customer


async def save_customer(
    uow: Any, now: datetime, *, conversation_id: int, given: Mapping[str, str], verified: bool, actor: str
) -> CustomerRecord:
    """The new customer whose conversation it is, with their car when its plate is given.

    Raises InvalidValue: surname, phone and their consent are needed; a phone or a plate that the records know belongs
    to somebody whom the conversation is to be linked to instead.
    """
    conversation = await _conversation(uow, conversation_id)
    values = person_edits.read_customer({name: given.get(name, "") for name in ("surname", "title", "phone")})
    car = person_edits.read_vehicle({name: given.get(name, "") for name in ("plate", "model")}, now.date())
    for field in ("surname", "phone"):
        if not values[field]:
            raise InvalidValue(field, "missing")
    if not given.get("consent"):
        raise InvalidValue("consent", "missing")
    if await uow.customers.by_phone(values["phone"]) is not None:
        raise InvalidValue("phone", "known_already")
    known = await uow.vehicles.by_plate(car["plate"]) if car["plate"] else None
    if known is not None and known.customer_id is not None:
        raise InvalidValue("plate", "known_already")
    entered = {**values, "usual_contact": conversation.channel, "origin": "dealer"}
    key: int = await uow.customers.add(entered, now)
    await uow.audit.write(now, actor=actor, action="add", kind="customer", subject=str(key))
    if known is not None:
        await uow.vehicles.change(known.id, {"customer_id": key}, now)
        await _note_vehicle(uow, now, "change", known.id, actor)
    elif car["plate"]:
        await _note_vehicle(uow, now, "add", await uow.vehicles.add({**car, "customer_id": key}, now), actor)
    who = {"channel": conversation.channel, "user": conversation.user}
    await record_consent(uow, now, **who, given=True, customer_id=key, wording="desk")
    return await link_customer(
        uow, now, conversation_id=conversation_id, customer_id=key, verified=verified, actor=actor
    )


async def verify_customer(uow: Any, now: datetime, *, conversation_id: int, actor: str) -> None:
    """The agent has made sure that it is the linked customer: from now on the bot knows them too.

    Raises UnknownConversation, InvalidValue when nobody is linked.
    """
    conversation = await _conversation(uow, conversation_id)
    customer = await linked_customer(uow, conversation)
    if customer is None:
        raise InvalidValue("customer", "missing")
    proven = await uow.customers.bound(conversation.channel, conversation.user)
    if proven is not None and proven.id != customer.id:
        raise NotAllowed("proven", "linked")
    await bind_account(uow, now, channel=conversation.channel, user=conversation.user, customer_id=customer.id)
    await _note(uow, now, "verify", conversation_id, customer.id, actor)


async def unlink_customer(uow: Any, now: datetime, *, conversation_id: int, actor: str) -> None:
    """Nobody is linked any more; what the person has proven stays. Raises UnknownConversation, NotAllowed."""
    conversation = await _conversation(uow, conversation_id)
    proven = await uow.customers.bound(conversation.channel, conversation.user)
    if proven is not None:
        raise NotAllowed("proven", "linked")
    if conversation.customer_id is not None:
        await uow.conversations.bind_customer(conversation_id, None)
        await _note(uow, now, "unlink", conversation_id, conversation.customer_id, actor)


async def _conversation(uow: Any, conversation_id: int) -> Conversation:
    found: Conversation | None = await uow.conversations.get(conversation_id)
    if found is None:
        raise UnknownConversation("id", str(conversation_id))
    return found


async def _note(uow: Any, now: datetime, action: str, conversation_id: int, customer_id: int, actor: str) -> None:
    """In the audit of the conversation and of the customer."""
    subject = {"kind": _KIND, "subject": str(conversation_id), "detail": str(customer_id)}
    await uow.audit.write(now, actor=actor, action=action, **subject)
    subject = {"kind": "customer", "subject": str(customer_id), "detail": str(conversation_id)}
    await uow.audit.write(now, actor=actor, action=action, **subject)


async def _note_vehicle(uow: Any, now: datetime, action: str, vehicle_id: int, actor: str) -> None:
    await uow.audit.write(now, actor=actor, action=action, kind="vehicle", subject=str(vehicle_id))
