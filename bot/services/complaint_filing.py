"""A complaint told to an agent by telephone or at the counter: whose it is, how serious, filed as from the chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.business.complaints import (
    CAME_BY,
    IN_THE_CHAT,
    Complaint,
    ComplaintSignals,
    complaint_deadline,
    complaint_level,
    decides,
)
from bot.business.conversations import Conversation
from bot.business.people import Customer, Vehicle
from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import InvalidValue, UnknownConversation, UnknownCustomer
from bot.business.staff import Agent
from bot.services.complaint_files import ComplaintUnitOfWork
from bot.services.complaint_work import assign, words_of
from bot.services.complaints import file_complaint, known_signals
from bot.services.conversation_links import linked_customer
from bot.services.desk_notices import notify

LEVELS = (1, 2, 3)
# The customer's last words in the chat that a complaint taken down from there begins with.
_LOOKED_BACK = 30
_WORDS = 5
# Who has no chat of their own has written nowhere.
_NO_CHAT = ("web", "")


@dataclass(frozen=True)
class Told:
    """What an agent was told: `came_by` phone, visit or in the chat `conversation_id`, by whom (one of the next four).

    `level` None: as suggested.
    """

    text: str
    came_by: str = "phone"
    plate: str = ""
    phone: str = ""
    customer_id: int | None = None
    conversation_id: int | None = None
    level: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Weighed:
    """Whose the complaint is, where they can be written to, the suggested level with why, each level's deadline."""

    customer: Customer | None
    vehicle: Vehicle | None
    conversation: Conversation | None
    signals: ComplaintSignals
    level: int
    deadlines: Mapping[int, datetime]
    plate: str | None = None
    phone: str | None = None

    @property
    def account(self) -> tuple[str, str]:
        """Channel and user of their chat, or of nobody's."""
        return (self.conversation.channel, self.conversation.user) if self.conversation else _NO_CHAT


def readable(told: Told) -> Told:
    """What was told, without a plate or phone that is not one (yet)."""
    return replace(
        told,
        plate=told.plate if normalise_plate(told.plate) else "",
        phone=told.phone if normalise_phone(told.phone) else "",
    )


async def told_in_chat(uow: ComplaintUnitOfWork, now: datetime, conversation_id: int, *, actor: str) -> Told:
    """What the customer has written lately, to be taken down from the chat; the reading is audited."""
    latest = await uow.messages.latest(conversation_id, _LOOKED_BACK)
    words = [each.text for each in latest if each.sender == "customer" and each.text and not each.text.startswith("/")]
    await uow.audit.write(now, actor=actor, action="read", kind="conversation", subject=str(conversation_id))
    return Told("\n".join(words[-_WORDS:]), came_by=IN_THE_CHAT, conversation_id=conversation_id)


async def weigh(uow: ComplaintUnitOfWork, now: datetime, told: Told, *, actor: str) -> Weighed:
    """What the desk knows of who complains, and how serious the words are; whom it finds is audited.

    Somebody else's phone beside the plate is not the owner of the car. Raises InvalidValue("plate", "phone"),
    UnknownCustomer, UnknownConversation.
    """
    plate, phone = _plate(told.plate), _phone(told.phone)
    vehicle = await uow.vehicles.by_plate(plate) if plate else None
    conversation = await _conversation(uow, told.conversation_id)
    customer = await _customer(uow, told, vehicle, phone, conversation)
    if conversation is None and customer is not None:
        account = await uow.accounts.latest_of_customer(customer.id)
        conversation = await uow.conversations.find(*account) if account else None
    if customer is not None:
        await uow.audit.write(now, actor=actor, action="read", kind="customer", subject=str(customer.id))
    channel, user = (conversation.channel, conversation.user) if conversation else _NO_CHAT
    person = customer.id if customer else None
    signals = await known_signals(uow, now, channel=channel, user=user, customer_id=person, text=told.text)
    hours = await uow.calendar.load()
    deadlines = {level: complaint_deadline(level, now, hours) for level in LEVELS}
    level = complaint_level(signals)
    return Weighed(customer, vehicle, conversation, signals, level, deadlines, plate, phone)


