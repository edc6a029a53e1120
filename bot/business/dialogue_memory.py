"""What the dialogue remembers of a customer, as the text it is stored in, when people give the conversation back.

What was told to people goes where the dialogue looks for it, so that nothing is asked twice; what people have settled
is left, so that nothing settled is taken up again (DESIGN §5 Hand-off 7).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.business.names import find_name
from bot.business.phones import find_phone_tail, find_phones
from bot.business.plates import find_plates

BOOKING = "booking_form"
# Who it is and which car: asked for by more than one task.
OF_PERSON = ("plate", "phone", "surname", "title", "car_model", "mileage")
# What belongs to the task that people have settled.
_OF_A_TASK = (
    "service_kind", "problem", "location", "noise", "frequency", "situation", "symptoms_asked", "known_vehicle",
    "second_booking", "wish", "offered", "window", "loaner", "reminder", "amendment", "confirmed", "priced", "urgent",
    "appointment", "cancel_reason", "decision", "identity_refused", "complaint_text", "complaint_contact",
    "complaint_signals", "suspended_form", "suspended_facts", "delete_confirmed", "rating", "opinion", "grievance",
)  # fmt: skip


def told_in_words(texts: Iterable[str], *, agent: str = "") -> dict[str, str]:
    """Who it is and which car, by the customer's own words in order; the last word on each counts.

    Who bears the surname of the `agent` is spoken to, not speaking.
    """
    told: dict[str, str] = {}
    for text in texts:
        if plates := find_plates(text):
            told["plate"] = plates[-1].value
        if phones := find_phones(text):
            told["phone"] = phones[-1].value
        elif tail := find_phone_tail(text):
            told["proof"] = tail.value
        name = find_name(text)
        if name is not None and name.surname != agent:
            told |= {"surname": name.surname, **({"title": name.title} if name.title else {})}
    if "plate" not in told:  # four digits could be anything
        told.pop("proof", None)
    return told


def given_back(memory: str, told: Mapping[str, Any], *, settled: bool) -> str:
    """The stored `memory` with what people were told, where the dialogue does not know it yet.

    With `settled` no task is open in it any more. A memory that cannot be read is left as it is.
    """
    try:
        state = json.loads(memory)
        slots, events = dict(state["slots"]), list(state["events"])
    except (ValueError, KeyError, TypeError):
        return memory
    changed: dict[str, Any] = {}
    if settled:
        changed = {name: None for name in _OF_A_TASK if slots.get(name) is not None}
    changed |= {name: value for name, value in told.items() if value and slots.get(name) is None}
    leaves = settled and slots.get("requested_slot") is not None
    time = events[-1].get("timestamp") if events else None
    added: list[dict[str, Any]] = [{"event": "active_loop", "name": None}] if settled and _task(events) else []
    changed |= {"requested_slot": None} if leaves else {}
    added += [{"event": "slot", "name": name, "value": value} for name, value in changed.items()]
    if not added:
        return memory
    kept = {name: value for name, value in {**slots, **changed}.items() if value is not None}
    stamped = [{**each, "timestamp": time} for each in added]
    return json.dumps(
        {**state, "slots": kept, "events": [*events, *stamped]}, ensure_ascii=False, separators=(",", ":")
    )


def is_booking(memory: str) -> bool:
    """Whether the customer was about to book; False for a memory that cannot be read."""
    try:
        return _task(list(json.loads(memory)["events"])) == BOOKING
    except (ValueError, KeyError, TypeError):
        return False


def _task(events: Iterable[Mapping[str, Any]]) -> str | None:
    """The form that is running at the end of the events."""
    loops = [each.get("name") for each in events if each.get("event") == "active_loop"]
    return loops[-1] if loops else None
