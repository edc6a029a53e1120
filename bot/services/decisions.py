"""Extra items decided by a button of their question while people own the conversation (SERVICE_STANDARD §6).

The dialogue is silent then, yet a button that says what is agreed to at which price is as clear as ever: the consent is
recorded and acknowledged. Free words are for the agent, who has asked something else meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.business.conversations import Conversation, Message
from bot.business.offered_buttons import decision_in
from bot.business.people import Vehicle
from bot.business.work_orders import Proposal
from bot.services.notices import Notice, Said
from bot.services.ports import UnitOfWork
from bot.services.progress import answer_proposal
from bot.services.stage_news import proposal_values

_LATEST = 10


async def decide(
    uow: UnitOfWork, now: datetime, conversation: Conversation, *, text: str, command: str | None = None
) -> Said | None:
    """What is said to the customer's decision, recorded; None when the message is none, empty when nothing waits."""
    payload = command or await _payload_of(uow, conversation.id, text.strip())
    decision = decision_in(payload) if payload else None
    if decision is None:
        return None
    agreed, plate = decision
    for vehicle, item in await _waiting(uow, conversation):
        if vehicle.plate == plate and item.told_at is not None:
            account = {"channel": conversation.channel, "user": conversation.user}
            answered = await answer_proposal(uow, now, vehicle_id=vehicle.id, agreed=agreed, **account)
            response = "utter_proposal_agreed" if agreed else "utter_proposal_declined"
            return (Notice(conversation, (response,), proposal_values(answered, plate)),)
    return ()


async def item_asked_about(uow: UnitOfWork, conversation: Conversation, before: int | None) -> str | None:
    """The plate of the car whose extra item was the last thing said before the message with this id, if it waits."""
    last = await uow.messages.said_last(conversation.id, before)
    plate = None if last is None else _plate_in(last)
    if plate is None:
        return None
    return plate if any((vehicle.plate or "") == plate for vehicle, _ in await _waiting(uow, conversation)) else None


async def item_talked_of(uow: UnitOfWork, conversation: Conversation) -> Mapping[str, str] | None:
    """The values of the question for the extra item that was asked about lately, newest first, and still waits."""
    latest = await uow.messages.latest(conversation.id, _LATEST)
    plates = [plate for each in reversed(latest) if (plate := _plate_in(each)) is not None]
    waiting = {vehicle.plate or "": item for vehicle, item in await _waiting(uow, conversation)} if plates else {}
    return next((proposal_values(waiting[plate], plate) for plate in plates if plate in waiting), None)


def _plate_in(message: Message) -> str | None:
    decisions = [decision_in(str(each.get("payload"))) for each in message.buttons]
    return next((found[1] for found in decisions if found is not None), None)


async def _waiting(uow: UnitOfWork, conversation: Conversation) -> list[tuple[Vehicle, Proposal]]:
    """The cars of the person for which an extra item waits, with the item."""
    customer = await uow.customers.bound(conversation.channel, conversation.user)
    own = [] if customer is None else await uow.vehicles.of_customer(customer.id)
    found = [(each, await uow.work_orders.waiting_proposals(each.id)) for each in own]
    return [(each, items[0]) for each, items in found if items]


async def _payload_of(uow: UnitOfWork, conversation_id: int, text: str) -> str | None:
    """The button that the words are: its payload offered lately, or its title where nothing was said since."""
    offered = await uow.messages.offered_buttons(conversation_id)
    if text in offered.payloads:
        return text
    latest = await uow.messages.latest(conversation_id, _LATEST)
    last = next((each for each in reversed(latest) if each.sender != "customer"), None)
    titles = {} if last is None else {each["title"]: each["payload"] for each in last.buttons}
    return titles.get(text)
