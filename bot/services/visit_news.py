"""Tells a customer what the desk has changed of their visit: booked, moved, cancelled, confirmed, missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from bot.business.appointments import Appointment
from bot.business.spoken import salutation, time_text
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.notices import Said, notice_to

# What goes with it: newer news of the same visit take the place of those that still wait to be sent.
NEWS, REMINDER = "visit_news", "reminder"
BOOKED, MOVED, CANCELLED, CANCELLED_AS_WISHED, CONFIRMED, MISSED = (
    f"utter_desk_visit_{what}"
    for what in ("booked", "moved", "cancelled", "cancelled_as_wished", "confirmed", "missed")
)
LONGEST_WHY = 60


@dataclass(frozen=True)
class Change:
    """A visit after a change at the desk, and what the customer hears of it.

    `phone_them`: there is something to tell and no chat to tell it in, so that somebody has to telephone; `order` is
    the work order of a car that has arrived.
    """

    appointment: Appointment
    said: Said = ()
    phone_them: bool = False
    order: str = ""

    @property
    def conversation_id(self) -> int | None:
        """Where it is said."""
        return self.said[0].conversation.id if self.said else None


async def told(
    uow: BookingUnitOfWork,
    appointment: Appointment,
    response: str,
    *,
    before: Appointment | None = None,
    why: str = "",
) -> Change:
    """The change with what is said about it; `why` are the agent's own words to the customer, `before` the old time."""
    found = await _notice(uow, appointment, response, await _values(uow, appointment, before, why))
    number = appointment.number
    for notice in found:
        await uow.messages.withdraw(notice.conversation.id, NEWS, number)
        await uow.messages.withdraw(notice.conversation.id, REMINDER, number)
    custom = {"kind": NEWS, "number": number, "call": True, "about": "appointment"}
    return Change(appointment, tuple(replace(notice, custom=custom) for notice in found), phone_them=not found)


async def _notice(uow: BookingUnitOfWork, appointment: Appointment, response: str, values: Mapping[str, Any]) -> Said:
    """Said in the conversation that booked it, else where the customer has last written; not where nothing arrives."""
    accounts = [(appointment.channel, appointment.user)]
    if appointment.customer_id is not None:
        latest = await uow.accounts.latest_of_customer(appointment.customer_id)
        accounts += [latest] if latest else []
    for account in accounts:
        found = await notice_to(uow, *account, response, **values)
        if found and not await uow.conversations.is_unreachable(found[0].conversation.id):
            return found
    return ()


async def _values(
    uow: BookingUnitOfWork, appointment: Appointment, before: Appointment | None, why: str
) -> Mapping[str, Any]:
    service = await uow.workshop.service_type(appointment.service_type)
    zone = (await uow.calendar.load(since=appointment.start.date())).zone
    said_why = " ".join(why.split()).rstrip("。.!！；;，,")[:LONGEST_WHY]
    return {
        "salutation": salutation(appointment.surname, appointment.title),
        "number": appointment.number,
        "plate": appointment.plate,
        "what": service.name if service else "",
        "when": _when(appointment.start, zone),
        "before": _when(before.start if before else appointment.start, zone),
        "why": f"（{said_why}）" if said_why else "",
    }


def _when(moment: datetime, zone: tzinfo) -> str:
    return time_text(moment.astimezone(zone))
