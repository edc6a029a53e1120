"""Complaints: empathy, the story, a number with owner and deadline, a choice (SERVICE_STANDARD §7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.listening import asks_about_extra, heard_by, metadata, person, said_before
from actions.service_action import ServiceAction
from actions.suspending import open_task
from actions.task_form import TaskForm, back_to_suspended, forget
from actions.turn import this_turn
from bot.business.characters import simplify
from bot.business.complaints import (
    Complaint,
    ComplaintSignals,
    calls_for_person,
    signals_in,
    tells_grievance,
    turns_down,
    urges_on,
)
from bot.business.drafts.choices import wished_kind
from bot.business.drafts.heard import Heard
from bot.services import complaints, identity
from bot.services.identity import CustomerCard
from bot.services.ports import UnitOfWork

OF_ONE_COMPLAINT = ("complaint_text", "complaint_contact", "complaint_signals")
_TELLS_ENOUGH = 4
_ANY_WORDS = re.compile(r"[\u3400-\u9fff]{2}|[A-Za-z]{3}")
# What leaves it to the customer to add something (SERVICE_STANDARD §7: follow up until they are satisfied).
JUST_FILED = frozenset({"utter_complaint_filed", "utter_complaint_filed_going_on"})
AFTER_A_COMPLAINT = JUST_FILED | {"utter_complaint_added", "utter_callback_chosen"}
# What remains of "我要投诉你们！" says nothing of what happened.
_BARE = re.compile(
    r"有?(?:一?[个点些])?小?(?:意见|建议|想法)|(?:想|要)?(?:提|说|讲|反映)一?下?"
    r"|我?(?:真的)?(?:想|要|就是)?(?:投诉|举报|反映)(?:你们|一下)?(?:4s店|店|个?问题|情况)?|[\W_]|[了吧啊呢]",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"^我?们?[也都]?(?:没有?|无)(?:什么|啥|任何)?(?:意见|异议)")
_MISTYPED = re.compile(r"(?<!\d)(?!(?:12315|12345)(?!\d))\d{5,}")
_NO_PHONE = re.compile(
    r"不(?:想|愿意?|方便|用|要)[^，。]{0,3}(?:留|说|给|透露)|在这[里儿]?(?:说|回|联系|答复)|这里就行|微信(?:联系|说)"
)
_LONGEST = 2000
_WITHDRAWS = re.compile(
    r"撤诉|(?:撤[销回掉了]?|取消|收回)[^，。]{0,6}投诉|投诉[^，。]{0,4}(?:撤|取消|算了|不要了)|不(?:想|要|用|再)?投诉了"
)
# Whoever nobody knows hears of a complaint that was closed longer ago only after proving who they are: there may be
# another one, which the dealer's people have written down.
_FRESH = timedelta(days=3)


class ActionBeginComplaint(ServiceAction):
    """Empathy before facts; what is said right after a complaint was filed belongs to that one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_begin_complaint"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """An apology for the experience, once a complaint; who calls for a superior at once gets a person.

        So does who turns down the solution just told.
        """
        text = heard_by(tracker, now, answers=False).text
        person_now = calls_for_person(simplify(text))
        waits = await solution_to_answer(uow, now, tracker)
        if waits is not None and _CONTENT.search(simplify(text)):
            return [*accept_solution(dispatcher, waits, now), FollowupAction("action_listen")]
        if waits is not None and turns_down(simplify(text)):
            return refuse_solution(dispatcher)
        if just_filed(tracker) and not person_now:
            await _add_what_was_said(uow, dispatcher, tracker, now)
            return [FollowupAction("action_listen")]
        dispatcher.utter_message(response="utter_complaint_empathy")
        if not person_now and urges_on(simplify(text)) and (number := await _open_complaint(uow, now, tracker)):
            await _add_what_was_said(uow, dispatcher, tracker, now, number)
            return [FollowupAction(open_task(tracker) or "action_listen"), SlotSet("filed_complaint", number)]
        return [SlotSet("soothed", True), *([FollowupAction("action_hand_over")] if person_now else [])]


def just_filed(tracker: Tracker) -> str | None:
    """The number of the complaint that was filed or added to in the turn before."""
    return tracker.get_slot("filed_complaint") if said_before(tracker) & AFTER_A_COMPLAINT else None


class ActionAskAfterComplaint(ServiceAction):
    """How a complaint stands; whoever filed it in this chat, or is known, needs no proof."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_after_complaint"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Owner and deadline, and back to what is open; a stranger is asked for plate and proof.

        Who urges ("投诉了都没人理我") is heard by the complaint's owner too.
        """
        channel, user = person(tracker)
        card = await identity.bound_customer(uow, channel=channel, user=user)
        found = await complaints_of(uow, now, tracker, card)
        text = heard_by(tracker, now, answers=False).text[:_LONGEST]
        if found and _WITHDRAWS.search(simplify(text)):
            await complaints.add_to_complaint(uow, now, number=found[0].number, text=text, by="customer")
            dispatcher.utter_message(response="utter_complaint_withdrawn", **complaint_values(found[0]))
            return [FollowupAction(open_task(tracker) or "action_listen")]
        if told := say_status(dispatcher, found, card, now):
            if urges_on(simplify(text)):
                await complaints.add_to_complaint(uow, now, number=told.number, text=text, by="customer")
            return [FollowupAction(open_task(tracker) or "action_listen")]
        closed = await closed_of(uow, now, tracker, card)
        if card is None and (closed is None or now - (closed.closed_at or now) > _FRESH):
            return [SlotSet("asked_after", "complaint"), FollowupAction("progress_form")]
        say_none_open(dispatcher, closed, card)
        return [FollowupAction(open_task(tracker) or "action_listen")]


class ActionAddToComplaint(ServiceAction):
    """Puts more of the story, or the solution wished for, into the complaint just filed."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_add_to_complaint"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Says who goes on with it until when."""
        await _add_what_was_said(uow, dispatcher, tracker, now)
        return []


async def tell_owner(uow: UnitOfWork, now: datetime, dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Puts the message into the person's open complaint and says who goes on with it; whether there is one."""
    number = await _open_complaint(uow, now, tracker)
    if number:
        await _add_what_was_said(uow, dispatcher, tracker, now, number)
    return bool(number)


