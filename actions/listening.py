"""What the tracker says about the message being answered: who wrote it, when, and whether it answers the question."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker

from bot.business.accidents import may_choose, names_only_a_road
from bot.business.characters import simplify
from bot.business.complaints import tells_grievance
from bot.business.drafts.answers import asks_how_long, asks_to_come, finds_time_unfit, settles
from bot.business.drafts.asides import answer_aside
from bot.business.drafts.heard import Heard
from bot.business.drafts.impatience import leaves_open
from bot.business.drafts.proofs import doubts_proof
from bot.business.safety import asks_whether_safe

# Nothing keeps a form from giving way to these.
ALWAYS_INTERRUPT = frozenset(
    {
        "request_human",
        "request_manager",
        "report_emergency",
        "delete_my_data",
        "stop_reminders",
        "make_complaint",
        "abuse",
        "abandon_task",
    }
)
# Another wish or a question: answered first, then the form goes on.
INTERRUPT = ALWAYS_INTERRUPT | {
    "cancel_booking",
    "change_booking",
    "query_booking",
    "ask_progress",
    "ask_delivery",
    "return_goods",
    "ask_price",
    "ask_extra",
    "ask_rescue",
    "ask_maintenance",
    "ask_warranty",
    "ask_recall",
    "ask_hours",
    "ask_location",
    "ask_contact",
    "ask_loaner",
    "ask_pickup",
    "ask_mobile_service",
    "ask_privacy",
    "ask_points",
    "ask_complaint",
    "ask_benefits",
    "ask_howto",
    "ask_invoice",
    "ask_payment",
    "ask_purchase",
    "ask_bot_identity",
    "greet",
    "thank",
    "goodbye",
    "chitchat",
    "out_of_scope",
}
_TALK = frozenset({"chitchat", "out_of_scope", "ask_howto", "ask_delivery", "ask_maintenance", "greet", "ask_progress"})
_STOPS_A_STORY = {"request_human", "request_manager", "report_emergency", "abandon_task", "delete_my_data"}
_PERSON_QUESTIONS = ("plate", "surname", "phone", "proof", "car_model", "mileage")
# What shows an extra item and asks for the decision.
OF_PROPOSAL = frozenset({"utter_proposal", "utter_proposal_sure"})
_OF_A_PROPOSAL = ("approve_extra", "decline_extra")
_SYMPTOM_QUESTIONS = ("problem", "location", "noise", "frequency", "situation")
CALLS = frozenset({"request_human", "request_manager", "report_emergency"})
# Intents that are an answer while the question is open.
ANSWERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_SYMPTOM_QUESTIONS, _TALK),
    "window": frozenset({"change_booking"}),
    "confirmed": frozenset({"change_booking"}),
    "amendment": frozenset({"change_booking"}),
    "cancel_reason": _TALK | {"cancel_booking", "change_booking", "ask_price", "ask_purchase", "make_complaint"},
    "complaint_text": INTERRUPT - _STOPS_A_STORY,
    "complaint_contact": frozenset({"make_complaint", "abuse", "ask_contact"}),
    "surname": frozenset({"greet", "chitchat"}),
    "car_model": frozenset({"ask_purchase", "chitchat", "out_of_scope", "ask_maintenance"}),
    "mileage": frozenset({"ask_maintenance", "chitchat", "out_of_scope"}),
    "delete_confirmed": frozenset({"delete_my_data"}),
}
# "是的取消" agrees to cancelling, "改时间" there turns to another task.
_SAID_AGAIN = {
    "cancel_form": (("confirmed",), "cancel_booking"),
    "deletion_form": (("delete_confirmed",), "delete_my_data"),
}
# Tasks that a wish for another visit interrupts.
_YIELD_TO_BOOKING = frozenset(
    {"change_form", "cancel_form", "lookup_form", "progress_form", "points_form", "proposal_form", "deletion_form"}
)
BOOKS = frozenset({"book_service", "book_maintenance", "book_repair", "book_accident", "book_tyre", "book_inspection"})
# What somebody adds to a score: anything but another wish.
_OPINIONS = ("opinion", "grievance")
_WISHES = BOOKS | {
    *("request_human", "request_manager", "report_emergency", "delete_my_data", "stop_reminders"),
    *("change_booking", "cancel_booking", "query_booking", "greet", "rate_service"),
}
_COMPLAINS = re.compile(r"投诉|举报")
_GRUMBLES = frozenset(
    {"make_complaint", "abuse", "ask_privacy", "chitchat", "out_of_scope", "ask_howto", "query_booking", "ask_contact"}
)
# The wish that has opened a form opens it no second time.
_OWN_WISH = {"progress_form": "ask_progress", "points_form": "ask_points", "change_form": "change_booking"}
# Actions that do nothing but lead to the form.
_LEADS_ON = frozenset({"action_listen", "action_extract_slots", "action_take_details", "action_hear_fault"})
# What is asked in the middle of a complaint and is no part of it.
_PLAIN_QUESTIONS = frozenset({"ask_price", "ask_hours", "ask_location", "ask_contact", "ask_complaint"})
_LONGEST_QUESTION = 16
_MOODS = {"angry", "safety", "level_signal"}
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = re.compile(r"[A-Za-z]{2,}[,.!?]?\s+[A-Za-z]{2,}")
# "先帮我查下进度" is no answer to anything.
_LOOKS_UP = re.compile(
    r"(?:查|看|问|说|了解|催)[^，。,]{0,8}(?:进度|进展|修好没|修到哪|修得怎)|(?:进度|进展)(?:怎|如何|查|呢|到哪)"
)
_LONGEST_LOOK_UP = 20
_REAL_QUESTIONS = frozenset({"ask_maintenance", "ask_progress", "ask_delivery"})


def metadata(tracker: Tracker) -> dict[str, Any]:
    """What the router said (bot/dialogue/engine.py): message_id, channel, user, now, silent_minutes, item_of."""
    return dict(tracker.latest_message.get("metadata") or {})


def person(tracker: Tracker) -> tuple[str, str]:
    """Channel and user of the conversation ("channel:user")."""
    channel, _, user = str(tracker.sender_id).partition(":")
    return channel, user


def heard_by(tracker: Tracker, now: datetime, answers: bool) -> Heard:
    """The latest message as the dialogue's rules take it."""
    message = tracker.latest_message
    entities: dict[str, list[str]] = defaultdict(list)
    for entity in message.get("entities") or []:
        entities[entity["entity"]].append(str(entity["value"]))
    intent = (message.get("intent") or {}).get("name") or ""
    text = message.get("text") or ""
    tapped = text.startswith("/")
    text = "" if tapped else text  # what a button stands for are no words of theirs
    return Heard(text, intent, now, {k: tuple(v) for k, v in entities.items()}, answers, tapped)


