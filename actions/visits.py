"""Looking up, moving and cancelling appointments of an identified customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.booking_words import KIND_TEXT
from actions.draft_slots import held_windows, offered_slot, window_in, window_slot, windows_in, wish_in, wish_slot
from actions.identified_form import IdentifiedForm
from actions.listening import person
from actions.service_action import ServiceAction
from actions.task_form import back_to_suspended, forget
from actions.window_offers import ask_for_window, exact_window
from bot.business.appointments import check_changeable
from bot.business.drafts.heard import Heard
from bot.business.drafts.visits import CancelDraft, ChangeDraft, Visit, visit_meant
from bot.business.drafts.wishes import TimeChoice
from bot.business.refusals import Refusal, WindowFull, WindowGone
from bot.services import booking, identity
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork

_OF_ONE_CHANGE = (
    "plate", "proof", "appointment", "window", "offered", "wish", "confirmed", "cancel_reason", "identity_refused",
)  # fmt: skip


async def open_visits(
    uow: UnitOfWork, now: datetime, tracker: Tracker, card: CustomerCard | None, plate: str | None
) -> list[Any]:
    """Open appointments of the customer and of the account, those of `plate` when it has any; the next first."""
    customer_id = card.customer.id if card else None
    found = await booking.open_appointments(uow, now, customer_id=customer_id, holder=tracker.sender_id)
    of_plate = [visit for visit in found if visit.plate == plate]
    return of_plate or found


def visit_text(visit: Any) -> str:
    """A20261123-001，11月23日（周一）09:00，定期保养，粤B12345."""
    return f"{visit.number}，{wording.time_text(visit.start)}，{KIND_TEXT[visit.service_type]}，{visit.plate}"


async def _chosen_visit(
    uow: UnitOfWork, heard: Heard, question: str | None, tracker: Tracker, card: CustomerCard | None
) -> tuple[Any | None, bool]:
    """The appointment meant, and whether there is any at all."""
    visits = await open_visits(uow, heard.now, tracker, card, heard.last("plate") or tracker.get_slot("plate"))
    number = tracker.get_slot("appointment")
    known = next((visit for visit in visits if visit.number == number), None)
    choices = tuple(Visit(visit.number, visit.start, visit.plate) for visit in visits)
    meant = visit_meant(heard, choices, question == "appointment") if known is None and choices else None
    return known or next((visit for visit in visits if meant and visit.number == meant.number), None), bool(visits)


class VisitForm(IdentifiedForm):
    """A form about appointments: those the account booked itself need no match."""

    async def may_see(self, uow: UnitOfWork, now: datetime, plate: str | None, tracker: Tracker) -> bool:
        """Whether the account booked an open appointment (of `plate`, when it is named)."""
        own = await booking.open_appointments(uow, now, holder=tracker.sender_id)
        return bool(own) and (plate is None or plate in {visit.plate for visit in own})


class ValidateLookupForm(VisitForm):
    """Who may see appointments."""

    form = "lookup_form"

    async def fill_known(
        self,
        uow: UnitOfWork,
        heard: Heard,
        question: str | None,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        card: CustomerCard | None,
    ) -> dict[str, Any]:
        """Nothing more to ask."""
        return {"requested_slot": None}


class ValidateChangeForm(VisitForm):
    """Which appointment, to which window, agreed."""

    form = "change_form"

    def meanwhile(self, heard: Heard, tracker: Tracker) -> dict[str, Any]:
        """The new time wished for."""
        before = wish_in(tracker.get_slot("wish"))
        return {"wish": wish_slot(ChangeDraft(TimeChoice(before)).hear(heard, None).time.wish)}

    async def fill_known(
        self,
        uow: UnitOfWork,
        heard: Heard,
        question: str | None,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        card: CustomerCard | None,
    ) -> dict[str, Any]:
        """The slots of a move; ends at once when there is nothing to move or the cut-off has passed."""
        visit, any_at_all = await _chosen_visit(uow, heard, question, tracker, card)
        if visit is None:
            return {"requested_slot": "appointment" if any_at_all else None}
        check_changeable(visit, heard.now, await uow.workshop.rules())
        windows = held_windows(tracker)
        before = ChangeDraft(
            TimeChoice(
                wish_in(tracker.get_slot("wish")),
                tuple(window.start for window in windows_in(tracker.get_slot("offered"))),
                window_in(tracker.get_slot("window")).start if tracker.get_slot("window") else None,
                visit.start.date(),
                declined=tracker.get_slot("offered") == [],
            )
        )
        draft = before.hear(heard, question)
        time = draft.time
        if time.chosen is None and time.wish is not None and time.wish.is_exact and not time.offered:
            window = await exact_window(
                uow, heard.now, kind=visit.service_type, wish=time.wish, holder=tracker.sender_id
            )
            if window is not None:
                draft, windows = ChangeDraft(TimeChoice(time.wish, (), window.start, time.day)), [window]
        return _change_slots(draft, windows, visit.number)


def _change_slots(draft: ChangeDraft, windows: list[Any], number: str) -> dict[str, Any]:
    time = draft.time
    chosen = next((window for window in windows if window.start == time.chosen), None)
    return {
        "appointment": number,
        "wish": wish_slot(time.wish),
        "offered": offered_slot(time.offered, windows, declined=time.declined),
        "window": window_slot(chosen) if chosen else None,
        "confirmed": draft.confirmed,
        "requested_slot": draft.next_question(),
    }


class ValidateCancelForm(VisitForm):
    """Which appointment, why, agreed."""

    form = "cancel_form"

    async def fill_known(
        self,
        uow: UnitOfWork,
        heard: Heard,
        question: str | None,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        card: CustomerCard | None,
    ) -> dict[str, Any]:
        """The slots of a cancelling; ends at once when there is nothing to cancel or the cut-off has passed."""
        visit, any_at_all = await _chosen_visit(uow, heard, question, tracker, card)
        if visit is None:
            return {"requested_slot": "appointment" if any_at_all else None}
        check_changeable(visit, heard.now, await uow.workshop.rules())
        draft = CancelDraft(tracker.get_slot("cancel_reason")).hear(heard, question)
        return {
            "appointment": visit.number,
            "cancel_reason": draft.reason,
            "confirmed": draft.confirmed,
            "requested_slot": draft.next_question(),
        }


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
        return await ask_for_window(uow, now, dispatcher, tracker, kind=visit.service_type)


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

    async def finish(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> None:
        """What the form was for."""


class ActionMoveAppointment(VisitEnding):
    """Moves the appointment."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_move_appointment"

    async def finish(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> None:
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
    """"取消" in the middle of a booking drops the draft; otherwise an appointment is to be cancelled."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_cancel"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads to action_drop_task or to cancel_form."""
        in_booking = tracker.active_loop_name == "booking_form"
        return [FollowupAction("action_drop_task" if in_booking else "cancel_form")]


class ActionCancelAppointment(VisitEnding):
    """Cancels the appointment, or keeps it when the customer thinks better of it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_cancel_appointment"

    async def finish(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> None:
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

