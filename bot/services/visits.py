"""What agents do with visits in the calendar: book, receive, move, cancel, confirm; the customer hears of each.

The rules, the lock and the refusals are those of services/booking.py. `seen` is the state of the visit the agent was
looking at (`state_of`): when it is another one meanwhile, nothing is done and ChangedMeanwhile is raised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.business.appointments import Appointment, BookingRequest
from bot.business.means import able
from bot.business.refusals import ChangedMeanwhile, InvalidValue
from bot.business.windows import ANYWHERE, Place, Window
from bot.services import booking, visit_news
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.diary import open_diary
from bot.services.visit_news import Change
from bot.services.visit_orders import check_not_here, receive_visit
from bot.services.workshop_ports import WorkshopUnitOfWork

_KIND = "appointment"


def state_of(appointment: Appointment) -> str:
    """What a page shows of the visit, as a short text to compare."""
    shown = (appointment.status, appointment.start, appointment.bay_id, appointment.technician_id)
    text = repr((*shown, appointment.needs_check, appointment.changed_at.timestamp()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


async def free_times(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    service_type: str,
    since: datetime,
    place: Place = ANYWHERE,
    number: str | None = None,
    agent: str = "",
    holder: str = "",
) -> list[Window]:
    """Every window of a day the agent may book (or move the visit `number` to), `since` itself too if it is free.

    Booked for somebody who writes ("channel:user"), what is held for that `holder` is free too.
    """
    diary = await open_diary(uow, now, service_type, holder or _holder(agent), number, by_staff=True)
    day = diary.calendar.day_of(since)
    return await diary.free(day, day, exactly=diary.local(since), earliest=diary.local(now), place=place)


async def book_visit(
    uow: BookingUnitOfWork,
    now: datetime,
    request: BookingRequest,
    *,
    agent: str,
    place: Place = ANYWHERE,
    again: bool = False,
) -> Change:
    """The visit an agent books for somebody; they are told.

    Raises WindowFull with alternatives, AlreadyBooked unless booked `again`, InvalidValue.
    """
    await _check_place(uow, place, request.service_type)
    booked = await booking.book_appointment(uow, now, request, place=place, by_staff=True, again=again)
    await _note(uow, now, agent, "book", booked.number)
    return await visit_news.told(uow, booked, visit_news.BOOKED)


async def walk_in(
    uow: WorkshopUnitOfWork,
    now: datetime,
    request: BookingRequest,
    *,
    agent: str,
    place: Place = ANYWHERE,
    again: bool = False,
) -> Change:
    """The visit of somebody who stands at the counter: it begins now, they have arrived, and its work order is opened.

    Raises as book_visit does, WorkOrderOpen for a car that is in the workshop already, and InvalidValue("who") for
    somebody nobody knows who leaves no name or phone.
    """
    await check_not_here(uow, request.plate)
    if request.matched_customer_id is None and not (request.surname.strip() and request.phone):
        raise InvalidValue("who", "missing")
    start = _next_minute(now)
    at_once = replace(request, window=replace(request.window, start=start, end=start), reminder=None)
    await _check_place(uow, place, request.service_type)
    booked = await booking.book_appointment(uow, now, at_once, place=place, by_staff=True, again=again)
    arrived = await booking.change_status(uow, now, number=booked.number, status="arrived")
    await _note(uow, now, agent, "walk_in", booked.number)
    return Change(arrived, order=await receive_visit(uow, now, number=booked.number, agent=agent))


async def move_visit(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    number: str,
    start: datetime,
    place: Place,
    agent: str,
    seen: str,
    why: str = "",
) -> Change:
    """The visit at another time or place; the customer is told of another time, not of another bay.

    Raises ChangedMeanwhile, WindowFull with alternatives, NotAllowed, UnknownAppointment, InvalidValue.
    """
    before = await _unchanged(uow, number, seen)
    await _check_place(uow, place, before.service_type)
    window = Window(start, start, 0, 0)
    moved = await booking.move_appointment(
        uow, now, number=number, window=window, holder=_holder(agent), by_staff=True, place=place
    )
    await _note(uow, now, agent, "move", number)
    if moved.start == before.start:
        return Change(moved)
    return await visit_news.told(uow, moved, visit_news.MOVED, before=before, why=why)


async def cancel_visit(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    number: str,
    reason: str,
    agent: str,
    seen: str,
    why: str = "",
    wished: bool = False,
) -> Change:
    """The cancelled visit; `reason` stays in the house, `why` is said to the customer. Raises as move_visit.

    `wished`: the customer asked for it, so that the dealership has nothing to be sorry for.
    """
    await _unchanged(uow, number, seen)
    if not reason.strip():
        raise InvalidValue("reason", "missing")
    cancelled = await booking.cancel_appointment(uow, now, number=number, reason=reason.strip(), by_staff=True)
    await _note(uow, now, agent, "cancel", number)
    response = visit_news.CANCELLED_AS_WISHED if wished else visit_news.CANCELLED
    return await visit_news.told(uow, cancelled, response, why=why)


async def mark_visit(
    uow: WorkshopUnitOfWork, now: datetime, *, number: str, status: str, agent: str, seen: str
) -> Change:
    """The visit as arrived, done or no_show.

    Who has arrived has a work order from then on; who did not come is invited to choose another time. Raises as
    move_visit, WindowFull when somebody who comes late finds their place given away, InvalidValue when it is too early.
    """
    before = await _unchanged(uow, number, seen)
    if status not in ("arrived", "done", "no_show"):
        raise InvalidValue("status", "unknown")
    if now < before.start and (status == "no_show" or await _is_another_day(uow, now, before)):
        raise InvalidValue("status", "too_early")
    marked = await booking.change_status(uow, now, number=number, status=status)
    await _note(uow, now, agent, status, number)
    if status == "no_show":
        return await visit_news.told(uow, marked, visit_news.MISSED)
    order = await receive_visit(uow, now, number=number, agent=agent) if status == "arrived" else ""
    return Change(marked, order=order)


async def open_order(uow: WorkshopUnitOfWork, now: datetime, *, number: str, agent: str, seen: str) -> Change:
    """The arrived visit with its work order, opened unless there is one. Raises ChangedMeanwhile, NotAllowed."""
    arrived = await _unchanged(uow, number, seen)
    return Change(arrived, order=await receive_visit(uow, now, number=number, agent=agent))


async def _is_another_day(uow: BookingUnitOfWork, now: datetime, visit: Appointment) -> bool:
    calendar = await uow.calendar.load(since=now.date())
    return calendar.day_of(now) != calendar.day_of(visit.start)


async def confirm_visit(uow: BookingUnitOfWork, now: datetime, *, number: str, agent: str, seen: str) -> Change:
    """The visit that a person had to look at, confirmed to the customer. Raises as move_visit."""
    before = await _unchanged(uow, number, seen)
    if before.status != "booked" or not before.needs_check:
        raise InvalidValue("needs_check", "not_waiting")
    await uow.appointments.confirm(number, now)
    confirmed = await booking.change_details(uow, now, number=number, changes={"needs_check": False})
    await _note(uow, now, agent, "confirm", number)
    return await visit_news.told(uow, confirmed, visit_news.CONFIRMED)


async def _unchanged(uow: BookingUnitOfWork, number: str, seen: str) -> Appointment:
    """The visit, if it still is what the agent has seen; nobody else changes it until the transaction ends."""
    await uow.workshop.lock()
    found = await booking.find_appointment(uow, number)
    if state_of(found) != seen:
        raise ChangedMeanwhile(await _changer(uow, found), found.changed_at)
    return found


async def _changer(uow: BookingUnitOfWork, changed: Appointment) -> str:
    """The agent who has last changed the visit, empty when it was the customer."""
    return await uow.audit.actor_at(_KIND, changed.number, changed.changed_at) or ""


async def _check_place(uow: BookingUnitOfWork, place: Place, service_type: str) -> None:
    """Raise InvalidValue for a bay or technician that does not do this kind of work."""
    means = able(service_type, await uow.workshop.bays(), await uow.workshop.team())
    if not _has(place.bay_id, means.bays):
        raise InvalidValue("bay_id", "unknown")
    if not _has(place.technician_id, means.technicians):
        raise InvalidValue("technician_id", "lacks_skill")


def _has(chosen: int | None, among: Sequence[int]) -> bool:
    return chosen is None or chosen in among


async def _note(uow: BookingUnitOfWork, now: datetime, agent: str, action: str, number: str) -> None:
    await uow.audit.write(now, actor=agent, action=action, kind=_KIND, subject=number)


def _holder(agent: str) -> str:
    return f"desk:{agent}"


def _next_minute(now: datetime) -> datetime:
    full = now.replace(second=0, microsecond=0)
    return full if full == now else full + timedelta(minutes=1)