async def _open_complaint(uow: UnitOfWork, now: datetime, tracker: Tracker) -> str | None:
    """The number of the person's newest complaint that is not closed yet."""
    channel, user = person(tracker)
    found = await complaints_of(uow, now, tracker, await identity.bound_customer(uow, channel=channel, user=user))
    return found[0].number if found else None


async def complaints_of(
    uow: UnitOfWork, now: datetime, tracker: Tracker, card: CustomerCard | None
) -> list[Complaint]:
    """What the account has complained of, or the customer it is bound to (`card`), and is not closed; newest first."""
    return [each for each in await _recent(uow, now, tracker, card) if each.status != "closed"]


async def closed_of(
    uow: UnitOfWork, now: datetime, tracker: Tracker, card: CustomerCard | None
) -> Complaint | None:
    """The newest of their complaints that is closed."""
    return next((each for each in await _recent(uow, now, tracker, card) if each.status == "closed"), None)


async def _recent(uow: UnitOfWork, now: datetime, tracker: Tracker, card: CustomerCard | None) -> list[Complaint]:
    channel, user = person(tracker)
    customer_id = card.customer.id if card else None
    plates = [each.plate for each in card.vehicles if each.plate] if card else []
    whose: dict[str, Any] = {"channel": channel, "user": user, "customer_id": customer_id, "plates": plates}
    return await complaints.recent_complaints(uow, now, **whose)


def say_status(
    dispatcher: CollectingDispatcher, found: Sequence[Complaint], card: CustomerCard | None, now: datetime
) -> Complaint | None:
    """Tells how the newest complaint that waits for an answer stands, else the newest one answered; which that is."""
    told = next((each for each in found if each.status == "open"), next(iter(found), None))
    if told is None:
        return None
    salutation = wording.salutation(card.customer.surname, card.customer.title) if card else ""
    dispatcher.utter_message(response=_standing(told, now), salutation=salutation, **complaint_values(told))
    return told


def say_none_open(dispatcher: CollectingDispatcher, closed: Complaint | None, card: CustomerCard | None) -> None:
    """Tells that no complaint is being worked on, and of the one that was closed last."""
    if closed is None or closed.closed_at is None:
        dispatcher.utter_message(response="utter_no_complaint")
        return
    salutation = wording.salutation(card.customer.surname, card.customer.title) if card else ""
    when = wording.time_text(closed.closed_at)
    dispatcher.utter_message(
        response="utter_complaint_is_closed", salutation=salutation, when=when, **complaint_values(closed)
    )


