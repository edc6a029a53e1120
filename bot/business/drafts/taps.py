"""Whether a tapped button belongs to the open question, or to one that was asked before."""

from __future__ import annotations

from datetime import datetime

from bot.business.drafts.choices import KIND_NAMES, REMINDER_NAMES, TRANSPORT_NAMES
from bot.business.drafts.heard import NO, YES, Heard

_YES_OR_NO = frozenset({"second_booking", "consent", "confirmed", "decision", "delete_confirmed"})
_OPTIONS = {"service_kind": KIND_NAMES, "loaner": TRANSPORT_NAMES, "reminder": REMINDER_NAMES}
_NAMES_ONE = frozenset({"appointment"})
_ANSWERS = YES | NO | {"inform", "correct_detail"}


def is_expired(heard: Heard, question: str | None, books: frozenset[str] | set[str]) -> bool:
    """Whether a button of an earlier question was tapped, which says nothing to the open one.

    `books`: the intents that would begin what is already under way. A button that names a time is clear at any moment,
    so is a plate; one that opens another task is no answer and never expires.
    """
    if not heard.tapped or question is None:
        return False
    if heard.intent in books:
        return True
    if heard.intent not in _ANSWERS:
        return False
    choice = heard.last("choice")
    if choice is not None:
        return not (_names_a_time(choice) or question in _NAMES_ONE or choice in _OPTIONS.get(question, ()))
    if heard.intent in YES | NO:
        return question not in _YES_OR_NO
    return not heard.entities


def _names_a_time(choice: str) -> bool:
    try:
        return datetime.fromisoformat(choice).tzinfo is not None
    except ValueError:
        return False
