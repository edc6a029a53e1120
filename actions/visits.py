"""Whose appointments are shown, moved or cancelled, and what has to be known for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.draft_slots import held_windows, offered_slot, window_in, window_slot, windows_in, wish_in, wish_slot
from actions.identified_form import IdentifiedForm, LookupOnly
from actions.visit_list import open_visits
from actions.window_offers import exact_window
from bot.business.appointments import check_changeable
from bot.business.drafts.heard import Heard
from bot.business.drafts.visits import CancelDraft, ChangeDraft, Visit, visit_meant
from bot.business.drafts.wishes import TimeChoice
from bot.services import booking
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork


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


class ValidateLookupForm(VisitForm, LookupOnly):
    """Who may see appointments."""

    form = "lookup_form"


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
        wished = wish_in(tracker.get_slot("wish"))
        before = ChangeDraft(
            TimeChoice(
                wished.on(visit.start.date()) if wished else None,
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
                uow,
                heard.now,
                kind=visit.service_type,
                wish=time.wish,
                holder=tracker.sender_id,
                vehicle_id=visit.vehicle_id,
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
