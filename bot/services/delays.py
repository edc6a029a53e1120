"""Promises not kept in time: told to the customer unasked, and noted for the supervisor (SERVICE_STANDARD §1)."""

from __future__ import annotations

from datetime import datetime

from bot.business.deadlines import COMPLAINT_LEVELS
from bot.business.handoffs import answer_due_at, owes_call_back
from bot.business.spoken import car_called, salutation, time_text
from bot.business.stages import read_stage
from bot.business.work_orders import DelayWord, WorkOrder, delay_word_due
from bot.services.answering import ANSWER, DANGER, HANDOFF
from bot.services.complaints import escalate_complaint, late_complaints
from bot.services.handoffs import call_back_of, escalate_handoff, unanswered
from bot.services.notices import Notice, Said, alert, notice_to
from bot.services.ports import UnitOfWork

_ALERTS: dict[DelayWord, str] = {"apology": "late", "last": "still_late"}


async def due_handoffs(uow: UnitOfWork, now: datetime) -> list[int]:
    """Ids of the requests for a person that nobody took in time, the oldest first."""
    return [each.handoff.id for each in await unanswered(uow, now)]


async def owe_call_back(uow: UnitOfWork, now: datetime, handoff_id: int) -> Said | None:
    """The customer told that a call-back is owed, a supervisor alerted; it goes on waiting (DESIGN §5 Hand-off 10).

    None when somebody took it meanwhile, or another process has it.
    """
    handoff = await uow.handoffs.take(handoff_id)
    if handoff is None or not owes_call_back(handoff):
        return None
    owed = await call_back_of(uow, handoff, answer_due_at(handoff, await uow.calendar.load()))
    if owed.due_at > now:
        return None
    await escalate_handoff(uow, now, handoff_id=handoff_id)
    await uow.deadlines.reported(now, (HANDOFF, handoff_id), (ANSWER, DANGER))
    await alert(uow, now, kind="handoff", subject=str(handoff_id), why="unanswered")
    rescue = await uow.rescues.open_of(handoff.channel, handoff.user) if handoff.urgency == "danger" else None
    if rescue is not None and rescue.status == "open":
        return ()  # told with the words about the late rescue itself, due at the same moment
    conversation = await uow.conversations.get(handoff.conversation_id)
    response = "utter_callback_owed" if owed.phone else "utter_callback_owed_ask_phone"
    if handoff.urgency == "danger":
        response = "utter_callback_owed_danger"
    return () if conversation is None else (Notice(conversation, (response,), about_handoff=True),)


async def due_complaints(uow: UnitOfWork, now: datetime) -> list[str]:
    """Numbers of the open complaints past their deadline, the oldest deadline first."""
    return [each.number for each in await late_complaints(uow, now)]


async def report_late_complaint(uow: UnitOfWork, now: datetime, number: str) -> Said | None:
    """The management alerted and the customer told; None when another process has it or it was answered."""
    complaint = await uow.complaints.take_late(number, now)
    if complaint is None:
        return None
    await escalate_complaint(uow, now, number=number)
    await uow.deadlines.reported(now, ("complaint", complaint.id), COMPLAINT_LEVELS)
    await alert(uow, now, kind="complaint", subject=number, why="late")
    said = {"number": number, "owner": complaint.owner}
    return await notice_to(uow, complaint.channel, complaint.user, "utter_complaint_late", **said)


async def due_repairs(uow: UnitOfWork, now: datetime) -> list[str]:
    """Numbers of the work orders past their promise whose customers are to hear of it now."""
    hours = await uow.calendar.load()
    return [each.number for each in await uow.work_orders.late(now) if delay_word_due(each, now, hours)]


async def tell_late_repair(uow: UnitOfWork, now: datetime, number: str) -> Said | None:
    """An apology with the reason if it is known, then news, at last that a person calls; None when none is due.

    A supervisor is alerted with the first and the last. Only a customer who has shown to be the one is told, where
    they have last written.
    """
    order = await uow.work_orders.take_late(number, now)
    word = None if order is None else delay_word_due(order, now, await uow.calendar.load())
    if order is None or word is None:
        return None
    if why := _ALERTS.get(word):
        await alert(uow, now, kind="work_order", subject=number, why=why)
    await uow.deadlines.reported(now, ("work_order", order.id), ("promised_time",))
    first = order.news_at is None or order.promised_at is None or order.news_at < order.promised_at
    await uow.work_orders.told(order.id, news_at=now, told_stage=order.stage, told_promise_at=order.promised_at)
    return await _of_late_repair(uow, order, word, first)


async def _of_late_repair(uow: UnitOfWork, order: WorkOrder, word: DelayWord, first: bool) -> Said:
    account = None if order.customer_id is None else await uow.accounts.latest_of_customer(order.customer_id)
    customer = None if order.customer_id is None else await uow.customers.get(order.customer_id)
    if account is None or customer is None or order.promised_at is None:
        return ()
    said = {
        "salutation": salutation(customer.surname, customer.title),
        "model": car_called(order.model, order.plate),
        "number": order.number,
        "promised": time_text(order.promised_at),
        "stage": read_stage(order.stage).text,
        "reason": order.delay_reason or "",
    }
    apology = "utter_work_order_late_because" if order.delay_reason else "utter_work_order_late"
    parts = [apology] if first else ["utter_work_order_news"] if word == "news" else []
    return await notice_to(uow, *account, *parts, *(["utter_work_order_call"] if word == "last" else []), **said)
