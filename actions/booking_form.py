"""Booking: the form's validation and its questions (SERVICE_STANDARD §5, DESIGN §5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_words import read_back, say_choice
from actions.draft_slots import draft_of, held_windows, slots_of, windows_in, wish_in
from actions.listening import metadata, person
from actions.recognising import known_for, say_known
from actions.service_action import ServiceAction
from actions.task_form import TaskForm
from actions.window_offers import exact_window, say_windows, show_windows
from bot.business.drafts.booking import BookingDraft
from bot.business.drafts.heard import Heard
from bot.services import identity
from bot.services.ports import UnitOfWork

_HELD_MINUTES = 10


class ValidateBookingForm(TaskForm):
    """Takes up what was said, recognises the customer, says what a choice means."""

    form = "booking_form"

    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """The booking's slots after the message."""
        before = _awake(draft_of(tracker), tracker)
        draft = before.hear(heard, question)
        if before.service_kind is None and heard.intent == "report_symptom":
            dispatcher.utter_message(response="utter_repair_understood")
        draft, known = await known_for(uow, draft, heard.now, tracker)
        say_known(dispatcher, known, tracker)
        draft, windows = await self._settle_time(uow, draft, heard.now, tracker)
        if draft.chosen is not None and draft.chosen != before.chosen:
            await say_choice(uow, draft, heard.now, dispatcher, known)
        asked_next = draft.next_question()
        self._say_notes(dispatcher, draft, before, heard, question == asked_next)
        return {**slots_of(draft, windows), "known_vehicle": known, "requested_slot": asked_next}

    async def _settle_time(
        self, uow: UnitOfWork, draft: BookingDraft, now: datetime, tracker: Tracker
    ) -> tuple[BookingDraft, list[Any]]:
        windows = held_windows(tracker)
        exact = draft.wish is not None and draft.wish.is_exact and not draft.offered
        if not exact or draft.next_question() != "window" or draft.wish is None:
            return draft, windows
        kind, urgent = draft.service_kind or "repair", bool(tracker.get_slot("urgent"))
        holder = tracker.sender_id
        window = await exact_window(uow, now, kind=kind, wish=draft.wish, holder=holder, urgent=urgent)
        return (replace(draft, chosen=window.start), [window]) if window else (draft, windows)

    @staticmethod
    def _say_notes(
        dispatcher: CollectingDispatcher, draft: BookingDraft, before: BookingDraft, heard: Heard, same_question: bool
    ) -> None:
        for note in draft.notes:
            dispatcher.utter_message(response=note)
        unchanged = replace(draft, notes=()) == replace(before, known=draft.known, notes=())
        if heard.answers and same_question and not draft.notes and unchanged:
            dispatcher.utter_message(response="utter_not_caught")


def _awake(draft: BookingDraft, tracker: Tracker) -> BookingDraft:
    """After a long silence the windows offered are no longer held: they are offered anew."""
    silent = int(metadata(tracker).get("silent_minutes") or 0)
    return replace(draft, offered=()) if silent > _HELD_MINUTES and draft.chosen is None else draft


class ActionAskBookingFormPlate(ServiceAction):
    """The opening question, in the same words for everybody not yet recognised (DESIGN §5 Privacy)."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_plate"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Asks for plate, name and phone together, or which of the customer's own cars."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if card is not None and len(card.vehicles) > 1:
            buttons = [
                {"title": f"{vehicle.model} {vehicle.plate}", "payload": f'/inform{{"plate":"{vehicle.plate}"}}'}
                for vehicle in card.vehicles
            ]
            dispatcher.utter_message(response="utter_ask_booking_form_vehicle", buttons=buttons)
        elif tracker.get_slot("surname") and tracker.get_slot("phone"):
            dispatcher.utter_message(response="utter_ask_booking_form_plate_only")
        else:
            dispatcher.utter_message(response="utter_ask_booking_form_identity")
        return []


class ActionAskBookingFormWindow(ServiceAction):
    """Two or three concrete times."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_window"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Offers windows, or shows again those on offer."""
        offered = windows_in(tracker.get_slot("offered"))
        if offered:
            say_windows(dispatcher, "utter_windows_still_held", offered)
            return []
        return await show_windows(
            uow,
            now,
            dispatcher,
            kind=tracker.get_slot("service_kind"),
            wish=wish_in(tracker.get_slot("wish")),
            holder=tracker.sender_id,
            urgent=bool(tracker.get_slot("urgent")),
        )


class ActionAskBookingFormConfirmed(ServiceAction):
    """Reads the whole booking back for a yes."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_confirmed"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Says name, phone, car, work, time, duration, transport, reminder."""
        dispatcher.utter_message(response="utter_read_back", **await read_back(uow, draft_of(tracker), tracker))
        return []

