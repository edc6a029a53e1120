"""The questions of the booking that depend on what is known: who and which car, which window, the read-back."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_words import read_back
from actions.draft_slots import draft_of
from actions.listening import person
from actions.service_action import ServiceAction
from actions.window_offers import ask_for_window
from bot.business.drafts.choices import REMINDER_ORDER, reminders_for
from bot.services import identity
from bot.services.ports import UnitOfWork

_REMINDER_TITLES = {"24": "提前一天", "2": "提前两小时", "none": "不用提醒"}
_OPENING = ("plate", "surname", "phone")


class AskIdentity(ServiceAction):
    """Asks for what is missing of plate, name and phone in one question."""

    only_reads = True

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The same words for everybody not yet recognised (DESIGN §5 Privacy)."""
        missing = [name for name in _OPENING if tracker.get_slot(name) is None]
        dispatcher.utter_message(response=f"utter_ask_identity_{'_'.join(missing)}")
        return []


class ActionAskBookingFormPlate(AskIdentity):
    """The opening question."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_plate"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """A recognised owner of several cars is asked which one."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if card is None or not card.vehicles:
            return await super().act(uow, dispatcher, tracker, now)
        buttons = [
            {"title": f"{vehicle.model} {vehicle.plate}", "payload": f'/inform{{"plate":"{vehicle.plate}"}}'}
            for vehicle in card.vehicles
        ]
        dispatcher.utter_message(response="utter_ask_which_vehicle", buttons=buttons)
        return []


class ActionAskBookingFormSurname(AskIdentity):
    """The name, together with the phone while that is missing too."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_surname"


class ActionAskBookingFormPhone(AskIdentity):
    """The phone."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_phone"


class ActionAskBookingFormWindow(ServiceAction):
    """Two or three concrete times."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_window"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Offers windows, shows again those on offer, or asks for another time when none fits."""
        kind = tracker.get_slot("service_kind")
        vehicle_id = (tracker.get_slot("known_vehicle") or {}).get("vehicle_id")
        urgent = bool(tracker.get_slot("urgent"))
        return await ask_for_window(
            uow, now, dispatcher, tracker, kind=kind, urgent=urgent, vehicle_id=vehicle_id
        )


class ActionAskBookingFormReminder(ServiceAction):
    """Which reminder."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_booking_form_reminder"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Offers those that can still come before the visit."""
        start = draft_of(tracker).chosen
        possible = reminders_for(start, now) if start else REMINDER_ORDER
        buttons = [
            {"title": _REMINDER_TITLES[each], "payload": f'/inform{{"choice":"{each}"}}'} for each in possible
        ]
        dispatcher.utter_message(response="utter_ask_booking_form_reminder", buttons=buttons)
        return []


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
