"""A task that gives way to another: what was told for it is laid aside, and taken up again afterwards."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.draft_slots import OF_ONE_VISIT
from actions.listening import metadata

# Tasks worth going back to when another one came in between.
RESUMABLE = frozenset({"booking_form", "change_form", "cancel_form", "complaint_form"})
_ABOUT_A_VISIT = {"change_form", "cancel_form"}
# Asked once and never gone back to.
OPINION_FORM = "opinion_form"
# A silence after which an unfinished task is no longer meant.
FORGOTTEN_AFTER_MINUTES = 14 * 24 * 60
_SUSPENDED = ("suspended_form", "suspended_facts")
_FACTS = (*OF_ONE_VISIT, "phone", "proof", "appointment", "cancel_reason")
# The task in between may need to know who it is; everything else would be taken for its own.
_STAY = frozenset({"plate", "phone", "urgent"})


def is_forgotten(tracker: Tracker) -> bool:
    """Whether the message comes so long after the one before that the open task is dropped."""
    return int(metadata(tracker).get("silent_minutes") or 0) >= FORGOTTEN_AFTER_MINUTES


def all_forgotten() -> dict[str, Any]:
    """The slots of a conversation that begins anew."""
    return dict.fromkeys([*_FACTS, *_SUSPENDED])


def open_task(tracker: Tracker) -> str | None:
    """The form that is open and still meant."""
    over = is_forgotten(tracker) or tracker.active_loop_name == OPINION_FORM
    return None if over else tracker.active_loop_name


def leave_forgotten(tracker: Tracker) -> list[EventType]:
    """Events that close a form dropped for the long silence; empty while none is."""
    if tracker.active_loop_name is None or not is_forgotten(tracker):
        return []
    forgotten = [SlotSet(name, None) for name in all_forgotten()]
    return [ActiveLoop(None), SlotSet("requested_slot", None), *forgotten]


def leave_survey(tracker: Tracker, action: str, events: list[EventType]) -> list[EventType]:
    """The events of an action that did something else while an opinion was asked for: it is asked for no longer."""
    if tracker.active_loop_name != OPINION_FORM or action == f"validate_{OPINION_FORM}":
        return events
    if any(event.get("event") == "active_loop" for event in events):
        return events
    return [ActiveLoop(None), SlotSet("requested_slot", None), *events]


def slots_at_start(tracker: Tracker, form: str, active: str | None) -> dict[str, Any]:
    """What changes when `form` begins while `active` was open: its facts are laid aside, those of `form` come back."""
    suspended = tracker.get_slot("suspended_form")
    if form == suspended:
        return _taken_up(tracker)
    if active not in RESUMABLE or active == form:
        return {}
    cleared = {name: None for name in _FACTS if name not in _STAY}
    if {active, form} == _ABOUT_A_VISIT:  # to move a visit instead of cancelling it, or the other way round
        return {**cleared, "appointment": tracker.get_slot("appointment")}
    if (suspended and active != "complaint_form") or _gives_up_second(tracker, form):
        return cleared
    # A complaint keeps the task it came in between of, and is followed by it.
    kept = (*_FACTS, *_SUSPENDED) if suspended else _FACTS
    facts = {name: tracker.get_slot(name) for name in kept if tracker.get_slot(name) is not None}
    return {**cleared, "suspended_form": active, "suspended_facts": facts}


def _gives_up_second(tracker: Tracker, form: str) -> bool:
    """Whether the visit there is will be changed instead of making the second one that was begun."""
    known = tracker.get_slot("known_vehicle") or {}
    undecided = bool(known.get("open_booking")) and tracker.get_slot("second_booking") is None
    return undecided and form in ("change_form", "cancel_form")


def _taken_up(tracker: Tracker) -> dict[str, Any]:
    facts = tracker.get_slot("suspended_facts") or {}
    return {name: facts.get(name) for name in (*_FACTS, *_SUSPENDED)}


def with_slots(tracker: Tracker, slots: dict[str, Any]) -> Tracker:
    """The conversation as it is once `slots` are set."""
    return Tracker(
        tracker.sender_id,
        {**tracker.slots, **slots},
        tracker.latest_message,
        tracker.events,
        tracker.is_paused(),
        tracker.followup_action,
        tracker.active_loop,
        tracker.latest_action_name,
    )


def back_to_suspended(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Events that take up the task another one came in between of; empty when there is none."""
    suspended = tracker.get_slot("suspended_form")
    if not suspended:
        return []
    dispatcher.utter_message(response="utter_back_to_task")
    return [*(SlotSet(name, value) for name, value in _taken_up(tracker).items()), FollowupAction(suspended)]
