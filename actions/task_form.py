"""What every form's validation action does: give way to interruptions, keep a suspended task, hear the message."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.listening import (
    BOOKS,
    comes_back,
    heard_by,
    interrupts,
    is_foreign,
    is_no_answer,
    metadata,
    said_before,
    says_wish_again,
)
from actions.service_action import ServiceAction
from actions.suspending import all_forgotten, back_to_suspended, is_forgotten, slots_at_start, with_slots
from actions.turn import form_before
from bot.business.accidents import names_only_a_road
from bot.business.characters import simplify
from bot.business.drafts.heard import Heard
from bot.business.drafts.impatience import aside_of
from bot.business.drafts.taps import is_expired
from bot.business.safety import asks_to_open_cap, asks_whether_safe, danger_in
from bot.services.ports import UnitOfWork

__all__ = ["TaskForm", "back_to_suspended", "forget"]

# A silence after which the customer is welcomed back into the task.
WELCOME_BACK_MINUTES = 120
# Where a fault is told that may be dangerous.
_HEAR_OF_FAULTS = frozenset({"booking_form", "complaint_form"})


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

    def means(self, heard: Heard, question: str | None, tracker: Tracker) -> bool:
        """Whether the message belongs to this form, whatever it was taken for."""
        return False

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The events of one step of the form; refuses to run when the message is about something else."""
        before = form_before(tracker, self.form)
        returns = comes_back(tracker)
        question = tracker.get_slot("requested_slot") if before == self.form else None
        heard = heard_by(tracker, now, answers=not returns and question is not None)
        aside = None if returns else aside_of(heard, question) or self._wished_again(heard, question)
        if aside is not None:
            dispatcher.utter_message(response=aside)
            heard = replace(heard, intent="", entities=_moods(heard), answers=False)
        elif not returns and not self.means(heard, question, tracker) and interrupts(heard, question, self.form):
            raise ActionExecutionRejection(self.form)
        if heard.answers and is_expired(heard, question, BOOKS):
            dispatcher.utter_message(response="utter_choice_expired")
            heard = replace(heard, intent="", entities={}, answers=False)
        if heard.answers and is_no_answer(heard, question):
            foreign = is_foreign(heard.text)
            dispatcher.utter_message(response="utter_chinese_here" if foreign else "utter_not_caught")
            heard = replace(heard, answers=False)
        slots = slots_at_start(tracker, self.form, before)
        if question is not None and is_forgotten(tracker):
            slots, question, heard = all_forgotten(), None, replace(heard, answers=False)
        self._welcome_back(dispatcher, tracker, question, returns)
        here = with_slots(tracker, slots)
        slots |= self._mood_and_danger(heard, dispatcher, here)
        here = with_slots(tracker, slots)
        slots |= await self.fill(uow, heard, question, dispatcher, here)
        kept = {name for name in slots if name != "requested_slot" and tracker.get_slot(name) == slots[name]}
        changed = {name: value for name, value in slots.items() if name not in kept}
        if heard.answers and changed == {"requested_slot": question} and not dispatcher.messages:
            self._not_caught(heard, question, dispatcher, tracker)
        # Rasa takes a step without any slot for a failed one and would fall back to its rules.
        changed.setdefault("soothed", tracker.get_slot("soothed"))
        return [SlotSet(name, value) for name, value in changed.items()]

    def _wished_again(self, heard: Heard, question: str | None) -> str | None:
        if not says_wish_again(heard, question, self.form):
            return None
        return "utter_hurried_here" if self.form == "progress_form" else "utter_chat_here"

    def _welcome_back(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, question: str | None, returns: bool
    ) -> None:
        silent = int(metadata(tracker).get("silent_minutes") or 0)
        if question is not None and not returns and silent >= WELCOME_BACK_MINUTES:
            dispatcher.utter_message(response="utter_welcome_back")

    @staticmethod
    def _not_caught(heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Nothing was taken from the answer: said so, and a person offered when it happens twice in a row."""
        before = said_before(tracker)
        offered = question == "window" and tracker.get_slot("offered")
        if offered and heard.says_yes and "utter_pick_one" not in before:
            dispatcher.utter_message(response="utter_pick_one")  # a yes to several times
            return
        twice = bool(before & {"utter_not_caught", "utter_pick_one"})
        dispatcher.utter_message(response="utter_offer_person_here" if twice else "utter_not_caught")

    def _mood_and_danger(self, heard: Heard, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        slots: dict[str, Any] = {}
        if heard.all("angry") and not tracker.get_slot("soothed") and self.form != "complaint_form":
            dispatcher.utter_message(response="utter_sorry_to_hear")
            slots["soothed"] = True
        if self.form not in _HEAR_OF_FAULTS:
            return slots
        text = simplify(heard.text)
        flagged = heard.all("safety") and not names_only_a_road(text)
        tells_fault = self.form == "booking_form" or heard.all("problem")  # a complaint may only be about manners
        family = danger_in(text) or ("other" if flagged and tells_fault else None)
        if family and not tracker.get_slot("urgent"):
            say_danger(dispatcher, family)
            slots["urgent"] = True
        elif asks_to_open_cap(text) and not comes_back(tracker):
            dispatcher.utter_message(response="utter_hot_cap")
        elif tracker.get_slot("urgent") and asks_whether_safe(text):
            dispatcher.utter_message(response="utter_better_not_drive")
        return slots


def say_danger(dispatcher: CollectingDispatcher, family: str) -> None:
    """Advice for a safety-relevant fault, a tow and a person (DESIGN §5 Danger); `family` as danger_in returns it."""
    dispatcher.utter_message(response=f"utter_safety_advice_{family}")
    dispatcher.utter_message(response="utter_safety_offer")


def _moods(heard: Heard) -> dict[str, tuple[str, ...]]:
    """What of the message is no fact of the task."""
    return {name: heard.all(name) for name in ("angry", "safety") if heard.all(name)}


def forget(*names: str) -> list[EventType]:
    """Events that empty slots."""
    return [SlotSet(name, None) for name in names]
