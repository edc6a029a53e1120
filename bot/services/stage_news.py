"""Changes of a repair, told to the customer unasked where they have last written (SERVICE_STANDARD §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.business.people import Customer
from bot.business.spoken import car_called, day_text, duration_text, salutation, time_text, yuan_text
from bot.business.stage_news import news_parts, news_waits
from bot.business.stages import next_stage, read_stage
from bot.business.work_orders import Proposal, WorkOrder
from bot.services.notices import Said, notice_to
from bot.services.ports import UnitOfWork

# What goes with the notices: newer ones take the place of those that still wait to be sent; with "call" a person has to
# telephone when it cannot be sent.
NEWS, CONSENT = "repair_news", "repair_consent"


async def due_stage_news(uow: UnitOfWork, now: datetime) -> list[str]:
    """Numbers of the work orders whose customers are to hear of a change now, the oldest change first."""
    hours = await uow.calendar.load()
    changed = await uow.work_orders.changed(now)
    return [order.number for order, asks in changed if not news_waits(order, now, hours, asks=asks)]


async def tell_stage_news(uow: UnitOfWork, now: datetime, number: str) -> Said | None:
    """The state that holds, the promised time and what comes next, or the extra item with its buttons; once a change.

    None when another process has it or it waits for the opening. Only marked when nobody is known who could be told.
    """
    order = await uow.work_orders.take_changed(number, now)
    if order is None:
        return None
    proposal = await _to_ask_for(uow, order)
    if news_waits(order, now, await uow.calendar.load(), asks=proposal is not None):
        return None
    await uow.work_orders.told(order.id, told_stage=order.stage, told_promise_at=order.promised_at)
    if proposal is not None:
        await uow.work_orders.asked(proposal.id, now)
    account = None if order.customer_id is None else await uow.accounts.latest_of_customer(order.customer_id)
    customer = None if order.customer_id is None else await uow.customers.get(order.customer_id)
    if account is None or customer is None:
        return ()
    values = {**_values(order, customer), **({} if proposal is None else proposal_values(proposal, order.plate))}
    said = await notice_to(uow, *account, *news_parts(order, proposal, now), **values)
    custom = {"kind": CONSENT if proposal else NEWS, "number": number, "call": bool(proposal) or order.stage == "ready"}
    for notice in said:
        await uow.messages.withdraw(notice.conversation.id, NEWS, number)
    return tuple(replace(notice, custom=custom) for notice in said)


def proposal_values(proposal: Proposal, plate: str | None) -> dict[str, str]:
    """The variables of utter_proposal; `plate` goes with the buttons, for customers with several cars."""
    return {
        "what": proposal.item,
        "why": f"{proposal.reason}。" if proposal.reason else "",
        "price": yuan_text(proposal.price_fen or 0),
        "duration": duration_text(proposal.minutes or 30),
        "plate": plate or "",
    }


async def _to_ask_for(uow: UnitOfWork, order: WorkOrder) -> Proposal | None:
    """The oldest extra item that waits, unless the customer was asked for one that waits too: one at a time."""
    waiting = [each for each in await uow.work_orders.proposals(order.id) if each.status == "waiting"]
    return None if not waiting or any(each.told_at for each in waiting) else waiting[0]


def _values(order: WorkOrder, customer: Customer) -> dict[str, Any]:
    following = next_stage(order.stage)
    return {
        "salutation": salutation(customer.surname, customer.title),
        "model": car_called(order.model, order.plate),
        "number": order.number,
        "stage": read_stage(order.stage).text,
        "next_stage": following.text if following else "",
        "promised": time_text(order.promised_at) if order.promised_at else "",
        "reason": order.delay_reason or "",
        "work": order.work,
        "price": yuan_text(order.total_fen or 0),
        "parts_day": day_text(order.parts_at.date()) if order.parts_at else "",
        "advice": order.advice,
        "next_service": order.next_service,
        "adviser": order.adviser,
    }
