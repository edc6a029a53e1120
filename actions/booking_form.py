"""Booking: the form's validation (SERVICE_STANDARD §5, DESIGN §5); its questions are in booking_questions.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_words import say_choice, say_price
from actions.draft_slots import draft_of, held_windows, slots_of
from actions.listening import CALLS, comes_back, metadata
from actions.recognising import known_for, say_known
from actions.task_form import TaskForm
from actions.window_offers import exact_window
from bot.business.drafts.answers import asks_how_long, finds_time_unfit
from bot.business.drafts.booking import TOO_LATE, BookingDraft
from bot.business.drafts.heard import Heard
from bot.business.drafts.wishes import WishedTime
from bot.business.windows import Window
from bot.services.ports import UnitOfWork

_HELD_MINUTES = 10
_LONGEST_PART = 12
_NOTICE = timedelta(hours=1)
# Changes of these are told by a sentence; a new time and a new read-back speak for themselves.
_ACKNOWLEDGED = ("service_kind", "plate", "surname", "phone", "car_model", "mileage", "loaner", "reminder")


class ValidateBookingForm(TaskForm):
    """Takes up what was said, recognises the customer, says what a choice means."""

    form = "booking_form"

    def means(self, heard: Heard, question: str | None, tracker: Tracker) -> bool:
        """Work added to the visit or taken back ("雨刮也换一下", "洗车取消"); calls for a person or help go first."""
        complains = heard.intent in ("make_complaint", "abuse") and len(heard.text) > _LONGEST_PART
        if question is None or heard.intent in CALLS or complains:
            return False
        return draft_of(tracker).hears_work(heard)

    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """The booking's slots after the message; one that belonged to a task in between adds nothing."""
        told = draft_of(tracker)
        if question is not None and asks_how_long(heard):
            await say_price(uow, told, dispatcher)
            heard = replace(heard, answers=False)
        before = _still_possible(told, heard.now)
        taken_up = question is None and comes_back(tracker)
        draft = before if taken_up else before.hear(heard, question)
        if question != "window" and draft.chosen is not None and heard.answers and finds_time_unfit(heard.text):
            draft = replace(draft, chosen=None, offered=(), wish=None, declined=True)
        described = draft.service_kind == "repair" and not draft.symptoms.is_empty()
        if before.service_kind is None and described and not dispatcher.messages:
            dispatcher.utter_message(response="utter_repair_understood")
        draft, known = await known_for(uow, draft, heard, tracker)
        say_known(dispatcher, draft, known, tracker)
        if tracker.get_slot("urgent"):  # told to stop already
            draft = replace(draft, notes=tuple(note for note in draft.notes if note != "utter_may_drive"))
        _say_notes(dispatcher, draft, before)
        own = (known or {}).get("vehicle_id")
        draft, windows = await self._settle_time(uow, draft, before, heard, dispatcher, tracker, own)
        wished, draft = draft.reminder, draft.with_possible_reminder(heard.now)
        if wished not in (None, TOO_LATE, draft.reminder):
            dispatcher.utter_message(response="utter_reminder_too_late")
        if draft.chosen is not None and draft.chosen != told.chosen:
            draft = await say_choice(uow, draft, heard.now, dispatcher, known)
        asked_next = draft.next_question()
        return {**slots_of(draft, windows), "known_vehicle": known, "requested_slot": asked_next}

    async def _settle_time(
        self,
        uow: UnitOfWork,
        draft: BookingDraft,
        before: BookingDraft,
        heard: Heard,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        vehicle_id: int | None,
    ) -> tuple[BookingDraft, list[Window]]:
        """An exact hour is taken when it is free; of an offer no longer held the choice is looked at again."""
        windows = held_windows(tracker)
        lapsed = int(metadata(tracker).get("silent_minutes") or 0) > _HELD_MINUTES
        picked = draft.chosen if lapsed and draft.chosen != before.chosen else None
        if lapsed and draft.chosen is None:
            draft = replace(draft, offered=())
        start = picked or _hour_to_try(draft)
        if start is None:
            return draft, windows
        kind, urgent = draft.service_kind or "repair", bool(tracker.get_slot("urgent"))
        wish = WishedTime(start, start)
        whose: dict[str, Any] = {"holder": tracker.sender_id, "vehicle_id": vehicle_id}
        window = await exact_window(uow, heard.now, kind=kind, wish=wish, urgent=urgent, **whose)
        if window is not None:
            return replace(draft, chosen=window.start), [window]
        if picked is not None:
            dispatcher.utter_message(response="utter_window_taken")
        return replace(draft, chosen=None, offered=()), windows


def _hour_to_try(draft: BookingDraft) -> datetime | None:
    """The exact hour wished for, once nothing but the window is open and nothing is on offer."""
    exact = draft.wish is not None and draft.wish.is_exact and not draft.offered
    return draft.wish.start if draft.wish and exact and draft.next_question() == "window" else None


def _still_possible(draft: BookingDraft, now: datetime) -> BookingDraft:
    """The draft without a time that has gone by while the customer was away."""
    if draft.chosen is not None and draft.chosen < now + _NOTICE:
        draft = replace(draft, chosen=None, offered=(), wish=None)
    return replace(draft, wish=None) if draft.wish and max(draft.wish.end, draft.wish.start) < now else draft


def _say_notes(dispatcher: CollectingDispatcher, draft: BookingDraft, before: BookingDraft) -> None:
    for note in draft.notes:
        dispatcher.utter_message(response=note)
    if "utter_one_car_first" in draft.notes:
        return
    changed = [name for name in _ACKNOWLEDGED if getattr(before, name) not in (None, "", 0, getattr(draft, name))]
    if changed and draft.next_question() not in ("confirmed", *changed):
        dispatcher.utter_message(response="utter_corrected")
