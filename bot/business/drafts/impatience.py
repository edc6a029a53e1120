"""Words in the middle of a task that answer nothing: puzzled, pressing, tired of questions, not yet ready."""

from __future__ import annotations

from bot.business.drafts.heard import Heard

# Where everything that is said belongs to the story.
_STORIES = frozenset({"complaint_text", "complaint_contact", "cancel_reason", "opinion", "grievance"})
_FACTS = ("plate", "phone", "phone_tail", "time", "mileage", "surname", "vin", "choice")
_ASIDES = {
    "ask_meaning": "utter_puzzled_here",
    "hurry": "utter_hurried_here",
    "tired_of_questions": "utter_tired_here",
    "not_ready": "utter_not_ready_here",
}
# "我再想想" to an extra item leaves it open.
_DECISION = "decision"


def aside_of(heard: Heard, question: str | None) -> str | None:
    """The response to such words while `question` is open; None for words that say something."""
    if question is None or question in _STORIES or any(heard.all(name) for name in _FACTS):
        return None
    return None if leaves_open(heard, question) else _ASIDES.get(heard.intent)


def leaves_open(heard: Heard, question: str | None) -> bool:
    """Whether somebody who was asked to decide on an extra item wants to think about it."""
    return question == _DECISION and heard.intent == "not_ready"


def leaves_it(heard: Heard) -> bool:
    """Whether somebody leaves the choice to us ("随便", "你们看着办", "都行")."""
    return heard.intent == "leave_choice"
