"""Booking a visit: book, move, cancel, look up (SERVICE_STANDARD §5); what can be booked is in offers.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.business.appointments import (
    Appointment,
    BookingRequest,
    Reminder,
    check_booked,
    check_changeable,
    check_details,
    check_request,
    check_status,
    reminder_at,
)
from bot.business.plates import NO_PLATE
from bot.business.refusals import AlreadyBooked, InvalidValue, UnknownAppointment, WindowFull, WindowGone
from bot.business.windows import ANYWHERE, Place, Window, Wish, is_free
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.diary import Diary, open_diary
from bot.services.promises import visit_booked, visit_checked
from bot.services.registering import people_of

_ALTERNATIVES = 3
_ARRIVED_STAYS_OPEN = timedelta(days=30)


async def book_appointment(
    uow: BookingUnitOfWork,
    now: datetime,
    request: BookingRequest,
    *,
    place: Place = ANYWHERE,
    by_staff: bool = False,
    again: bool = False,
) -> Appointment:
    """The stored appointment, at one `place` if that is given.

    Raises WindowGone when an offered window was lost meanwhile, WindowFull when the time is not free, both with
    alternatives (not held: offer them again), AlreadyBooked when the vehicle of a known person has an open one,
    InvalidValue. A stranger's second appointment for a plate is stored with needs_check (DESIGN §5 Privacy); the
    staff (`by_staff`) is told of any open one instead, and books `again` all the same or not.
    """
    check_request(request)
    diary = await open_diary(uow, now, request.service_type, request.holder, by_staff=by_staff)
    needs_check = False
    if not by_staff:
        needs_check = await _needs_check(uow, now, request)
    elif not again:
        await _check_first(uow, now, request.plate)
    window = await _window(diary, request.window.start, (place,))
    customer_id, vehicle_id = await people_of(uow, now, request)
    number = await uow.appointments.new_number()
    appointment = _appointment(request, window, number, now)
    appointment = replace(appointment, customer_id=customer_id, vehicle_id=vehicle_id, needs_check=needs_check)
    await uow.appointments.add(appointment, reminder_at(window.start, request.reminder, now))
    if not by_staff:
        await visit_booked(uow, now, appointment)
    await uow.holds.release(request.holder)
    return appointment


async def _needs_check(uow: BookingUnitOfWork, now: datetime, request: BookingRequest) -> bool:
    """Whether a person must look at the request first; raises AlreadyBooked to somebody who may know."""
    if request.needs_check:
        return True
    others = [each for each in await uow.appointments.open_of_plate(request.plate) if _is_current(each, now)]
    for other in others:
        same_person = (other.channel, other.user) == (request.channel, request.user)
        if same_person or (other.customer_id is not None and other.customer_id == request.matched_customer_id):
            raise AlreadyBooked(other.number)
    return bool(others) and request.plate != NO_PLATE  # those may be any cars


async def _check_first(uow: BookingUnitOfWork, now: datetime, plate: str) -> None:
    """Raise AlreadyBooked when the car has an open appointment; cars without a plate may be any."""
    others = [each for each in await uow.appointments.open_of_plate(plate) if _is_current(each, now)]
    if others and plate != NO_PLATE:
        raise AlreadyBooked(others[0].number)


async def _window(diary: Diary, start: datetime, places: Sequence[Place] = (ANYWHERE,)) -> Window:
    """The window at `start` with a bay and a technician that are free now, in the first of the `places` that has one.

    What is refused comes with the nearest windows anywhere, the same time at another place first.
    """
    start = diary.local(start)
    for place in places:
        window = await diary.at(start, place)
        if window is not None:
            return window
    offered = any(each.start == start for each in await diary.uow.holds.of(diary.holder))
    elsewhere = await diary.at(start) if ANYWHERE not in places else None
    nearest = await diary.nearest(Wish(start, start), _ALTERNATIVES)
    alternatives = nearest if elsewhere is None else (elsewhere, *nearest)
    raise WindowGone(alternatives) if offered else WindowFull(alternatives)


def _appointment(request: BookingRequest, window: Window, number: str, now: datetime) -> Appointment:
    return Appointment(
        number=number,
        status="booked",
        start=window.start,
        end=window.end,
        service_type=request.service_type,
        bay_id=window.bay_id,
        technician_id=window.technician_id,
        plate=request.plate,
        surname=request.surname,
        title=request.title,
        phone=request.phone,
        model=request.model,
        mileage_km=request.mileage_km,
        symptoms=request.symptoms,
        loaner=request.loaner,
        reminder=request.reminder,
        note=request.note,
        channel=request.channel,
        user=request.user,
        customer_id=None,
        vehicle_id=None,
        needs_check=False,
        consent=request.consent,
        cancel_reason=None,
        created_at=now,
        changed_at=now,
    )


async def move_appointment(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    number: str,
    window: Window,
    holder: str,
    by_staff: bool = False,
    place: Place | None = None,
) -> Appointment:
    """The appointment at its new time, as long as its old one is before the cut-off (staff may always).

    With a `place` (the staff's) it goes there, and what that leaves open stays as it was if it is free.

    Raises UnknownAppointment, NotAllowed, TooLateToChange(cut_off), WindowGone, WindowFull.
    """
    await uow.workshop.lock()
    before = await find_appointment(uow, number)
    await _check_changeable(uow, now, before, by_staff)
    diary = await open_diary(uow, now, before.service_type, holder, leaving_out=number, by_staff=by_staff)
    at = await _window(diary, window.start, (ANYWHERE,) if place is None else _places(place, before))
    remind = reminder_at(at.start, before.reminder, now)
    changes: dict[str, Any] = {"start": at.start, "end": at.end, "bay_id": at.bay_id, "technician_id": at.technician_id}
    await uow.appointments.change(
        number, {**changes, "reminder": before.reminder, "reminder_at": remind, "changed_at": now}
    )
    await uow.holds.release(holder)
    return replace(before, **changes, changed_at=now)


def _places(wished: Place, before: Appointment) -> tuple[Place, ...]:
    """Where to look for a free place, the best first."""
    bay, technician = wished.bay_id or before.bay_id, wished.technician_id or before.technician_id
    by_bay, by_technician = Place(bay, wished.technician_id), Place(wished.bay_id, technician)
    return tuple(dict.fromkeys((Place(bay, technician), by_bay, by_technician, wished)))


async def cancel_appointment(
    uow: BookingUnitOfWork, now: datetime, *, number: str, reason: str, by_staff: bool = False
) -> Appointment:
    """The cancelled appointment; its window is free again. Raises as move_appointment does."""
    await uow.workshop.lock()
    before = await find_appointment(uow, number)
    await _check_changeable(uow, now, before, by_staff)
    changes: dict[str, Any] = {"status": "cancelled", "cancel_reason": reason, "changed_at": now}
    await uow.appointments.change(number, {**changes, "reminder": before.reminder, "reminder_at": None})
    return await _looked_at(uow, now, replace(before, **changes))


async def _check_changeable(uow: BookingUnitOfWork, now: datetime, before: Appointment, by_staff: bool) -> None:
    check_booked(before) if by_staff else check_changeable(before, now, await uow.workshop.rules())


async def change_status(uow: BookingUnitOfWork, now: datetime, *, number: str, status: str) -> Appointment:
    """The appointment with what became of it (arrived, done, no_show, …), told by the staff; raises NotAllowed."""
    await uow.workshop.lock()
    before = await find_appointment(uow, number)
    check_status(before.status, status)
    if before.status == "no_show" and status == "arrived":
        await _check_still_free(uow, now, before)
    await uow.appointments.change(number, {"status": status, "changed_at": now})
    return await _looked_at(uow, now, replace(before, status=status, changed_at=now))


async def _check_still_free(uow: BookingUnitOfWork, now: datetime, late: Appointment) -> None:
    """Raise WindowFull when the place of somebody who did not come in time has been given away."""
    diary = await open_diary(uow, now, late.service_type, f"visit:{late.number}", late.number, by_staff=True)
    day = diary.calendar.day_of(late.start)
    window = Window(late.start, late.end, late.bay_id, late.technician_id)
    if not is_free(window, await diary.taken(day, day), 0):
        raise WindowFull(await diary.nearest(Wish(now, now), _ALTERNATIVES))


async def change_details(
    uow: BookingUnitOfWork, now: datetime, *, number: str, changes: Mapping[str, Any]
) -> Appointment:
    """The appointment with other `changes`: note, loaner, reminder, surname, title, phone, mileage_km, needs_check."""
    before = await find_appointment(uow, number)
    allowed = {"note", "loaner", "reminder", "surname", "title", "phone", "mileage_km", "needs_check"}
    if unknown := set(changes) - allowed:
        raise InvalidValue(min(unknown), "not_changeable")
    check_details(changes.get("loaner"), changes.get("reminder"))
    values: dict[str, Any] = {**changes, "changed_at": now}
    if "reminder" in changes:
        reminder: Reminder | None = changes["reminder"]
        values["reminder_at"] = reminder_at(before.start, reminder, now)
    await uow.appointments.change(number, values)
    return await _looked_at(uow, now, replace(before, **changes, changed_at=now))


async def _looked_at(uow: BookingUnitOfWork, now: datetime, appointment: Appointment) -> Appointment:
    """The same visit; what was promised about it is kept or ended as it stands now."""
    await visit_checked(uow, now, appointment)
    return appointment


async def find_appointment(uow: BookingUnitOfWork, number: str) -> Appointment:
    """The appointment `number`; raises UnknownAppointment."""
    found = await uow.appointments.get(number)
    if found is None:
        raise UnknownAppointment(number)
    return found


async def open_appointments(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    customer_id: int | None = None,
    plate: str | None = None,
    holder: str | None = None,
) -> list[Appointment]:
    """Visits to come (or under way) of a customer, of a plate and of those booked by `holder`, the next first."""
    found: dict[str, Appointment] = {}
    if customer_id is not None:
        found |= {each.number: each for each in await uow.appointments.open_of_customer(customer_id)}
    if plate is not None:
        found |= {each.number: each for each in await uow.appointments.open_of_plate(plate)}
    if holder is not None:
        channel, _, user = holder.partition(":")
        found |= {each.number: each for each in await uow.appointments.open_of_person(channel, user)}
    return sorted((each for each in found.values() if _is_current(each, now)), key=lambda each: each.start)


def _is_current(appointment: Appointment, now: datetime) -> bool:
    """Whether an open appointment is still meant; nobody noted what became of one long past."""
    stays = _ARRIVED_STAYS_OPEN if appointment.status == "arrived" else timedelta(0)
    return appointment.end + stays >= now


async def appointment_page(
    uow: BookingUnitOfWork, *, filters: Mapping[str, Any], after: int, limit: int
) -> list[tuple[int, Appointment]]:
    """Appointments with their ids, oldest first, after the id `after`.

    `filters`: any of plate, phone, status, service_type, channel, user, customer_id, needs_check, since, until.
    """
    return await uow.appointments.page(filters, after, limit)
