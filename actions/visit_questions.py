"""The questions of moving and cancelling: which appointment, when instead, really?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.booking_words import KIND_TEXT
from actions.draft_slots import window_in
from actions.listening import person
from actions.service_action import ServiceAction
from actions.visit_list import open_visits, visit_text
from actions.window_offers import ask_for_window
from bot.services import booking, identity
from bot.services.ports import UnitOfWork


class AskWhichAppointment(ServiceAction):
    """Which of several appointments; one class a form, as Rasa names the question after the form."""

    only_reads = True

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Lists them with buttons."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        visits = await open_visits(uow, now, tracker, card, tracker.get_slot("plate"))
        listed = "；".join(f"{place}、{visit_text(visit)}" for place, visit in enumerate(visits, 1))
        buttons = [
            {
                "title": f"{wording.time_text(visit.start)} {visit.plate}",
                "payload": f'/inform{{"choice":"{visit.number}"}}',
            }
            for visit in visits
        ]
        dispatcher.utter_message(response="utter_ask_which_appointment", appointments=listed, buttons=buttons)
        return []


class ActionAskChangeFormAppointment(AskWhichAppointment):
    """Which appointment to move."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_change_form_appointment"


class ActionAskCancelFormAppointment(AskWhichAppointment):
    """Which appointment to cancel."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_cancel_form_appointment"


class ActionAskChangeFormWindow(ServiceAction):
    """Two or three concrete times for the move."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_change_form_window"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Offers windows, shows again those on offer, or asks for another time when none fits."""
        visit = await booking.find_appointment(uow, tracker.get_slot("appointment"))
        own: dict[str, Any] = {"kind": visit.service_type, "vehicle_id": visit.vehicle_id}
        return await ask_for_window(uow, now, dispatcher, tracker, **own)


class ActionAskChangeFormConfirmed(ServiceAction):
    """Reads the move back."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_change_form_confirmed"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Says from when to when."""
        visit = await booking.find_appointment(uow, tracker.get_slot("appointment"))
        dispatcher.utter_message(
            response="utter_ask_change_form_confirmed",
            number=visit.number,
            kind=KIND_TEXT[visit.service_type],
            before=wording.time_text(visit.start),
            after=wording.time_text(window_in(tracker.get_slot("window")).start),
        )
        return []


class ActionAskCancelFormConfirmed(ServiceAction):
    """Reads the cancelling back."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_cancel_form_confirmed"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Says which visit would be given up."""
        visit = await booking.find_appointment(uow, tracker.get_slot("appointment"))
        dispatcher.utter_message(
            response="utter_ask_cancel_form_confirmed",
            number=visit.number,
            when=wording.time_text(visit.start),
            kind=KIND_TEXT[visit.service_type],
        )
        return []
