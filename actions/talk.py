"""Greeting, going on, dropping a task, not understanding."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.complaints import (
    OF_ONE_COMPLAINT,
    accept_solution,
    just_filed,
    refuse_solution,
    solution_to_answer,
    tell_owner,
)
from actions.draft_slots import OF_ONE_VISIT
from actions.help_promised import waits_for_help
from actions.listening import OF_PROPOSAL, asks_about_extra, heard_by, heard_of_extra, is_foreign, person, said_before
from actions.progress import ask_for_consent, leave_for_later
from actions.rescuing import CHOICES, ask_choice_again
from actions.service_action import ServiceAction
from actions.suspending import leave_forgotten, open_task
from actions.task_form import forget
from actions.visit_details import change_phone, change_transport
from bot.business.drafts.choices import wished_kind
from bot.business.drafts.heard import Heard
from bot.business.drafts.proofs import proof_in
from bot.business.not_understood import SAID_WHEN_NOT_UNDERSTOOD
from bot.business.phones import normalise_phone
from bot.business.rescues import place_in
from bot.services import identity
from bot.services.ports import UnitOfWork

# Answers that end with a next step of their own.
_ENDS_ITSELF = ("action_soothe", "action_explain_extra", "utter_chitchat", "utter_you_are_welcome")
_BOOKED = frozenset({"utter_booked", "utter_booked_fetched"})
# What a bare yes after them takes up.
OFFERS_OF_A_PERSON = frozenset(
    {
        *("utter_offer_person", "utter_urged", "utter_purchase", "utter_delivery", "utter_return_goods"),
        *("utter_no_windows", "utter_too_late_to_change", "utter_not_possible_now", "utter_soothe_again"),
        *("utter_identity_exhausted", "utter_record_missing", "utter_cost_open"),
    }
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
        if task is None and ask_choice_again(dispatcher, tracker):
            return []
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
        done = self._done_last(tracker)
        if done == "utter_bot_identity":
            dispatcher.utter_message(response="utter_what_i_can_do")
        elif done not in _ENDS_ITSELF:
            dispatcher.utter_message(response="utter_anything_else")
        return leave_forgotten(tracker)

    @staticmethod
    def _done_last(tracker: Tracker) -> str | None:
        done: list[str] = [event["name"] for event in tracker.events if event.get("event") == "action"]
        return done[-1] if done else None


class ActionTakeDetails(ServiceAction):
    """Details without a wish: kept, and asked what they are for; a number put right is that of the open matter."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_details"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """The choice offered after a complaint is a detail too; a wish among the details opens the booking."""
        heard = heard_by(tracker, now, answers=False)
        if said_before(tracker) & CHOICES and place_in(heard.text):
            return [FollowupAction("action_open_rescue")]  # who says where they stand wants somebody to come
        if said_before(tracker) & CHOICES and (heard.all("plate") or heard.all("surname")):
            return [FollowupAction("booking_form")]
        if ask_choice_again(dispatcher, tracker):
            return []
        callback = "callback" in heard.all("choice")
        if not callback and heard.all("choice"):
            dispatcher.utter_message(response="utter_choice_done")
            return []
        if not callback and just_filed(tracker):
            return [FollowupAction("action_add_to_complaint")]
        if not callback and wished_kind(heard.text):
            return [FollowupAction("booking_form")]
        if set(heard.entities) == {"phone"}:
            phone = heard.all("phone")[-1]
            put_right = heard.corrects and (
                await change_phone(uow, now, dispatcher, tracker, phone)
                or await tell_owner(uow, now, dispatcher, tracker)
            )
            if not put_right:
                await _thank_for_phone(uow, dispatcher, tracker, phone)
            return []
        dispatcher.utter_message(response="utter_callback_chosen" if callback else "utter_ask_more_detail")
        proof = proof_in(heard, None) if heard.all("plate") and not heard.all("phone") else None
        return [SlotSet("proof", proof)] if proof else []


async def _thank_for_phone(uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, phone: str) -> None:
    """A number without a wish, shared or typed: who has proved to be its owner is greeted by title."""
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    known = card is not None and card.title and card.customer.phone == normalise_phone(phone)
    if card is not None and known:
        dispatcher.utter_message(response="utter_phone_known", salutation=card.title)
    else:
        dispatcher.utter_message(response="utter_phone_noted")


