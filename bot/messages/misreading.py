"""Finds in what a turn has left behind whether its message was understood, for those who teach the bot."""

from __future__ import annotations

import json
from typing import Any

from bot.business.not_understood import was_not_understood

NOTHING_HEARD = "fragment"


def misread_in(tracker: str | None) -> str | None:
    """The intent guessed for the last message of a stored tracker; None when it was understood or is a button's.

    Takes some 0.1 ms: a tracker keeps few turns.
    """
    events = _events(tracker)
    start = next((at for at in range(len(events) - 1, -1, -1) if events[at].get("event") == "user"), None)
    if start is None or str(events[start].get("text") or "").startswith("/"):
        return None
    intent = (events[start].get("parse_data") or {}).get("intent") or {}
    said = frozenset(
        str((event.get("metadata") or {}).get("utter_action"))
        for event in events[start:]
        if event.get("event") == "bot"
    )
    confidence = float(intent.get("confidence") or 0.0)
    if not was_not_understood(said, confidence, asked=_asked(events[:start])):
        return None
    return intent.get("name") or NOTHING_HEARD


def _events(tracker: str | None) -> list[dict[str, Any]]:
    if tracker is None:
        return []
    try:
        events = json.loads(tracker).get("events")
    except (ValueError, AttributeError):
        return []
    return events if isinstance(events, list) else []


def _asked(events: list[dict[str, Any]]) -> bool:
    """Whether a form was asking for something when these events had happened."""
    loops = [event.get("name") for event in events if event.get("event") == "active_loop"]
    return bool(loops and loops[-1])
