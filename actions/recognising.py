"""Recognising the customer during a booking: a bound account, or plate and phone that match (DESIGN §5 Privacy)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.listening import person
from bot.business.characters import simplify
from bot.business.drafts.booking import BookingDraft
from bot.business.drafts.heard import Heard
from bot.business.drafts.proofs import proof_in
from bot.business.people import Vehicle
from bot.business.plates import is_unplated
from bot.business.stages import OPEN_CODES
from bot.services import booking, identity, progress
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork

_IN_THE_WORKSHOP = frozenset(OPEN_CODES) - {"booked"}
_OTHER_CAR = re.compile(r"另外?[那的]?一?[台辆部]|别的车|那一?[台辆部]")
_OF_PERSON = ("customer_id", "surname", "title", "phone")


async def known_for(
    uow: UnitOfWork, draft: BookingDraft, heard: Heard, tracker: Tracker
) -> tuple[BookingDraft, dict[str, Any] | None]:
    """The draft with what the record knows filled in, and the slot that says who was recognised.

    The last four digits of the phone ("尾号8001") prove as much as the whole number.
    The slot: plate; tried (phones compared with it: each pair once, as tries count); customer_id, surname, title and
    phone of a recognised person; vehicle_id and model when the car is theirs; open_booking of the car. None while
    there is nothing to compare.
    """
    before = tracker.get_slot("known_vehicle") or {}
    if before.get("vehicle_id") and draft.plate in (None, before["plate"]):
        return replace(draft, plate=before["plate"]), before
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    if draft.plate is None and card is not None:
        own = _car_meant(card, draft.car_model) or await _other_car(uow, heard, card)
        draft = replace(draft, plate=own.plate) if own else draft
    if draft.plate is None:
        return draft, before or None
    if is_unplated(draft.plate):  # nothing to compare a phone with
        known = {"plate": draft.plate, "tried": []}
        return await _recognised(uow, draft, heard.now, tracker, known, card.customer if card else None, None)
    tried = before.get("tried") or [] if before.get("plate") == draft.plate else []
    vehicle = next((each for each in card.vehicles if each.plate == draft.plate), None) if card else None
    customer = card.customer if card else None
    now, proof = heard.now, draft.phone or proof_in(heard, None)
    if vehicle is None and proof is not None and proof not in tried:
        found = await identity.match_quietly(uow, now, channel=channel, user=user, plate=draft.plate, phone=proof)
        tried = [*tried, proof]
        customer, vehicle = (found.customer, found.vehicle) if found else (customer, None)
    return await _recognised(uow, draft, now, tracker, {"plate": draft.plate, "tried": tried}, customer, vehicle)


def _car_meant(card: CustomerCard, model: str | None) -> Vehicle | None:
    """The customer's only car, or the only one of the model named ("途观" for a 途观L)."""
    named = [each for each in card.vehicles if model and (each.model or "").startswith(model)]
    cars = named or list(card.vehicles)
    return cars[0] if len(cars) == 1 else None


async def _other_car(uow: UnitOfWork, heard: Heard, card: CustomerCard) -> Vehicle | None:
    """The car "另一台" means: the only one that is not in the workshop."""
    if not _OTHER_CAR.search(simplify(heard.text)):
        return None
    away = [each for each in card.vehicles if await _stage_of(uow, heard.now, each) is None]
    return away[0] if len(away) == 1 < len(card.vehicles) else None


async def _stage_of(uow: UnitOfWork, now: datetime, vehicle: Vehicle) -> str | None:
    """At which stage the car is in the workshop, None when it is not there."""
    found = await progress.progress_of(uow, now, vehicle_id=vehicle.id)
    return found.stage_text if found and found.stage in _IN_THE_WORKSHOP else None


async def _recognised(
    uow: UnitOfWork,
    draft: BookingDraft,
    now: datetime,
    tracker: Tracker,
    known: dict[str, Any],
    customer: Any,
    vehicle: Any,
) -> tuple[BookingDraft, dict[str, Any]]:
    """An appointment of the car is known to its owner, and to whoever made it from this account."""
    visits = await booking.open_appointments(
        uow, now, plate=draft.plate if vehicle else None, holder=None if vehicle else tracker.sender_id
    )
    known["open_booking"] = any(visit.plate == draft.plate for visit in visits)
    if customer is not None:
        known |= {"customer_id": customer.id} | {name: getattr(customer, name) for name in _OF_PERSON[1:]}
    if vehicle is not None:
        known |= {"vehicle_id": vehicle.id, "model": vehicle.model}
        known["stage"] = await _stage_of(uow, now, vehicle)
    acquainted = customer is not None and vehicle is None
    if acquainted:
        surname, title, phone = contact_of(draft, known)
        draft = replace(draft, surname=surname, title=title, phone=phone)
    return replace(draft, known=vehicle is not None, acquainted=acquainted, open_booking=known["open_booking"]), known


def contact_of(draft: BookingDraft, known: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Surname, title and phone to book under: what was told, else what the record holds."""
    surname = draft.surname or known.get("surname")
    same = surname == known.get("surname")
    return surname, (known.get("title") if same else None) or draft.title, draft.phone or known.get("phone")


def say_known(
    dispatcher: CollectingDispatcher, draft: BookingDraft, known: dict[str, Any] | None, tracker: Tracker
) -> None:
    """Greets a customer by title the moment their car's record has matched."""
    before = tracker.get_slot("known_vehicle") or {}
    if known and known.get("vehicle_id") and before.get("vehicle_id") != known["vehicle_id"]:
        surname, title, _ = contact_of(draft, known)
        salutation, car = wording.salutation(surname, title), wording.car_called(known["model"], known["plate"])
        dispatcher.utter_message(response="utter_known_customer", salutation=salutation, model=car)
        if known.get("stage"):
            dispatcher.utter_message(response="utter_car_in_workshop", model=car, stage=known["stage"])