def comes_back(tracker: Tracker) -> bool:
    """Whether something else was already done for this message, so that the form only asks again."""
    actions_since = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "action" and event.get("name") not in _LEADS_ON:
            actions_since.append(event["name"])
    return any(not name.endswith("_form") for name in actions_since)


def said_before(tracker: Tracker) -> frozenset[str]:
    """The responses said in the turn before the latest message."""
    names: list[str] = []
    turns = 0
    for event in reversed(tracker.events):
        turns += event.get("event") == "user"
        if turns > 1:
            break
        if turns == 1 and event.get("event") == "bot":
            names.append((event.get("metadata") or {}).get("utter_action") or "")
    return frozenset(names)


def heard_of_extra(tracker: Tracker) -> bool:
    """Whether the last thing said to the customer, in the turn before or unasked, was an extra item that waits.

    Doubts, questions and a no are about it. A bare "好的" agrees only to what was said in the turn: it may have crossed
    with a message that came unasked.
    """
    return metadata(tracker).get("item_of") is not None


def car_meant(tracker: Tracker) -> str | None:
    """The plate of the car a decision is about: named in the message, asked about last, or in mind."""
    named = [each["value"] for each in tracker.latest_message.get("entities") or () if each["entity"] == "plate"]
    return (named[-1] if named else None) or metadata(tracker).get("item_of") or tracker.get_slot("plate")


def asks_about_extra(heard: Heard, tracker: Tracker) -> bool:
    """Whether the message is a question about the extra item just heard of."""
    return heard_of_extra(tracker) and heard.asks and heard.intent != "out_of_scope"


