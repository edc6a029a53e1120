"""Complaints: empathy, the story, a number with owner and deadline, a choice (SERVICE_STANDARD §7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.listening import person
from actions.service_action import ServiceAction
from actions.task_form import TaskForm, back_to_suspended, forget
from bot.business.complaints import ComplaintSignals, signals_in
from bot.business.drafts.heard import Heard
from bot.services import complaints, identity
from bot.services.ports import UnitOfWork

OF_ONE_COMPLAINT = ("complaint_text", "complaint_contact", "complaint_signals")
_TELLS_ENOUGH = 10
_LONGEST = 2000


class ActionBeginComplaint(ServiceAction):
    """Empathy before facts."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_complaint"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """An apology for the experience, once a complaint."""
        dispatcher.utter_message(response="utter_complaint_empathy")
        return [SlotSet("soothed", True)]


class ValidateComplaintForm(TaskForm):
    """What happened, and how to reach the customer."""

    form = "complaint_form"

    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """The story in the customer's own words; the signals heard in any of its messages add up."""
        channel, user = person(tracker)
        text = tracker.get_slot("complaint_text")
        contact = heard.last("phone") or tracker.get_slot("complaint_contact") or tracker.get_slot("phone")
        card = await identity.bound_customer(uow, channel=channel, user=user)
        if card is not None and not contact:
            contact = card.customer.phone
        if question == "complaint_contact" and heard.answers and not contact:
            declined = heard.says_no or heard.says_unknown
            contact = "chat" if declined else None
            if not contact:
                dispatcher.utter_message(response="utter_ask_again_phone")
        if question == "complaint_text" and heard.answers:
            text = _joined(text, heard.text)
        elif question is None and text is None and len(heard.text) >= _TELLS_ENOUGH:
            text = heard.text[:_LONGEST]
        missing = "complaint_text" if text is None else "complaint_contact" if contact is None else None
        signals = sorted({*(tracker.get_slot("complaint_signals") or ()), *_signals(heard)})
        return {
            "complaint_text": text,
            "complaint_contact": contact,
            "complaint_signals": signals or None,
            "requested_slot": missing,
        }


def _joined(before: str | None, more: str) -> str:
    return f"{before}\n{more}"[:_LONGEST] if before else more[:_LONGEST]


def _signals(heard: Heard) -> set[str]:
    by_words = signals_in(heard.text)
    heard_of = {name for name in ComplaintSignals.__dataclass_fields__ if getattr(by_words, name)}
    flags = {name for name in ("angry", "safety") if heard.all(name)}
    return heard_of | flags | set(heard.all("level_signal"))


class ActionFileComplaint(ServiceAction):
    """Stores the complaint; tells number, level, owner and deadline; leaves the choice to the customer."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_file_complaint"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Files it and takes up what it came in between of."""
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        heard_of = set(tracker.get_slot("complaint_signals") or ())
        if card is not None and card.customer.vip:
            heard_of.add("vip")
        names = [name for name in ComplaintSignals.__dataclass_fields__ if name in heard_of]
        contact = tracker.get_slot("complaint_contact")
        filed = await complaints.file_complaint(
            uow,
            now,
            channel=channel,
            user=user,
            text=tracker.get_slot("complaint_text") or "",
            plate=tracker.get_slot("plate"),
            customer_id=card.customer.id if card else None,
            phone=None if contact == "chat" else contact,
            signals=ComplaintSignals(**dict.fromkeys(names, True)),
        )
        dispatcher.utter_message(
            response="utter_complaint_filed",
            number=filed.number,
            level=filed.level,
            owner=filed.owner,
            deadline=wording.time_text(filed.deadline),
        )
        return [*forget(*OF_ONE_COMPLAINT), *back_to_suspended(dispatcher, tracker)]
