"""Extra items decided by a button of their question while people own the conversation (SERVICE_STANDARD §6).

The dialogue is silent then, yet a button that says what is agreed to at which price is as clear as ever: the consent is
recorded and acknowledged. Free words are for the agent, who has asked something else meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from bot.business.conversations import Conversation
from bot.business.offered_buttons import decision_in
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
    customer = await uow.customers.bound(conversation.channel, conversation.user)
    own = [] if customer is None else await uow.vehicles.of_customer(customer.id)
    for vehicle in (each for each in own if each.plate == plate):
        waiting = await uow.work_orders.waiting_proposals(vehicle.id)
        if waiting and waiting[0].told_at is not None:
            account = {"channel": conversation.channel, "user": conversation.user}
            answered = await answer_proposal(uow, now, vehicle_id=vehicle.id, agreed=agreed, **account)
            response = "utter_proposal_agreed" if agreed else "utter_proposal_declined"
            return (Notice(conversation, (response,), proposal_values(answered, plate)),)
    return ()


async def _payload_of(uow: UnitOfWork, conversation_id: int, text: str) -> str | None:
    """The button that the words are: its payload offered lately, or its title where nothing was said since."""
    offered = await uow.messages.offered_buttons(conversation_id)
    if text in offered.payloads:
        return text
    latest = await uow.messages.latest(conversation_id, _LATEST)
    last = next((each for each in reversed(latest) if each.sender != "customer"), None)
    titles = {} if last is None else {each["title"]: each["payload"] for each in last.buttons}
    return titles.get(text)
