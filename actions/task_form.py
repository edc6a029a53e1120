"""What every form's validation action does: give way to interruptions, keep a suspended task, hear the message."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.listening import comes_back, heard_by, interrupts, metadata
from actions.service_action import ServiceAction
from bot.business.drafts.heard import Heard
from bot.business.safety import danger_in
from bot.services.ports import UnitOfWork

# A silence after which the customer is welcomed back into the task.
WELCOME_BACK_MINUTES = 120
# Tasks worth going back to when another one came in between.
RESUMABLE = frozenset({"booking_form", "change_form", "cancel_form"})


class TaskForm(ServiceAction):
    """Validation action of one form: `fill` says which slots a message sets, `next_slot` what is asked next."""

    @property
    @abstractmethod
    def form(self) -> str:
        """Rasa's name of the form."""

    def name(self) -> str:
        """Rasa's name of the action: validate_<form>."""
        return f"validate_{self.form}"

    @abstractmethod
    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """The slots after the message, `requested_slot` among them (None ends the form)."""

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The events of one step of the form; refuses to run when the message is about something else."""
        active = tracker.active_loop.get("name") if tracker.active_loop else None
        returns = comes_back(tracker)
        question = tracker.get_slot("requested_slot") if active == self.form else None
        heard = heard_by(tracker, now, answers=not returns and question is not None)
        if not returns and interrupts(heard, question):
            raise ActionExecutionRejection(self.form)
        self._welcome_back(dispatcher, tracker, question, returns)
        slots = {**self._mood_and_danger(heard, dispatcher, tracker)}
        slots |= await self.fill(uow, heard, question, dispatcher, tracker)
        if active in RESUMABLE and active != self.form:
            slots["suspended_form"] = active
        kept = {name for name in slots if name != "requested_slot" and tracker.get_slot(name) == slots[name]}
        changed = {name: value for name, value in slots.items() if name not in kept}
        # Rasa takes a step without any slot for a failed one and would fall back to its rules.
        changed.setdefault("soothed", tracker.get_slot("soothed"))
        return [SlotSet(name, value) for name, value in changed.items()]

    def _welcome_back(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, question: str | None, returns: bool
    ) -> None:
        silent = int(metadata(tracker).get("silent_minutes") or 0)
        if question is not None and not returns and silent >= WELCOME_BACK_MINUTES:
            dispatcher.utter_message(response="utter_welcome_back")

    def _mood_and_danger(self, heard: Heard, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        slots: dict[str, Any] = {}
        if heard.all("angry") and not tracker.get_slot("soothed") and self.form != "complaint_form":
            dispatcher.utter_message(response="utter_sorry_to_hear")
            slots["soothed"] = True
        family = danger_in(heard.text) or ("other" if heard.all("safety") else None)
        if self.form == "booking_form" and family and not tracker.get_slot("urgent"):
            dispatcher.utter_message(response=f"utter_safety_advice_{family}")
            dispatcher.utter_message(response="utter_safety_offer")
            slots["urgent"] = True
        return slots


def forget(*names: str) -> list[EventType]:
    """Events that empty slots."""
    return [SlotSet(name, None) for name in names]


def back_to_suspended(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Events that take up the task another one came in between of; empty when there is none."""
    suspended = tracker.get_slot("suspended_form")
    if not suspended:
        return []
    dispatcher.utter_message(response="utter_back_to_task")
    return [SlotSet("suspended_form", None), FollowupAction(suspended)]
