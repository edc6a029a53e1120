"""Showing, moving and cancelling an appointment once everything is known."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.draft_slots import window_in
from actions.listening import person
from actions.service_action import ServiceAction
from actions.task_form import back_to_suspended, forget
from actions.visit_list import open_visits, visit_text
from bot.business.refusals import Refusal, WindowFull, WindowGone
from bot.services import booking, identity
from bot.services.ports import UnitOfWork

_OF_ONE_CHANGE = (
    "plate", "proof", "appointment", "window", "offered", "wish", "confirmed", "cancel_reason", "identity_refused",
)  # fmt: skip


class VisitEnding(ServiceAction):
    """The end of a form about an appointment: says why when there is nothing to do, else does it."""

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Does `finish`, forgets the task, and takes up what it came in between of."""
        if tracker.get_slot("identity_refused"):
            dispatcher.utter_message(response="utter_identity_exhausted")
        elif not tracker.get_slot("appointment"):
            dispatcher.utter_message(response="utter_no_appointment")
        else:
            await self.finish(uow, dispatcher, tracker, now)
        return [*forget(*_OF_ONE_CHANGE), *back_to_suspended(dispatcher, tracker)]

    async def finish(self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime) -> None:
        """What the form was for."""


class ActionMoveAppointment(VisitEnding):
    """Moves the appointment."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_move_appointment"

    async def finish(self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime) -> None:
        """Stores the new time and says it."""
        moved = await booking.move_appointment(
            uow,
            now,
            number=tracker.get_slot("appointment"),
            window=window_in(tracker.get_slot("window")),
            holder=tracker.sender_id,
        )
        dispatcher.utter_message(response="utter_moved", number=moved.number, when=wording.time_text(moved.start))

    def refused(self, refusal: Refusal, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """A window lost at the last moment: new times are offered."""
        if not isinstance(refusal, WindowGone | WindowFull):
            return super().refused(refusal, dispatcher, tracker)
        dispatcher.utter_message(response="utter_window_taken")
        kept = [SlotSet("window", None), SlotSet("offered", None), SlotSet("confirmed", None)]
        return [*kept, FollowupAction("change_form")]


class ActionBeginCancel(ServiceAction):
    """ "取消" in the middle of a booking drops the draft; otherwise an appointment is to be cancelled."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_cancel"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads to action_drop_task or to cancel_form."""
        in_booking = tracker.active_loop_name == "booking_form"
        return [FollowupAction("action_drop_task" if in_booking else "cancel_form")]


class ActionBeginLookup(ServiceAction):
    """ "我约的是啥时候" in the middle of a booking: that one is not made yet; its plate and phone prove nothing."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_lookup"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Tells the visits of this account and goes on with the booking; otherwise leads to lookup_form."""
        if tracker.active_loop_name != "booking_form":
            return [FollowupAction("lookup_form")]
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if visits := await open_visits(uow, now, tracker, card, None):
            listed = "；".join(visit_text(visit) for visit in visits)
            dispatcher.utter_message(response="utter_appointments", appointments=listed)
        dispatcher.utter_message(response="utter_not_booked_yet")
        return [FollowupAction("booking_form")]


class ActionCancelAppointment(VisitEnding):
    """Cancels the appointment, or keeps it when the customer thinks better of it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_cancel_appointment"

    async def finish(self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime) -> None:
        """Stores the cancelling with its reason and says so."""
        if tracker.get_slot("confirmed") is not True:
            dispatcher.utter_message(response="utter_booking_kept")
            return
        number, reason = tracker.get_slot("appointment"), tracker.get_slot("cancel_reason") or ""
        cancelled = await booking.cancel_appointment(uow, now, number=number, reason=reason)
        dispatcher.utter_message(response="utter_cancelled", number=cancelled.number)


class ActionShowAppointments(ServiceAction):
    """Shows the customer's open appointments."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_appointments"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Lists them, or says that there are none."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if tracker.get_slot("identity_refused"):
            dispatcher.utter_message(response="utter_identity_exhausted")
        elif visits := await open_visits(uow, now, tracker, card, tracker.get_slot("plate")):
            listed = "；".join(visit_text(visit) for visit in visits)
            dispatcher.utter_message(response="utter_appointments", appointments=listed)
        else:
            dispatcher.utter_message(response="utter_no_appointment")
        return [*forget(*_OF_ONE_CHANGE), *back_to_suspended(dispatcher, tracker)]
