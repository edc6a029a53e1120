"""Reminders before a visit, by the channel and with the lead time the customer chose (SERVICE_STANDARD §9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.appointments import Appointment
from bot.business.spoken import salutation, time_text
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.notices import Notice, Said
from bot.services.ports import Account


async def due_reminders(uow: BookingUnitOfWork, now: datetime) -> list[str]:
    """Numbers of the appointments to remind of, who should have heard first in front."""
    return await uow.appointments.reminders_due(now)


async def remind(uow: BookingUnitOfWork, now: datetime, number: str) -> Said | None:
    """The reminder, marked as done; None when another process has it.

    Only marked when the visit has begun or is no longer booked, when the person said stop, or when nobody can be
    written to.
    """
    appointment = await uow.appointments.take_reminder(number, now)
    if appointment is None:
        return None
    account = await _account(uow, appointment)
    if appointment.status != "booked" or appointment.start <= now or account is None:
        return ()
    if await _stopped(uow, appointment, account):
        return ()
    conversation = await uow.conversations.ensure(*account, now)
    service = await uow.workshop.service_type(appointment.service_type)
    name = service.name if service else ""
    values = {
        "salutation": salutation(appointment.surname, appointment.title),
        "when": time_text(appointment.start),
        "what": "，".join(each for each in (appointment.plate, name) if each),
        "number": appointment.number,
    }
    return (Notice(conversation, ("utter_reminder",), values, _custom(appointment, name)),)


def _custom(appointment: Appointment, service: str) -> dict[str, Any]:
    """For platforms that send it by a template, and so that it is never sent once the visit has begun."""
    start = appointment.start.isoformat()
    found = {"kind": "reminder", "number": appointment.number, "start": start, "expires_at": start, "service": service}
    return {**found, "plate": appointment.plate} if appointment.plate else found


async def _account(uow: BookingUnitOfWork, appointment: Appointment) -> Account | None:
    """Where to remind: the conversation of the booking, unless another channel was wished and is known to be theirs."""
    own = (appointment.channel, appointment.user) if appointment.user else None
    wished = appointment.reminder.channel if appointment.reminder else appointment.channel
    if own is not None and wished == appointment.channel:
        return own
    if appointment.customer_id is None:
        return own
    on_wished = await uow.accounts.latest_of_customer(appointment.customer_id, wished)
    return on_wished or own or await uow.accounts.latest_of_customer(appointment.customer_id)


async def _stopped(uow: BookingUnitOfWork, appointment: Appointment, account: Account) -> bool:
    """Whether the person said stop, on this account, the booking's, or another one of the same customer."""
    for each in {account, (appointment.channel, appointment.user)}:
        if await uow.accounts.reminders_stopped(*each):
            return True
    customer = None if appointment.customer_id is None else await uow.customers.get(appointment.customer_id)
    return customer is not None and customer.reminders_stopped_at is not None
