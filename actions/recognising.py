"""Recognising the customer during a booking: a bound account, or plate and phone that match (DESIGN §5 Privacy)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.listening import person
from bot.business.drafts.booking import BookingDraft
from bot.services import booking, identity
from bot.services.ports import UnitOfWork


async def known_for(
    uow: UnitOfWork, draft: BookingDraft, now: datetime, tracker: Tracker
) -> tuple[BookingDraft, dict[str, Any] | None]:
    """The draft with what the record knows filled in, and the slot that says who was recognised.

    The slot: key (what was compared), and for a recognised car vehicle_id, customer_id, surname, title, phone, model,
    open_booking. None while there is nothing to compare.
    """
    channel, user = person(tracker)
    before = tracker.get_slot("known_vehicle") or {}
    card = None
    if draft.plate is None or not before.get("vehicle_id"):
        card = await identity.bound_customer(uow, channel=channel, user=user)
    if draft.plate is None and card is not None and len(card.vehicles) == 1:
        draft = replace(draft, plate=card.vehicles[0].plate)
    key = f"{draft.plate}|{draft.phone}"
    if draft.plate is None or before.get("key") == key:
        return draft, before or None
    match = next(((card.customer, v) for v in card.vehicles if v.plate == draft.plate), None) if card else None
    if match is None and draft.phone is not None:
        found = await identity.match_quietly(uow, now, channel=channel, user=user, plate=draft.plate, phone=draft.phone)
        match = (found.customer, found.vehicle) if found else None
    if match is None:
        return replace(draft, known=False, open_booking=False), {"key": key} if draft.phone else None
    return await _known(uow, draft, now, key, *match)


async def _known(
    uow: UnitOfWork, draft: BookingDraft, now: datetime, key: str, customer: Any, vehicle: Any
) -> tuple[BookingDraft, dict[str, Any]]:
    open_ones = await booking.open_appointments(uow, now, plate=vehicle.plate)
    known = {
        "key": key,
        "vehicle_id": vehicle.id,
        "customer_id": customer.id,
        "surname": customer.surname,
        "title": customer.title,
        "phone": customer.phone,
        "model": vehicle.model,
        "open_booking": bool(open_ones),
    }
    return replace(draft, known=True, open_booking=bool(open_ones)), known


def say_known(dispatcher: CollectingDispatcher, known: dict[str, Any] | None, tracker: Tracker) -> None:
    """Greets a customer by title the moment their record has matched."""
    before = tracker.get_slot("known_vehicle") or {}
    if known and known.get("vehicle_id") and before.get("vehicle_id") != known["vehicle_id"]:
        dispatcher.utter_message(
            response="utter_known_customer",
            salutation=wording.salutation(known["surname"], known["title"]),
            model=known["model"],
        )
