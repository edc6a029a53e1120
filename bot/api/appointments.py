"""/api/v1/appointments: the dealer's own programs book, look up, move and cancel visits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Extra, StrictBool, StrictInt, root_validator

from bot.api.context import Context, Here
from bot.api.fields import IsoTime, Kilometres, Name, Note, Short, Words
from bot.api.lists import Wished
from bot.api.problems import bad_field
from bot.business.appointments import Appointment, BookingRequest, Reminder
from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.symptoms import Symptoms
from bot.business.windows import Window
from bot.services import booking

router = APIRouter(prefix="/appointments", tags=["appointments"])


class Person(BaseModel, extra=Extra.forbid):
    """Who comes."""

    surname: Short = Short("")
    title: Short = Short("")
    phone: Short = Short("")


class SymptomLists(BaseModel, extra=Extra.forbid):
    """The five things asked of a fault, in the customer's words."""

    problem: list[Words] = []
    location: list[Words] = []
    noise: list[Words] = []
    frequency: list[Words] = []
    situation: list[Words] = []


class ReminderWish(BaseModel, extra=Extra.forbid):
    """By which channel and how many hours before."""

    channel: Name
    hours_before: StrictInt


class NewAppointment(BaseModel, extra=Extra.forbid):
    """A visit to book; `start` is an offered or any free time."""

    service_type: Name
    start: IsoTime
    plate: Name
    customer: Person = Person()
    model: Short = Short("")
    mileage_km: Kilometres | None = None
    symptoms: SymptomLists = SymptomLists()
    loaner: Name = Name("none")
    reminder: ReminderWish | None = None
    note: Note = Note("")
    channel: Name = Name("rest")
    user: Name = Name("api")
    consent: StrictBool = True


class AppointmentChange(BaseModel, extra=Extra.forbid):
    """Another time (`start`), status (cancelled with `reason`) or details."""

    start: IsoTime | None = None
    status: Name | None = None
    reason: Note = Note("")
    note: Note | None = None
    loaner: Name | None = None
    reminder: ReminderWish | None = None
    needs_check: StrictBool | None = None

    @root_validator(pre=True)
    def _not_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(values, dict) or not values:
            raise ValueError("should name at least one field to change")
        return values


@router.get("")
async def list_appointments(
    here: Here,
    wish: Wished,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
    service_type: str | None = None,
    channel: str | None = None,
    user: str | None = None,
    needs_check: bool | None = None,
    since: IsoTime | None = None,
    until: IsoTime | None = None,
) -> dict[str, Any]:
    """Visits by the order they were made."""
    given = {
        "plate": (normalise_plate(plate) or plate) if plate else None,
        "phone": (normalise_phone(phone) or phone) if phone else None,
        "status": status,
        "service_type": service_type,
        "channel": channel,
        "user": user,
        "needs_check": needs_check,
        "since": here.aware(since),
        "until": here.aware(until),
    }
    filters = {name: value for name, value in given.items() if value is not None}
    async with here.store.reading() as uow:
        found = await booking.appointment_page(uow, filters=filters, after=wish.key, limit=wish.limit + 1)
    shown, more = found[: wish.limit], len(found) > wish.limit
    return {"items": [view(each, here) for _, each in shown], "next": str(shown[-1][0]) if more else None}


@router.get("/{number}")
async def get_appointment(number: str, here: Here) -> dict[str, Any]:
    """One visit."""
    async with here.store.reading() as uow:
        return view(await booking.find_appointment(uow, number), here)


@router.post("", status_code=201)
async def book(wish: NewAppointment, here: Here) -> dict[str, Any]:
    """Books a free time; 409 with `alternatives` when it is taken, or with the number of the open visit."""
    request = _request(wish, here)
    async with here.store.transaction() as uow:
        return view(await booking.book_appointment(uow, here.clock.now(), request), here)


@router.patch("/{number}")
async def change(number: str, wish: AppointmentChange, here: Here) -> dict[str, Any]:
    """Moves, cancels or changes a visit; the staff may do so after the customers' cut-off."""
    async with here.store.transaction() as uow:
        now = here.clock.now()
        found = await booking.find_appointment(uow, number)
        if wish.start is not None:
            start = _aware(wish.start, here)
            window = Window(start, start, 0, 0)
            found = await booking.move_appointment(
                uow, now, number=number, window=window, holder="staff:api", by_staff=True
            )
        if details := _details(wish):
            found = await booking.change_details(uow, now, number=number, changes=details)
        if wish.status == "cancelled":
            found = await booking.cancel_appointment(uow, now, number=number, reason=wish.reason, by_staff=True)
        elif wish.status is not None:
            found = await booking.change_status(uow, now, number=number, status=wish.status)
    return view(found, here)


def _details(wish: AppointmentChange) -> dict[str, Any]:
    given: dict[str, Any] = {"note": wish.note, "loaner": wish.loaner, "needs_check": wish.needs_check}
    details = {name: value for name, value in given.items() if value is not None}
    if "reminder" in wish.__fields_set__:
        details["reminder"] = _reminder(wish.reminder)
    return details


def _request(wish: NewAppointment, here: Context) -> BookingRequest:
    start = _aware(wish.start, here)
    return BookingRequest(
        channel=wish.channel,
        user=wish.user,
        service_type=wish.service_type,
        window=Window(start, start, 0, 0),
        plate=_plate(wish.plate),
        surname=wish.customer.surname,
        title=wish.customer.title,
        phone=_phone(wish.customer.phone),
        model=wish.model,
        mileage_km=wish.mileage_km,
        symptoms=Symptoms.of(wish.symptoms.dict()),
        loaner=wish.loaner,
        reminder=_reminder(wish.reminder),
        note=wish.note,
        consent=wish.consent,
    )


def _aware(moment: datetime, here: Context) -> datetime:
    aware = here.aware(moment)
    assert aware is not None  # noqa: S101 - only None gives None
    return aware


def _plate(text: str) -> str:
    plate = normalise_plate(text)
    if plate is None:
        raise bad_field("plate", "should be a number plate such as 粤B8K321 or 粤BD12345")
    return plate


def _phone(text: str) -> str:
    phone = normalise_phone(text) if text else ""
    if phone is None:
        raise bad_field("customer.phone", "should be a mobile number of 11 digits")
    return phone


def _reminder(wish: ReminderWish | None) -> Reminder | None:
    return None if wish is None else Reminder(wish.channel, wish.hours_before)


def view(appointment: Appointment, here: Context) -> dict[str, Any]:
    """A visit as DESIGN §4 Values draws it."""
    reminder = appointment.reminder
    return {
        "number": appointment.number,
        "status": appointment.status,
        "start": here.iso(appointment.start),
        "end": here.iso(appointment.end),
        "service_type": appointment.service_type,
        "plate": appointment.plate,
        "customer": {"surname": appointment.surname, "title": appointment.title, "phone": appointment.phone},
        "symptoms": appointment.symptoms.as_lists(),
        "loaner": appointment.loaner,
        "reminder": None if reminder is None else {"channel": reminder.channel, "hours_before": reminder.hours_before},
        "note": appointment.note,
        "channel": appointment.channel,
        "user": appointment.user,
        "model": appointment.model,
        "mileage_km": appointment.mileage_km,
        "needs_check": appointment.needs_check,
        "cancel_reason": appointment.cancel_reason,
        "created_at": here.iso(appointment.created_at),
        "changed_at": here.iso(appointment.changed_at),
    }
