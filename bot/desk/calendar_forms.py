"""Reads the calendar's forms: times, places and who comes; what cannot be read is named by its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.api.context import Context
from bot.business.appointments import BookingRequest
from bot.business.people import Customer, Vehicle
from bot.business.phones import normalise_phone
from bot.business.plates import NO_PLATE, is_unplated, normalise_plate
from bot.business.refusals import InvalidValue
from bot.business.symptoms import Symptoms
from bot.business.windows import Place, Window
from bot.desk.calendar_chats import symptoms_told, talk_in

_SHORT = 40
# Whoever has no chat of their own is booked as somebody who has written nowhere.
_NO_CHAT = ("web", "")


def place_in(given: Mapping[str, str]) -> Place:
    """The bay and technician that were chosen."""
    return Place(_key(given, "bay"), _key(given, "technician"))


def _key(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidValue(name, "unknown")
    return int(text)


def moment_in(given: Mapping[str, str], name: str, here: Context) -> datetime:
    """A moment as ISO text; without an offset it is the dealer's."""
    try:
        read = datetime.fromisoformat(given.get(name, ""))
        moment = here.aware(read)
        assert moment is not None  # noqa: S101 - only None gives None
        return moment.astimezone(here.settings.timezone)
    except (ValueError, OverflowError) as error:
        raise InvalidValue(name, "missing") from error


def plate_in(given: Mapping[str, str]) -> str:
    """The plate in its usual form, or 未上牌."""
    text = given.get("plate", "")
    if is_unplated(text):
        return NO_PLATE
    plate = normalise_plate(text)
    if plate is None:
        raise InvalidValue("plate", "unreadable")
    return plate


def phone_in(given: Mapping[str, str]) -> str:
    """The phone as 11 digits, empty when none is given."""
    text = given.get("phone", "")
    phone = normalise_phone(text) if text else ""
    if phone is None:
        raise InvalidValue("phone", "unreadable")
    return phone


async def request_in(
    uow: Any, given: Mapping[str, str], start: datetime, vehicle: Vehicle | None, customer: Customer | None
) -> BookingRequest:
    """The booking the form asks for.

    It is linked to the owner of the car when no phone or theirs was given: then it is their chat that hears of it.
    Booked out of a conversation it is told there, and linked when who writes is proven to be the owner or gives their
    phone; the fault comes with it as it was told.
    """
    phone = phone_in(given)
    talk = await talk_in(uow, given)
    proven = await uow.customers.bound(talk.channel, talk.user) if talk else customer
    blank = ("",) if customer and proven and proven.id == customer.id else ()
    owner = customer if customer and phone in (*blank, customer.phone) else None
    account = await uow.accounts.latest_of_customer(owner.id) if owner else None
    channel, user = (talk.channel, talk.user) if talk else account or _NO_CHAT
    return BookingRequest(
        channel=channel,
        user=user,
        service_type=given.get("service_type", ""),
        window=Window(start, start, 0, 0),
        plate=plate_in(given),
        surname=given.get("surname", "")[:_SHORT] or (owner.surname if owner else ""),
        title=given.get("title", "")[:_SHORT] or (owner.title if owner else ""),
        phone=phone or (owner.phone or "" if owner else ""),
        model=given.get("model", "")[:_SHORT] or (vehicle.model if vehicle else ""),
        mileage_km=_kilometres(given),
        symptoms=await symptoms_told(uow, talk.id) if talk else Symptoms(),
        loaner=given.get("loaner") or "none",
        note=given.get("note", ""),
        matched_customer_id=owner.id if owner else None,
        consent=bool(given.get("consent")),
    )


def _kilometres(given: Mapping[str, str]) -> int | None:
    text = given.get("mileage_km", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise InvalidValue("mileage_km", "unreadable")
    return int(text)