class ActionNotUnderstood(ServiceAction):
    """Says that something was not understood or is not ours; twice in a row a person is offered."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_not_understood"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """An open question is asked again; a question after an extra item is for the adviser who proposes it."""
        heard = heard_by(tracker, now, answers=False)
        if just_filed(tracker):
            return [FollowupAction("action_add_to_complaint")]
        task = tracker.active_loop_name
        if task is None and ask_choice_again(dispatcher, tracker):
            return []
        if task is None and asks_about_extra(heard, tracker):
            return [FollowupAction("action_explain_extra")]
        asks = bool(task) or heard_of_extra(tracker)
        dispatcher.utter_message(response=self._response(heard, said_before(tracker), asks))
        if asks and not task:
            await ask_for_consent(uow, now, dispatcher, tracker)
        return [FollowupAction(task)] if task else []

    @staticmethod
    def _response(heard: Heard, said: frozenset[str], in_task: bool) -> str:
        """Within a task without buttons of its own: those of the open question follow."""
        if said & SAID_WHEN_NOT_UNDERSTOOD:
            return "utter_offer_person_here" if in_task else "utter_offer_person"
        if is_foreign(heard.text):
            return "utter_chinese_here" if in_task else "utter_chinese_please"
        if heard.intent == "out_of_scope":
            return "utter_out_of_scope"
        return "utter_not_caught" if in_task else "utter_not_understood"


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
        heard = heard_by(tracker, now, answers=False)
        if heard_of_extra(tracker) and (OF_PROPOSAL & said or heard.says_no):
            return [FollowupAction("proposal_form")]
        if (complaint := await solution_to_answer(uow, now, tracker)) is not None:
            if heard.says_no:
                return refuse_solution(dispatcher)
            if heard.says_yes:
                return accept_solution(dispatcher, complaint, now)
        if "utter_complaint_filed" in said:
            dispatcher.utter_message(response="utter_callback_chosen")
            return []
        if said & CHOICES:
            says_no = heard.intent == "deny"
            dispatcher.utter_message(response="utter_no_rescue" if says_no else next(iter(said & CHOICES)))
            return []
        if said & OFFERS_OF_A_PERSON and heard.says_yes:
            return [FollowupAction("action_hand_over")]
        if "utter_consent_declined" in said and heard.says_yes:
            return [FollowupAction("booking_form")]
        if said & _BOOKED and heard.says_yes and await _say_booked(uow, dispatcher, tracker):
            return []
        if not await ask_for_consent(uow, now, dispatcher, tracker):  # such as one told between the turns
            dispatcher.utter_message(response="utter_choice_done" if heard.tapped else "utter_glad_to_hear")
        return []


async def _say_booked(uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """The visit once more for who says yes again, such as when the first confirmation did not arrive; whether it is."""
    channel, user = person(tracker)
    visits = await uow.appointments.open_of_person(channel, user)
    if visits:
        booked = max(visits, key=lambda visit: visit.number)
        when = wording.time_text(booked.start)
        dispatcher.utter_message(response="utter_booked_already", number=booked.number, when=when)
    return bool(visits)


class ActionWait(ServiceAction):
    """Somebody wants a moment, and no question of a form is open."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_wait"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Nobody is urged; an extra item just asked about waits for its decision."""
        if heard_of_extra(tracker) or tracker.active_loop_name == "proposal_form":
            return await leave_for_later(uow, now, dispatcher, tracker)
        filed = "utter_complaint_filed" in said_before(tracker)
        dispatcher.utter_message(response="utter_callback_chosen" if filed else "utter_no_hurry")
        return leave_forgotten(tracker)


class ActionHearImpatience(ServiceAction):
    """Somebody presses, or is tired of questions, and nothing of theirs is open."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_hear_impatience"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Where the help is, or how the repair goes, that they wait for; else an apology, and a person offered."""
        if await waits_for_help(uow, now, tracker):
            return [FollowupAction("action_where_help_is")]
        if any(name.startswith("utter_progress") for name in said_before(tracker)):
            dispatcher.utter_message(response="utter_urged")
            return [FollowupAction("progress_form")]
        dispatcher.utter_message(response="utter_hurried")
        return leave_forgotten(tracker)


class ActionChat(ServiceAction):
    """Small talk; in the middle of a task only a friendly word before the open question."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_chat"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """One question a turn: what else can be done, or the one that is open."""
        task = open_task(tracker)
        dispatcher.utter_message(response="utter_chat_here" if task else "utter_chitchat")
        return [FollowupAction(task)] if task else leave_forgotten(tracker)


class ActionDropTask(ServiceAction):
    """Stops what is going on; nothing is submitted, held windows are free again."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_drop_task"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leaves the form and forgets its facts."""
        if tracker.active_loop_name is None and heard_of_extra(tracker):
            return [FollowupAction("proposal_form")]
        if tracker.active_loop_name is None and said_before(tracker) & CHOICES:
            dispatcher.utter_message(response="utter_no_rescue")
            return []
        if tracker.active_loop_name is None:
            if await change_transport(uow, now, dispatcher, tracker, heard_by(tracker, now, answers=False)):
                return []  # "不用来取车了"
            if not await ask_for_consent(uow, now, dispatcher, tracker, "utter_proposal_sure"):
                filed = "utter_complaint_filed" in said_before(tracker)
                dispatcher.utter_message(response="utter_callback_chosen" if filed else "utter_nothing_to_drop")
            return []
        await uow.holds.release(tracker.sender_id)
        dispatcher.utter_message(response="utter_task_dropped")
        left = [ActiveLoop(None), SlotSet("requested_slot", None)]
        facts = ("suspended_form", "suspended_facts", "appointment", "cancel_reason", *OF_ONE_VISIT, *OF_ONE_COMPLAINT)
        # Reached by way of action_begin_cancel no rule says what follows, and Rasa would take the turn back.
        return [*left, *forget(*facts), FollowupAction("action_listen")]
