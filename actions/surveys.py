"""How satisfied somebody is: taken when it was asked for, and what they add to it (SERVICE_STANDARD §9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.complaints import complaint_values
from actions.listening import heard_by, metadata, person
from actions.service_action import ServiceAction
from actions.suspending import OPINION_FORM, open_task
from actions.task_form import TaskForm, forget
from actions.turn import form_before, turn_of
from bot.business.drafts.heard import Heard
from bot.business.ratings import HIGHEST, LOWEST, Rating, rating_in
from bot.services import surveys
from bot.services.ports import UnitOfWork

_OF_ONE_SURVEY = ("rating", "opinion", "grievance")
_NOTHING = "none"
_ANSWERED_WITHIN_MINUTES = 12 * 60


class ActionTakeRating(ServiceAction):
    """Stores the score; a low one is a complaint with a number, and what could be better is asked once."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_rating"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Thanks; in the middle of a task that one goes on, and nothing more is asked."""
        channel, user = person(tracker)
        rating = await _rating(uow, tracker, heard_by(tracker, now, answers=False))
        task = open_task(tracker)
        go_on = [FollowupAction(task)] if task else []
        given = {"score": rating.score, "comment": rating.comment} if rating else None
        rated = await surveys.rate(uow, now, channel=channel, user=user, **given) if given else None
        if rating is None or rated is None:
            low = rating is not None and rating.is_low
            dispatcher.utter_message(response="utter_opinion_welcome" if low else "utter_you_are_welcome")
            return go_on
        remembered = []
        if rated.complaint is None:
            dispatcher.utter_message(response="utter_rating_thanks", score=rating.score)
        else:
            values = complaint_values(rated.complaint)
            dispatcher.utter_message(response="utter_rating_low", score=rating.score, **values)
            remembered.append(SlotSet("filed_complaint", rated.complaint.number))
        if rating.comment and not task:
            dispatcher.utter_message(response="utter_callback_chosen" if rated.complaint else "utter_opinion_noted")
        if task or rating.comment:
            return [*forget(*_OF_ONE_SURVEY), *remembered, *go_on]
        return [*forget(*_OF_ONE_SURVEY), SlotSet("rating", rating.score), *remembered, FollowupAction(OPINION_FORM)]


async def _rating(uow: UnitOfWork, tracker: Tracker, heard: Heard) -> Rating | None:
    """The score of the button or the words; what was typed beside it is looked up where the message is stored."""
    score = heard.last("score")
    if score is None:
        return rating_in(heard.text)
    if not score.isdecimal() or not LOWEST <= int(score) <= HIGHEST:
        return None
    message_id = turn_of(tracker).message_id or ""
    message = await uow.messages.get(int(message_id)) if message_id.isdecimal() else None
    typed = rating_in(message.text or "") if message is not None and message.kind == "text" else None
    return Rating(int(score), typed.comment if typed else "")


class ValidateOpinionForm(TaskForm):
    """What somebody adds to the score they gave; nobody is asked for it twice."""

    form = OPINION_FORM

    async def fill(
        self, uow: UnitOfWork, heard: Heard, question: str | None, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> dict[str, Any]:
        """The words as they are; whatever is no opinion ends it as well."""
        if question is None:
            low = Rating(int(tracker.get_slot("rating") or HIGHEST)).is_low
            return {"requested_slot": "grievance" if low else "opinion"}
        says_nothing = heard.is_bare_answer or heard.says_no or heard.says_unknown or not heard.text.strip()
        told = _NOTHING if says_nothing or not heard.answers else heard.text
        return {question: told, "requested_slot": None}

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """As every form; a message that comes much later is about something else."""
        silent = int(metadata(tracker).get("silent_minutes") or 0)
        if silent >= _ANSWERED_WITHIN_MINUTES and form_before(tracker, self.form) == self.form:
            raise ActionExecutionRejection(self.form)
        return await super().act(uow, dispatcher, tracker, now)

    def _welcome_back(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, question: str | None, returns: bool
    ) -> None:
        """Nobody is welcomed back to a survey."""


class ActionKeepOpinion(ServiceAction):
    """Stores what was said to the score, with the complaint a low one has become."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_keep_opinion"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Thanks, or who goes on with the complaint until when."""
        channel, user = person(tracker)
        grievance, opinion = tracker.get_slot("grievance"), tracker.get_slot("opinion")
        told = next((each for each in (grievance, opinion) if each not in (None, _NOTHING)), None)
        number = tracker.get_slot("filed_complaint") if grievance else None
        added = None
        if told is not None:
            added = await surveys.say_more(uow, now, channel=channel, user=user, text=told, complaint=number)
        if added is not None:
            dispatcher.utter_message(response="utter_complaint_added", **complaint_values(added))
        else:
            dispatcher.utter_message(response="utter_opinion_noted" if told else "utter_opinion_none")
        return forget(*_OF_ONE_SURVEY)
