"""Greeting, going on, dropping a task, not understanding."""

from __future__ import annotations

import re
from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.complaints import OF_ONE_COMPLAINT, just_filed
from actions.draft_slots import OF_ONE_VISIT
from actions.listening import heard_by, said_before
from actions.progress import ask_for_consent
from actions.service_action import ServiceAction
from actions.suspending import leave_forgotten, open_task
from actions.task_form import forget
from bot.business.drafts.choices import wished_kind
from bot.business.drafts.heard import Heard
from bot.services.ports import UnitOfWork

# Answers that end with a next step of their own.
_ENDS_ITSELF = ("action_soothe", "utter_chitchat", "utter_bot_identity", "utter_you_are_welcome")
# After one of these, a second message in a row that is not understood leads to a person.
_NOT_UNDERSTOOD = frozenset(
    {"utter_not_understood", "utter_out_of_scope", "utter_chinese_please", "utter_offer_person", "utter_say_it_again"}
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")

# What a bare yes after them takes up.
OFFERS_OF_A_PERSON = frozenset(
    {"utter_offer_person", "utter_urged", "utter_purchase", "utter_delivery", "utter_return_goods", "utter_no_windows"}
)


class ActionGreet(ServiceAction):
    """A greeting; in the middle of a task only the open question again."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_greet"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Greets with the company's and the bot's name (SERVICE_STANDARD §3)."""
        task = open_task(tracker)
        dispatcher.utter_message(response="utter_here_again" if task else "utter_greet")
        return [FollowupAction(task)] if task else leave_forgotten(tracker)


class ActionResume(ServiceAction):
    """After an answer in between: the open question again, or what else can be done."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_resume"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads back into the form; outside of one every turn still ends with the next step."""
        task = open_task(tracker)
        if task:
            return [FollowupAction(task)]
        if not self._said_by(tracker):
            dispatcher.utter_message(response="utter_anything_else")
        return leave_forgotten(tracker)

    @staticmethod
    def _said_by(tracker: Tracker) -> bool:
        done = [event["name"] for event in tracker.events if event.get("event") == "action"]
        return bool(done) and done[-1] in _ENDS_ITSELF


class ActionTakeDetails(ServiceAction):
    """Details without a wish: kept, and asked what they are for."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_details"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The choice offered after a complaint is a detail too; a wish among the details opens the booking."""
        callback = "callback" in heard_by(tracker, now, answers=False).all("choice")
        if not callback and just_filed(tracker):
            return [FollowupAction("action_add_to_complaint")]
        if not callback and wished_kind(heard_by(tracker, now, answers=False).text):
            return [FollowupAction("booking_form")]
        dispatcher.utter_message(response="utter_callback_chosen" if callback else "utter_ask_more_detail")
        return []


class ActionNotUnderstood(ServiceAction):
    """Says that something was not understood or is not ours; twice in a row a person is offered."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_not_understood"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """An open question is asked again."""
        heard = heard_by(tracker, now, answers=False)
        if just_filed(tracker):
            return [FollowupAction("action_add_to_complaint")]
        dispatcher.utter_message(response=self._response(heard, said_before(tracker)))
        return [FollowupAction(tracker.active_loop_name)] if tracker.active_loop_name else []

    @staticmethod
    def _response(heard: Heard, said: frozenset[str]) -> str:
        if said & _NOT_UNDERSTOOD:
            return "utter_offer_person"
        if _ENGLISH.search(heard.text) and not _CHINESE.search(heard.text):
            return "utter_chinese_please"
        return "utter_out_of_scope" if heard.intent == "out_of_scope" else "utter_not_understood"


class ActionAnswerAlone(ServiceAction):
    """A bare yes or no: to what was said last, else a friendly word."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_alone"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Decides on the extra item just shown, or takes the person just offered; an item that waits is shown."""
        said = said_before(tracker)
        if "utter_proposal" in said:
            return [FollowupAction("proposal_form")]
        if "utter_complaint_filed" in said:
            dispatcher.utter_message(response="utter_callback_chosen")
            return []
        if said & OFFERS_OF_A_PERSON and heard_by(tracker, now, answers=False).says_yes:
            return [FollowupAction("action_hand_over")]
        if not await ask_for_consent(uow, now, dispatcher, tracker):  # such as one told between the turns
            dispatcher.utter_message(response="utter_glad_to_hear")
        return []


class ActionDropTask(ServiceAction):
    """Stops what is going on; nothing is submitted, held windows are free again."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_drop_task"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leaves the form and forgets its facts."""
        if tracker.active_loop_name is None and "utter_proposal" in said_before(tracker):
            return [FollowupAction("proposal_form")]
        if tracker.active_loop_name is None:
            waits = "utter_complaint_filed" in said_before(tracker)
            dispatcher.utter_message(response="utter_callback_chosen" if waits else "utter_nothing_to_drop")
            return []
        await uow.holds.release(tracker.sender_id)
        dispatcher.utter_message(response="utter_task_dropped")
        left = [ActiveLoop(None), SlotSet("requested_slot", None)]
        facts = ("suspended_form", "suspended_facts", "appointment", "cancel_reason", *OF_ONE_VISIT, *OF_ONE_COMPLAINT)
        # Reached by way of action_begin_cancel no rule says what follows, and Rasa would take the turn back.
        return [*left, *forget(*facts), FollowupAction("action_listen")]