def interrupts(heard: Heard, question: str | None, form: str = "") -> bool:
    """Whether the message is about something else than the open `question` of the `form`."""
    if question in _OPINIONS:
        return _is_another_wish(heard, question)
    if heard.intent == "rate_service" and heard.all("score"):
        return question is not None  # asked for between the turns, and answered
    if question is not None and form in _YIELD_TO_BOOKING and heard.intent in BOOKS and not heard.all("time"):
        return question != "cancel_reason"
    if heard.tapped and heard.intent in _OF_A_PROPOSAL and question is not None:
        # the button under an extra item means that item, whatever is asked meanwhile
        return form != "proposal_form"
    if leaves_open(heard, question):
        return True
    if heard.intent not in INTERRUPT or question is None:
        return False
    if heard.intent == "report_emergency" and question in _SYMPTOM_QUESTIONS:
        told = simplify(heard.text)
        if may_choose(told) or names_only_a_road(told):
            return False  # what happened to the car, where it stands, or when it shows
    if heard.intent == "ask_progress" and looks_up_progress(heard.text):
        return True
    if question == "proof" and heard.intent in _GRUMBLES and doubts_proof(heard):
        return False
    if says_wish_again(heard, question, form):
        return False
    if question == "complaint_text" and heard.intent in _PLAIN_QUESTIONS and heard.asks:
        return len(heard.text) <= _LONGEST_QUESTION and not tells_grievance(heard.text)
    if form == "booking_form" and asks_whether_safe(heard.text) and heard.intent not in CALLS:
        return False  # answered by the booking itself
    if form == "booking_form" and (asks_how_long(heard) or answer_aside(heard, question)):
        return False  # answered by the booking itself
    if form == "booking_form" and (finds_time_unfit(heard.text) or asks_to_come(heard)):
        return False  # about the time of the visit
    if form == "booking_form" and heard.intent == "abandon_task" and heard.all("time"):
        return False  # "算了大后天上午" goes on, at another time
    if form == "cancel_form" and question in ("cancel_reason", "confirmed") and heard.intent == "abandon_task":
        return False  # "改天再约" is a reason, "算了还是保留吧" answers whether to cancel
    if form in _SAID_AGAIN and question in _SAID_AGAIN[form][0]:
        return heard.intent != _SAID_AGAIN[form][1]
    if settles(question, heard) or (heard.intent in ANSWERS.get(question, ()) and not _is_aside(question, heard)):
        return False
    if question in _PERSON_QUESTIONS and heard.intent not in ALWAYS_INTERRUPT:
        wanted = {"proof": ("phone", "phone_tail")}.get(question, (question,))
        return not any(heard.all(entity) for entity in wanted) or heard.asks
    return True


def _is_another_wish(heard: Heard, question: str | None) -> bool:
    """Whether what follows a score is no opinion on it."""
    if question == "opinion" and (heard.intent == "abuse" or _COMPLAINS.search(heard.text)):
        return True
    asks = heard.asks and heard.intent in INTERRUPT - {"make_complaint", "abuse", "chitchat", "out_of_scope"}
    return heard.intent in _WISHES or asks or looks_up_progress(heard.text) or heard.tapped


def says_wish_again(heard: Heard, question: str | None, form: str) -> bool:
    """Whether nothing is said but once more what the form was begun for."""
    return question in ("plate", "proof") and heard.intent == _OWN_WISH.get(form) and not looks_like_facts(heard)


def looks_like_facts(heard: Heard) -> bool:
    """Whether the message holds anything to take up."""
    return bool(set(heard.entities) - _MOODS - {"ordinal"})


def looks_up_progress(text: str) -> bool:
    """Whether somebody asks in so many words to see how the repair stands, whatever was asked."""
    return len(text) <= _LONGEST_LOOK_UP and bool(_LOOKS_UP.search(simplify(text)))


def _is_aside(question: str, heard: Heard) -> bool:
    """Whether instead of the description asked for there comes a question ("保养多久一次?")."""
    return question in _SYMPTOM_QUESTIONS and heard.intent in _REAL_QUESTIONS and heard.asks


def is_foreign(text: str) -> bool:
    """Whether the text is a sentence in Latin letters only."""
    return bool(_ENGLISH.search(text)) and not _CHINESE.search(text)


def is_no_answer(heard: Heard, question: str | None) -> bool:
    """Whether the answer to an open-ended question is nothing but a link, code, digits or signs, or a bare no."""
    if question == "complaint_text" and heard.is_bare_answer:
        return True
    story = question in (*_SYMPTOM_QUESTIONS, "complaint_text", "cancel_reason")
    says_something = heard.says_no or heard.says_yes or heard.says_unknown or set(heard.entities) - _MOODS
    return story and not says_something and not _CHINESE.search(heard.text)
