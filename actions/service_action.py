"""What every action has in common: one transaction, one answer a message, a time limit, and never silence."""

from __future__ import annotations

import asyncio
import logging
import traceback
from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

import actions
from actions.refusals import said_of
from actions.suspending import leave_survey
from actions.turn import occurrence_of, this_turn, turn_of
from bot.business.refusals import Refusal

if TYPE_CHECKING:
    from bot.services.ports import UnitOfWork

log = logging.getLogger(__name__)

TECHNICAL_TROUBLE = "utter_technical_trouble"


class ServiceAction(Action, ABC):  # type: ignore[misc]
    """An action of the dealership: subclasses give `name` and `act`.

    `act` runs in one transaction. Its events and responses are recorded in that transaction under (message, action,
    occurrence), so a message handled twice acts once and hears the same (DESIGN §2). With `only_reads` nothing is
    recorded. Refusals become responses (actions/refusals.py); a crash or a time-out becomes an apology with the
    offer of a person.
    """

    only_reads: ClassVar[bool] = False

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    @abstractmethod
    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """What the action does, at business time `now`; returns its events, raises refusals."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """The events for Rasa; raises nothing but ActionExecutionRejection (the form gives way)."""
        try:
            services = await actions.services()
            return await asyncio.wait_for(self._answer(services, dispatcher, tracker), services.settings.action_seconds)
        except ActionExecutionRejection:
            raise
        except Refusal as refusal:
            dispatcher.messages.clear()
            return self.refused(refusal, dispatcher, tracker)
        except Exception as error:
            log.error("%s failed: %s\n%s", self.name(), type(error).__name__, _places(error))
            dispatcher.messages.clear()
            dispatcher.utter_message(response=TECHNICAL_TROUBLE)
            return self._step_back(tracker)

    def refused(self, refusal: Refusal, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Tells the customer why not; to be extended where a refusal also changes slots."""
        said = said_of(refusal)
        dispatcher.utter_message(response=said.response, **said.values)
        return self._step_back(tracker)

    async def _answer(self, services: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        turn = turn_of(tracker)
        now = turn.now or services.clock.now()
        if self.only_reads:
            async with services.store.reading() as uow:
                return leave_survey(tracker, self.name(), await self.act(uow, dispatcher, tracker, now))
        async with services.store.transaction() as uow:
            if turn.message_id is None:
                return leave_survey(tracker, self.name(), await self.act(uow, dispatcher, tracker, now))
            key = (turn.message_id, self.name(), occurrence_of(self.name(), tracker))
            recorded = await uow.answers.find(*key)
            if recorded is not None:
                dispatcher.messages.extend(recorded.responses)
                return list(recorded.events)
            events = leave_survey(
                tracker, self.name(), await self._act_or_refuse(uow, dispatcher, tracker, now)
            )
            await uow.answers.record(
                *key, conversation=turn.conversation, events=events, responses=dispatcher.messages, at=now
            )
            return events

    async def _act_or_refuse(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """As `act`; a refusal that keeps its changes (a counted try) is answered here, to be recorded with them."""
        try:
            return await self.act(uow, dispatcher, tracker, now)
        except Refusal as refusal:
            if not refusal.keeps_changes:
                raise
            dispatcher.messages.clear()
            return self.refused(refusal, dispatcher, tracker)

    def _step_back(self, tracker: Tracker) -> list[EventType]:
        """A form asks its question again; one that was just beginning is left, and nothing is submitted."""
        if not self.name().startswith("validate_"):
            return []
        taken_back = [SlotSet(slot, None) for slot in tracker.slots_to_validate() if slot != "requested_slot"]
        question = tracker.get_slot("requested_slot")
        if not question or _begins(tracker):
            leave = [ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen")]
            return [*taken_back, *leave]
        # Rasa takes a step that sets no slot for a failed one: this sets the asked one to what it was.
        before = None if question in tracker.slots_to_validate() else tracker.get_slot(question)
        return [*taken_back, SlotSet(question, before), SlotSet("requested_slot", question)]


def _begins(tracker: Tracker) -> bool:
    return any(event.get("event") == "active_loop" and event.get("name") for event in this_turn(tracker))


def _places(error: BaseException) -> str:
    """Where it happened, without the error's own words: they may hold a customer's."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:])