async def solution_to_answer(uow: UnitOfWork, now: datetime, tracker: Tracker) -> Complaint | None:
    """The complaint whose solution, sent to this chat, was the last thing said, and waits for the customer's yes or no.

    Words that follow anything else, such as a question of the agent's, are no answer to it.
    """
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    found = await complaints_of(uow, now, tracker, card)
    theirs = [each for each in found if (each.channel, each.user) == (channel, user)]
    waits = next((each for each in theirs if each.status == "answered" and each.agreed_at is None), None)
    conversation = await uow.conversations.find(channel, user) if waits else None
    if waits is None or conversation is None:
        return None
    message_id = metadata(tracker).get("message_id")
    last = await uow.messages.said_last(conversation.id, int(message_id) if message_id else None)
    is_last = last is not None and last.sender == "agent" and last.time == waits.answered_at
    return waits if is_last else None


def accept_solution(dispatcher: CollectingDispatcher, complaint: Complaint, now: datetime) -> list[EventType]:
    """Their yes is in the complaint's file; thanks, and by when it is carried out."""
    dated = complaint.solution_due_at is not None and complaint.solution_due_at > now
    response = "utter_solution_accepted" if dated else "utter_solution_accepted_undated"
    dispatcher.utter_message(response=response, **complaint_values(complaint))
    return []


def refuse_solution(dispatcher: CollectingDispatcher) -> list[EventType]:
    """Their no is in the complaint's file; a person talks about it with them."""
    dispatcher.utter_message(response="utter_solution_refused")
    return [FollowupAction("action_hand_over")]


def _standing(complaint: Complaint, now: datetime) -> str:
    """The response that says by when it is answered, or its solution carried out, or that this is late."""
    if complaint.status == "open":
        return "utter_complaint_status" if complaint.deadline > now else "utter_complaint_late"
    if complaint.solution_due_at is None:
        return "utter_complaint_answered"
    return "utter_complaint_solution_by" if complaint.solution_due_at > now else "utter_complaint_solution_late"


async def _add_what_was_said(
    uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime, number: str | None = None
) -> None:
    text = heard_by(tracker, now, answers=False).text[:_LONGEST]
    number = number or tracker.get_slot("filed_complaint")
    changed = await complaints.add_to_complaint(uow, now, number=number, text=text, by="customer")
    dispatcher.utter_message(response="utter_complaint_added", **complaint_values(changed))


