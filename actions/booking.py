"""The end of a booking: stored, or told why not."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.draft_slots import OF_ONE_VISIT, draft_of, window_in
from actions.listening import person
from actions.recognising import contact_of
from actions.service_action import ServiceAction
from actions.task_form import back_to_suspended, forget
from bot.business.appointments import BookingRequest, Reminder
from bot.business.drafts.booking import TOO_LATE, BookingDraft
from bot.business.drafts.further import further_note
from bot.business.refusals import Refusal, WindowFull, WindowGone
from bot.services import booking, privacy
from bot.services.ports import UnitOfWork


class ActionBookAppointment(ServiceAction):
    """Stores the visit with everything told (SERVICE_STANDARD §5)."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_book_appointment"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Books and says number and next step; a consent declined or a booking kept ends kindly without one."""
        draft = draft_of(tracker)
        if draft.consent is False:
            dispatcher.utter_message(response="utter_consent_declined")
        elif draft.second_booking is False:
            dispatcher.utter_message(response="utter_booking_kept")
        else:
            await self._book(uow, draft, dispatcher, tracker, now)
        declined = ("consent", "surname", "title", "phone") if draft.consent is False else ()
        return [*forget(*OF_ONE_VISIT, *declined), *back_to_suspended(dispatcher, tracker)]

    async def _book(
        self, uow: UnitOfWork, draft: BookingDraft, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> None:
        channel, user = person(tracker)
        if draft.consent:
            await privacy.record_consent(uow, now, channel=channel, user=user, given=True)
        booked = await booking.book_appointment(uow, now, request_of(draft, tracker))
        response = "utter_booked_fetched" if booked.loaner == "pickup" else "utter_booked"
        dispatcher.utter_message(response=response, number=booked.number, when=wording.time_text(booked.start))

    def refused(self, refusal: Refusal, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """A window lost at the last moment: everything else is kept and new times are offered."""
        if not isinstance(refusal, WindowGone | WindowFull):
            return super().refused(refusal, dispatcher, tracker)
        dispatcher.utter_message(response="utter_window_taken")
        kept = [SlotSet("window", None), SlotSet("offered", None), SlotSet("confirmed", None)]
        return [*kept, FollowupAction("booking_form")]


def request_of(draft: BookingDraft, tracker: Tracker) -> BookingRequest:
    """The booking the draft stands for; the record's own data where the customer was recognised."""
    channel, user = person(tracker)
    known = tracker.get_slot("known_vehicle") or {}
    surname, title, phone = contact_of(draft, known)
    hours = draft.reminder if draft.reminder not in (None, "none", TOO_LATE) else None
    return BookingRequest(
        channel=channel,
        user=user,
        service_type=draft.service_kind or "inspection",
        window=window_in(tracker.get_slot("window")),
        plate=draft.plate or "",
        surname=surname or "",
        title=title or "",
        phone=phone or "",
        model=known.get("model") or draft.car_model or "",
        mileage_km=draft.mileage or None,
        symptoms=draft.symptoms,
        loaner=draft.loaner or "none",
        reminder=Reminder(channel, int(hours)) if hours else None,
        note=further_note(draft.further),
        matched_customer_id=known.get("customer_id"),
        consent=bool(draft.consent) or bool(known.get("customer_id")),
        needs_check=bool(draft.second_booking),
    )
