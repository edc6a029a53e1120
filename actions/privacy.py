"""Deleting a person's data and stopping reminders (SERVICE_STANDARD §4, §9)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import AllSlotsReset, EventType, Restarted
from rasa_sdk.executor import CollectingDispatcher

from actions.listening import heard_by, person
from actions.service_action import ServiceAction
from actions.task_form import TaskForm, back_to_suspended, forget
from bot.business.drafts.choices import declines_reminders
from bot.business.drafts.heard import Heard
from bot.services import privacy
from bot.services.ports import UnitOfWork

# Nothing is deleted on words like "不删了", whatever they were taken for.
_KEEP = re.compile(r"(?:不|别|甭|勿|先|不要|唔)[^，。]{0,2}(?:删|清|注销)|算了|保留|留着|等等|再想")


class ValidateDeletionForm(TaskForm):
    """Asks once whether everything is really to be deleted."""

    form = "deletion_form"

    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """Yes, no, or the question again."""
        confirmed = None
        if question == "delete_confirmed" and heard.answers:
            declined = heard.says_no or bool(_KEEP.search(heard.text))
            agreed = heard.says_yes or heard.intent == "delete_my_data"
            confirmed = False if declined else True if agreed else None
        return {
            "delete_confirmed": confirmed,
            "requested_slot": "delete_confirmed" if confirmed is None else None,
        }


class ActionDeleteData(ServiceAction):
    """Deletes what is kept about the person, or keeps it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_delete_data"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Deletes with the store's own rules; the dialogue's memory goes too."""
        if tracker.get_slot("delete_confirmed") is not True:
            dispatcher.utter_message(response="utter_data_kept")
            return [*forget("delete_confirmed"), *back_to_suspended(dispatcher, tracker)]
        channel, user = person(tracker)
        await privacy.delete_person(uow, now, channel=channel, user=user)
        dispatcher.utter_message(response="utter_data_deleted")
        return [AllSlotsReset(), Restarted()]


class ActionStopReminders(ServiceAction):
    """Stops reminders and follow-ups on this account and for the customer behind it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_stop_reminders"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Stores the wish and says so; words without a no ask for reminders."""
        channel, user = person(tracker)
        heard = heard_by(tracker, now, answers=False)
        if not heard.tapped and not declines_reminders(heard.text):
            await privacy.resume_reminders(uow, now, channel=channel, user=user)
            dispatcher.utter_message(response="utter_reminders_wanted")
            return []
        await privacy.stop_reminders(uow, now, channel=channel, user=user)
        dispatcher.utter_message(response="utter_reminders_stopped")
        return []
