"""What customers are told about their complaints from the desk: our own sentences, and an agent's framed by them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from bot.business.complaints import Complaint
from bot.business.refusals import InvalidValue, UnknownComplaint
from bot.business.spoken import salutation, time_text
from bot.business.staff import Agent
from bot.services import handoffs
from bot.services.complaint_files import ComplaintUnitOfWork, conversation_of
from bot.services.notices import Notice


class Phrase(Protocol):
    """The text of a response of domain.yml."""

    def __call__(self, name: str, **values: Any) -> str: ...


async def told(
    uow: ComplaintUnitOfWork, now: datetime, complaint: Complaint, agent: Agent, response: str, **values: str
) -> Notice:
    """What the customer is to be told of the complaint, noted in its log; raises InvalidValue("chat") for none."""
    conversation = await conversation_of(uow, complaint)
    if conversation is None:
        raise InvalidValue("chat", "none")
    said = {"salutation": await _called(uow, complaint), "number": complaint.number, "owner": complaint.owner}
    await uow.complaints.log(complaint.id, what="told", note="", by=agent.name, time=now)
    return Notice(conversation, (response,), {**said, **values})


async def told_elsewhere(uow: ComplaintUnitOfWork, now: datetime, complaint: Complaint, agent: Agent, how: str) -> None:
    """Note in the log how the customer was told outside the chat; raises InvalidValue("how") for no word of it."""
    if not how.strip():
        raise InvalidValue("how", "missing")
    await uow.complaints.log(complaint.id, what="told", note=how.strip(), by=agent.name, time=now)


async def reachable(uow: ComplaintUnitOfWork, complaint: Complaint) -> bool:
    """Whether the customer can be written to: they have a chat and have not closed it to us."""
    conversation = await conversation_of(uow, complaint)
    return conversation is not None and not await uow.conversations.is_unreachable(conversation.id)


async def ask_to_pass_on(uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, words: str) -> None:
    """A note to the colleague who has the customer's chat: `words` with number and owner; left once.

    Raises UnknownComplaint, InvalidValue("chat") when nobody else has it.
    """
    complaint = await uow.complaints.find(number)
    if complaint is None:
        raise UnknownComplaint(number)
    conversation = await conversation_of(uow, complaint)
    handoff = await uow.handoffs.open_of(conversation.id) if conversation else None
    if handoff is None or handoff.owner in (None, complaint.owner):
        raise InvalidValue("chat", "none")
    text = words.format(number=number, owner=complaint.owner)
    if text not in [each.text for each in await uow.handoffs.notes(handoff.id)]:
        await handoffs.note(uow, now, handoff_id=handoff.id, agent=agent.name, text=text)


async def send_solution(
    uow: ComplaintUnitOfWork,
    now: datetime,
    number: str,
    agent: Agent,
    solution: str,
    due_at: datetime,
    phrase: Phrase,
    once: str | None,
) -> None:
    """Send the solution in the agent's own words, framed by ours; the agent owns the conversation from then on.

    The conversation is locked before the complaint, as turns of the dialogue do it. Raises UnknownComplaint,
    AlreadyClaimed, InvalidValue("chat").
    """
    complaint = await uow.complaints.find(number)
    if complaint is None:
        raise UnknownComplaint(number)
    conversation = await conversation_of(uow, complaint)
    if conversation is None:
        raise InvalidValue("chat", "none")
    framed = (
        phrase("utter_complaint_solution", salutation=await _called(uow, complaint), number=number),
        solution,
        phrase("utter_complaint_solution_next", owner=complaint.owner_after(agent.name), due=time_text(due_at)),
    )
    await _write_to(uow, now, conversation.id, agent, "\n".join(framed), once)


async def _called(uow: ComplaintUnitOfWork, complaint: Complaint) -> str:
    customer = None if complaint.customer_id is None else await uow.customers.get(complaint.customer_id)
    return salutation(customer.surname, customer.title) if customer else salutation(None, None)


async def _write_to(
    uow: ComplaintUnitOfWork, now: datetime, key: int, agent: Agent, text: str, once: str | None
) -> None:
    """The agent's words to the customer; the agent owns the conversation from then on. Raises AlreadyClaimed."""
    handoff = await uow.handoffs.open_of(key)
    if handoff is None:
        handoff = await handoffs.take_over(uow, now, conversation_id=key, agent=agent.name)
    await handoffs.reply(uow, now, handoff_id=handoff.id, agent=agent.name, text=text, once=once)