async def take_down(
    uow: ComplaintUnitOfWork, now: datetime, told: Told, *, agent: Agent, mine: bool = False
) -> Complaint:
    """The complaint filed as one from the chat is: number, level, owner, deadlines; `mine`: this agent is responsible.

    Who decides at its level is told, unless they have taken it down themselves. Raises InvalidValue("who", "came_by",
    "text", "level", "reason" for a level below the suggested one) and what `weigh` raises.
    """
    weighed = await weigh(uow, now, told, actor=agent.name)
    if not (weighed.plate or weighed.phone or weighed.customer or weighed.conversation):
        raise InvalidValue("who", "missing")
    if told.came_by not in CAME_BY and not (told.came_by == IN_THE_CHAT and told.conversation_id is not None):
        raise InvalidValue("came_by", "unknown")
    level = weighed.level if told.level is None else told.level
    if level not in LEVELS:
        raise InvalidValue("level", "unknown")
    if level < weighed.level and not told.reason.strip():
        raise InvalidValue("reason", "lower_level")
    channel, user = weighed.account
    filed = await file_complaint(
        uow,
        now,
        channel=channel,
        user=user,
        text=words_of(told.text, "text"),
        plate=weighed.plate,
        customer_id=weighed.customer.id if weighed.customer else None,
        phone=weighed.phone or (weighed.customer.phone if weighed.customer else None),
        level=level,
        came_by=told.came_by,
        by=agent.name,
        note="" if level == weighed.level else f"{weighed.level}→{level} {told.reason.strip()}".strip(),
    )
    await uow.audit.write(now, actor=agent.name, action="file", kind="complaint", subject=filed.number)
    if mine and decides(agent.role, level):
        return await assign(uow, now, number=filed.number, agent=agent, owner=agent.name)
    if level > 1:
        await _tell_who_decides(uow, now, filed, weighed.conversation)
    return filed


async def _tell_who_decides(
    uow: ComplaintUnitOfWork, now: datetime, filed: Complaint, conversation: Conversation | None
) -> None:
    await notify(
        uow,
        now,
        kind="complaint_raised",
        conversation_id=conversation.id if conversation else None,
        urgency="complaint",
        payload={"number": filed.number, "level": filed.level},
    )


async def _conversation(uow: ComplaintUnitOfWork, key: int | None) -> Conversation | None:
    found = await uow.conversations.get(key) if key is not None else None
    if key is not None and found is None:
        raise UnknownConversation("id", str(key))
    return found


async def _customer(
    uow: ComplaintUnitOfWork,
    told: Told,
    vehicle: Vehicle | None,
    phone: str | None,
    conversation: Conversation | None,
) -> Customer | None:
    """The one chosen, else of the chat, else the owner of the car unless the phone is another's, else of the phone."""
    if told.customer_id is not None:
        chosen = await uow.customers.get(told.customer_id)
        if chosen is None:
            raise UnknownCustomer(told.customer_id)
        return chosen
    if conversation is not None:
        bound = await uow.customers.bound(conversation.channel, conversation.user)
        return bound or await linked_customer(uow, conversation)
    owner = await uow.customers.get(vehicle.customer_id) if vehicle and vehicle.customer_id else None
    if owner is not None and phone in (None, owner.phone):
        return owner
    return await uow.customers.by_phone(phone) if phone else None


def _plate(text: str) -> str | None:
    plate = normalise_plate(text) if text.strip() else None
    if text.strip() and plate is None:
        raise InvalidValue("plate", "not_a_plate")
    return plate


def _phone(text: str) -> str | None:
    phone = normalise_phone(text) if text.strip() else None
    if text.strip() and phone is None:
        raise InvalidValue("phone", "unreadable")
    return phone
