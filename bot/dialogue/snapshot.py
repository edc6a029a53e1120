"""Cuts a conversation's events to what the next turn needs: a short beginning that rebuilds the state, then a tail.

The beginning is the one Rasa itself writes when it starts a session and carries the slots over, followed by the
activation of the form that is running. So stock policies, forms and the action server read it as they always do,
and a conversation of 2,000 turns costs as much as one of ten.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.action_results import event_of

log = logging.getLogger(__name__)

KEPT_TURNS = 3
"""Turns before the next one whose events are kept; the longest look back of a policy is its max_history."""

_BULKY = ("intent_ranking", "text_tokens", "response_selector")
_OF_THE_SESSION = (SESSION_START_METADATA_SLOT,)
_STAMPS = ("model_id", "assistant_id")


def tail_start(events: list[Event], kept_turns: int = KEPT_TURNS) -> int:
    """Index of the first event of the last `kept_turns` turns; 0 when there are not more."""
    seen = 0
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], UserUttered):
            seen += 1
            if seen == kept_turns:
                return index
    return 0


def opening_events(before: DialogueStateTracker) -> list[Event]:
    """Events that bring an empty tracker to the state of `before`, which is listening."""
    slots = [slot for slot in before.slots.values() if slot.name != SESSION_START_METADATA_SLOT]
    changed = {slot.name: slot.value for slot in slots if slot.value != slot.initial_value}
    requested = changed.pop(REQUESTED_SLOT, None)
    opening: list[Event] = [SessionStarted(), *(SlotSet(name, value) for name, value in changed.items())]
    opening.append(ActionExecuted(ACTION_LISTEN_NAME))
    if before.active_loop_name:
        opening += _loop_events(before, requested)
    if before.is_paused():
        opening.append(ConversationPaused())
    return _stamped(opening, before)


def _loop_events(before: DialogueStateTracker, requested: Any) -> list[Event]:
    loop = before.active_loop_name
    events: list[Event] = []
    trigger = before.active_loop.trigger_message if before.active_loop else None
    if trigger and trigger.get("intent"):
        events.append(UserUttered(trigger.get("text"), trigger["intent"], trigger.get("entities"), _slim(trigger)))
    events += [ActionExecuted(loop), ActiveLoop(loop), SlotSet(REQUESTED_SLOT, requested)]
    if before.is_active_loop_rejected:
        events.append(ActionExecutionRejected(loop))
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]


def _stamped(events: list[Event], before: DialogueStateTracker) -> list[Event]:
    time = before.events[0].timestamp if before.events else None
    for event in events:
        if time is not None:
            event.timestamp = time
    return events


def shortened(tracker: DialogueStateTracker, kept_turns: int = KEPT_TURNS) -> list[Event]:
    """The events to store for `tracker`: all of a short conversation, opening and tail of a long one."""
    events: list[Event] = tracker.events_after_latest_restart()
    start = tail_start(events, kept_turns)
    if start <= 1:
        return events
    before = tracker.init_copy()
    for event in events[:start]:
        before.update(event)
    return [*opening_events(before), *events[start:]]


def _slim(parse_data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parse_data.items() if key not in _BULKY}


def event_record(event: Event) -> dict[str, Any]:
    """One event as Rasa's own JSON form, without the parts nothing reads after its turn."""
    record: dict[str, Any] = event.as_dict()
    if "parse_data" in record:
        record["parse_data"] = _slim(record["parse_data"])
    if record.get("metadata"):
        record["metadata"] = {key: value for key, value in record["metadata"].items() if key not in _STAMPS}
    return record


def dump(tracker: DialogueStateTracker, kept_turns: int = KEPT_TURNS) -> str:
    """The tracker as text, to be stored; `load` reads it back."""
    events = [event_record(event) for event in shortened(tracker, kept_turns)]
    state = {"slots": _set_slots(tracker), "events": events}
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def _set_slots(tracker: DialogueStateTracker) -> dict[str, Any]:
    """For whoever looks at the stored state; the events say the same."""
    slots = tracker.slots.values()
    return {slot.name: slot.value for slot in slots if slot.value is not None and slot.name not in _OF_THE_SESSION}


def load(tracker: DialogueStateTracker, text: str, forms: Collection[str] | None = None) -> DialogueStateTracker:
    """Fills the empty `tracker` from what `dump` wrote; a text that is none raises ValueError or KeyError.

    Slots and a running form that the model of today does not know (`forms` are those it knows) are left out.
    """
    for record in json.loads(text)["events"]:
        if record["event"] != SlotSet.type_name or record["name"] in tracker.slots:
            tracker.update(event_of(record))
    if forms is not None and tracker.active_loop_name and tracker.active_loop_name not in forms:
        tracker.update(ActiveLoop(None))
        tracker.update(SlotSet(REQUESTED_SLOT, None))
    return tracker


def load_or_begin(
    tracker: DialogueStateTracker, text: str | None, forms: Collection[str]
) -> DialogueStateTracker | None:
    """As `load`; None, which begins a conversation, when there is no text or it cannot be read."""
    if not text:
        return None
    try:
        return load(tracker, text, forms)
    except (ValueError, KeyError, TypeError):
        log.error("A conversation's memory cannot be read; it begins anew.")
        return None