class ActionHearFault(ServiceAction):
    """A fault is told: a visit for it, unless it belongs to the complaint just filed."""

    only_reads = True

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_hear_fault"

    async def act(
        self, uow: UnitOfWork, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> list[EventType]:
        """Leads to the booking or to the complaint; who names a time wants to come.

        A question about the fault right after an extra item is one about that.
        """
        heard = heard_by(tracker, now, answers=False)
        if asks_about_extra(heard, tracker):
            return [FollowupAction("action_explain_extra")]
        of_complaint = just_filed(tracker) and not heard.all("time") and wished_kind(heard.text) is None
        return [FollowupAction("action_add_to_complaint" if of_complaint else "booking_form")]


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
            contact, text = _without_phone(heard, text, dispatcher)
        if question == "complaint_text" and heard.answers and _ANY_WORDS.search(heard.text):
            text = _joined(text, heard.text)
        elif question is None and text is None and _begins(tracker) and tells_enough(heard.text):
            text = heard.text[:_LONGEST]
        missing = "complaint_text" if text is None else "complaint_contact" if contact is None else None
        signals = sorted({*(tracker.get_slot("complaint_signals") or ()), *_signals(heard)})
        return {
            "plate": heard.last("plate") or tracker.get_slot("plate"),
            "complaint_text": text,
            "complaint_contact": contact,
            **_own_name(heard, question),
            "complaint_signals": signals or None,
            "requested_slot": missing,
        }


def _begins(tracker: Tracker) -> bool:
    """Whether the complaint was begun by this very message, not taken up again after another task."""
    return any(event.get("name") == "action_begin_complaint" for event in this_turn(tracker))


def _own_name(heard: Heard, question: str | None) -> dict[str, Any]:
    """The name given with the contact; names in the story are those of others."""
    if question != "complaint_contact" or not heard.answers:
        return {}
    return {name: heard.last(name) for name in ("surname", "title") if heard.last(name)}


def _without_phone(heard: Heard, text: str | None, dispatcher: CollectingDispatcher) -> tuple[str | None, str | None]:
    """Contact and story after an answer without a phone: mistyped, not wished, or more of the story."""
    if heard.says_no or heard.says_unknown or _NO_PHONE.search(heard.text):
        return "chat", text
    if heard.says_yes:
        return None, text
    if _MISTYPED.search(heard.text):
        dispatcher.utter_message(response="utter_ask_again_phone")
        return None, text
    dispatcher.utter_message(response="utter_complaint_noted")
    return None, _joined(text, heard.text)


def tells_enough(text: str) -> bool:
    """Whether a message says what happened, not only that its writer wants to complain."""
    return len(_BARE.sub("", text)) >= _TELLS_ENOUGH


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
        """Files it and takes up what it came in between of; then that task asks, and nothing else does."""
        filed = await file_what_was_told(uow, now, tracker)
        response = "utter_complaint_filed_going_on" if tracker.get_slot("suspended_form") else "utter_complaint_filed"
        dispatcher.utter_message(response=response, **complaint_values(filed))
        remembered = SlotSet("filed_complaint", filed.number)
        return [*forget(*OF_ONE_COMPLAINT), remembered, *back_to_suspended(dispatcher, tracker)]


async def pass_on(
    uow: UnitOfWork, now: datetime, tracker: Tracker, dispatcher: CollectingDispatcher
) -> list[EventType]:
    """What was told so far, or is told with the wish for a person, filed: a number and an owner whatever comes next.

    Words about a complaint just filed, or its solution just told, are added to that one. Nothing happens where nothing
    is complained of.
    """
    heard = heard_by(tracker, now, answers=False)
    open_now = tracker.active_loop_name == "complaint_form"
    calls = heard.intent in ("make_complaint", "request_manager")
    told_now = calls and tells_grievance(heard.text)
    answered = await solution_to_answer(uow, now, tracker) if calls and not open_now else None
    filed_before = None if open_now else answered.number if answered else just_filed(tracker)
    if filed_before and calls:
        text = heard.text[:_LONGEST]
        filed = await complaints.add_to_complaint(uow, now, number=filed_before, text=text, by="customer")
    elif told_now or (open_now and tracker.get_slot("complaint_text")):
        filed = await file_what_was_told(uow, now, tracker, heard, with_words=told_now)
    else:
        return []
    dispatcher.utter_message(response="utter_complaint_passed_on", **complaint_values(filed))
    left = [ActiveLoop(None), SlotSet("requested_slot", None)] if open_now else []
    return [*left, *forget(*OF_ONE_COMPLAINT), SlotSet("filed_complaint", filed.number)]


async def file_what_was_told(
    uow: UnitOfWork, now: datetime, tracker: Tracker, last: Heard | None = None, *, with_words: bool = False
) -> Complaint:
    """The complaint in the dialogue's mind, stored; `last` is a message that has not yet been taken up in it.

    Its signals and phone count, `with_words` its words too.
    """
    channel, user = person(tracker)
    card = await identity.bound_customer(uow, channel=channel, user=user)
    heard_of = {*(tracker.get_slot("complaint_signals") or ()), *(_signals(last) if last else ())}
    heard_of |= {"wants_superior"} if last and last.intent == "request_manager" else set()
    names = [name for name in ComplaintSignals.__dataclass_fields__ if name in heard_of]
    contact = tracker.get_slot("complaint_contact") or tracker.get_slot("phone")
    contact = (last.last("phone") if last else None) or contact
    text = tracker.get_slot("complaint_text")
    return await complaints.file_complaint(
        uow,
        now,
        channel=channel,
        user=user,
        text=_joined(text, last.text) if last and with_words else text or "",
        plate=(last.last("plate") if last else None) or tracker.get_slot("plate"),
        customer_id=card.customer.id if card else None,
        phone=None if contact == "chat" else contact,
        signals=ComplaintSignals(**dict.fromkeys(names, True)),
    )


def complaint_values(filed: Complaint) -> dict[str, Any]:
    """The parameters of what is said of a filed complaint."""
    return {
        "number": filed.number,
        "level": filed.level,
        "owner": filed.owner,
        "deadline": wording.time_text(filed.deadline),
        "due": wording.time_text(filed.solution_due_at) if filed.solution_due_at else "",
    }
