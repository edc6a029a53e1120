"""The turn an action runs in: whose message it answers, and which of the turn's calls it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker

_ASKED_BY_A_FORM = ("validate_", "action_ask_")


@dataclass(frozen=True)
class ActionTurn:
    """Message and conversation of the running action; `now` is None when the message carries no business time."""

    message_id: str | None
    conversation: str
    now: datetime | None


def turn_of(tracker: Tracker) -> ActionTurn:
    """The turn as the engine described it in the message's metadata (bot/dialogue/engine.py)."""
    metadata = tracker.latest_message.get("metadata") or {}
    now = metadata.get("now")
    return ActionTurn(
        message_id=metadata.get("message_id"),
        conversation=str(tracker.sender_id),
        now=datetime.fromisoformat(now) if now else None,
    )


def this_turn(tracker: Tracker) -> list[dict[str, Any]]:
    """The events since the customer's message, oldest first."""
    events: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        events.append(event)
    return events[::-1]


def occurrence_of(action: str, tracker: Tracker) -> int:
    """How often the action was tried before in this turn: the same number when the message is handled again.

    What a form calls is not noted in the tracker; there the runs of the form are counted.
    """
    names = {action}
    if action.startswith(_ASKED_BY_A_FORM) and tracker.active_loop_name:
        names.add(tracker.active_loop_name)
    tried = ("action", "action_execution_rejected")
    return sum(event.get("event") in tried and event.get("name") in names for event in this_turn(tracker))


def form_before(tracker: Tracker, form: str) -> str | None:
    """The form that was open before the running one: `form` itself unless it begins with this very step.

    A form that begins is active already when its validation action runs; the events tell what it came in between of.
    """
    opened = [event.get("name") for event in tracker.events if event.get("event") == "active_loop"]
    active = tracker.active_loop.get("name") if tracker.active_loop else None
    begins = any(event.get("event") == "active_loop" and event.get("name") == form for event in this_turn(tracker))
    if active != form or not begins:
        return active
    return opened[-2] if len(opened) > 1 else None
