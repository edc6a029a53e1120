"""Asks customers how satisfied they are, and takes what they answer; a low score becomes a complaint (§9).

Asked after an agent has settled a matter and the day after a car was handed over; both are rows that fall due. Who
says nothing, or something else, is not asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.business.complaints import Complaint
from bot.business.conversations import BOT, Conversation
from bot.business.handoffs import Handoff
from bot.business.ratings import LOW
from bot.business.spoken import car_called, salutation
from bot.business.surveys import (
    NOT_SOONER_AFTER_TALK,
    NOT_SOONER_AFTER_VISIT,
    SENT_WITHIN,
    STANDS_FOR,
    Survey,
    may_ask,
    was_a_service,
)
from bot.services.complaints import add_to_complaint, file_complaint
from bot.services.desk_notices import notify
from bot.services.notices import Notice, Said
from bot.services.ports import UnitOfWork

KIND = "survey"
_SAYS_MORE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Rated:
    """A rating that was taken; `complaint` is what a low one has become."""

    survey: Survey
    complaint: Complaint | None


async def plan_survey(uow: UnitOfWork, now: datetime, handoff: Handoff) -> None:
    """Note that the customer is to be asked about a hand-off that was resolved, if an agent has served them."""
    wrote = await uow.messages.agent_wrote_since(handoff.conversation_id, handoff.requested_at)
    if wrote and was_a_service(handoff.resolution or ""):
        await uow.surveys.ask_about(handoff.id, now)


async def due_after_talks(uow: UnitOfWork, now: datetime) -> list[int]:
    """Ids of the settled hand-offs about which the customer is to be asked, the oldest first."""
    return await uow.surveys.handoffs_due(now)


async def ask_after_talk(uow: UnitOfWork, now: datetime, handoff_id: int) -> Said | None:
    """The question about the agent who has settled the matter, once; None when another process has it.

    Only marked when the person was asked lately or said stop, or talks with people again.
    """
    if not await uow.surveys.take_handoff(handoff_id, now):
        return None
    await uow.surveys.ask_about(handoff_id, None)
    handoff = await uow.handoffs.get(handoff_id)
    found = None if handoff is None else await uow.conversations.get(handoff.conversation_id)
    if handoff is None or found is None or found.owner != BOT:
        return ()
    customer = await uow.customers.bound(found.channel, found.user)
    conversation = replace(found, customer_id=customer.id if customer else found.customer_id)
    if not await _may_ask(uow, now, conversation, NOT_SOONER_AFTER_TALK):
        return ()
    asked = _question(conversation, now, "utter_ask_rating_of_talk", agent=handoff.owner or "")
    await _note_asked(uow, now, conversation, handoff_id=handoff.id, agent=handoff.owner)
    return (asked,)


async def due_after_visits(uow: UnitOfWork, now: datetime) -> list[str]:
    """Numbers of the work orders handed over before today about which nobody was asked; none while we are closed."""
    return await uow.surveys.visits_due(now) if (await uow.calendar.load()).is_open(now) else []


async def ask_after_visit(uow: UnitOfWork, now: datetime, number: str) -> Said | None:
    """The question about the visit, once and where the customer has last written; None when another process has it."""
    if not await uow.surveys.take_visit(number, now):
        return None
    order = await uow.work_orders.find(number)
    if order is None or order.customer_id is None:
        return ()
    account = await uow.accounts.latest_of_customer(order.customer_id)
    customer = await uow.customers.get(order.customer_id)
    conversation = None if account is None else await uow.conversations.find(*account)
    if customer is None or conversation is None or conversation.owner != BOT:
        return ()
    known = replace(conversation, customer_id=order.customer_id)
    if customer.reminders_stopped_at or not await _may_ask(uow, now, known, NOT_SOONER_AFTER_VISIT):
        return ()
    values = {"salutation": salutation(customer.surname, customer.title), "model": car_called(order.model, order.plate)}
    await _note_asked(uow, now, known)
    return (_question(conversation, now, "utter_ask_rating_of_visit", **values),)


async def settled_lately(uow: UnitOfWork, now: datetime, conversation_id: int) -> Handoff | None:
    """The talk that an agent has just settled and that was not rated yet, whether it was asked about or not."""
    last = await uow.handoffs.last_of(conversation_id)
    if last is None or last.status != "resolved" or last.closed_at is None or last.closed_at < now - SENT_WITHIN:
        return None
    if not was_a_service(last.resolution or "") or last.answered_at is None:
        return None
    rated = await uow.surveys.answered_of(conversation_id, last.closed_at)
    return None if rated is not None else last


async def rate(
    uow: UnitOfWork, now: datetime, *, channel: str, user: str, score: int, comment: str = ""
) -> Rated | None:
    """The answer to the question asked lately; None when none was. A low score is a complaint, and the desk hears.

    Who is quicker than the question about the talk just settled is not asked any more.
    """
    conversation = await uow.conversations.find(channel, user)
    if conversation is None:
        return None
    survey = await uow.surveys.open_of(conversation.id, now - STANDS_FOR)
    survey = survey or await _before_it_was_asked(uow, now, conversation)
    if survey is None:
        return None
    await uow.surveys.change(survey.id, score=score, comment=comment or None, answered_at=now)
    survey = replace(survey, score=score, comment=comment or None, answered_at=now)
    if score > LOW:
        return Rated(survey, None)
    complaint = await _complain(uow, now, conversation, survey)
    await notify(
        uow,
        now,
        kind="survey_low",
        conversation_id=conversation.id,
        handoff_id=survey.handoff_id,
        urgency="complaint",
        payload={"score": score, "number": complaint.number},
    )
    return Rated(survey, complaint)


async def say_more(
    uow: UnitOfWork, now: datetime, *, channel: str, user: str, text: str, complaint: str | None
) -> Complaint | None:
    """Keep what somebody says to the rating they gave just now; the `complaint` it has become, with it, or None."""
    conversation = await uow.conversations.find(channel, user)
    survey = None if conversation is None else await uow.surveys.answered_of(conversation.id, now - _SAYS_MORE_WITHIN)
    if survey is not None:
        told = f"{survey.comment}\n{text}" if survey.comment else text
        await uow.surveys.change(survey.id, comment=told)
    return await add_to_complaint(uow, now, number=complaint, text=text, by="customer") if complaint else None


async def _before_it_was_asked(uow: UnitOfWork, now: datetime, conversation: Conversation) -> Survey | None:
    settled = await settled_lately(uow, now, conversation.id)
    if settled is None:
        return None
    await uow.surveys.ask_about(settled.id, None)
    customer = await uow.customers.bound(conversation.channel, conversation.user)
    known = replace(conversation, customer_id=customer.id if customer else conversation.customer_id)
    await _note_asked(uow, now, known, handoff_id=settled.id, agent=settled.owner)
    return await uow.surveys.open_of(conversation.id, now)


async def _complain(uow: UnitOfWork, now: datetime, conversation: Conversation, survey: Survey) -> Complaint:
    facts = {} if survey.handoff_id is None else await uow.handoffs.facts(survey.handoff_id)
    text = f"满意度评价{survey.score}分" + (f"：{survey.comment}" if survey.comment else "")
    filed = await file_complaint(
        uow,
        now,
        channel=conversation.channel,
        user=conversation.user,
        text=text,
        plate=facts.get("plate"),
        phone=facts.get("phone"),
        customer_id=survey.customer_id,
    )
    await uow.complaints.change(filed.id, kind=KIND)
    return filed


async def _may_ask(uow: UnitOfWork, now: datetime, conversation: Conversation, not_sooner: timedelta) -> bool:
    if await uow.accounts.reminders_stopped(conversation.channel, conversation.user):
        return False
    return may_ask(await uow.surveys.asked_at(conversation.id, conversation.customer_id), now, not_sooner)


async def _note_asked(uow: UnitOfWork, now: datetime, conversation: Conversation, **about: Any) -> None:
    await uow.surveys.add(conversation_id=conversation.id, customer_id=conversation.customer_id, asked_at=now, **about)


def _question(conversation: Conversation, now: datetime, response: str, **values: Any) -> Notice:
    """Never worth the last of what a platform lets us send, nor asked hours too late."""
    custom = {"kind": KIND, "optional": True, "expires_at": (now + SENT_WITHIN).isoformat()}
    return Notice(conversation, (response,), values, custom)
