"""What a turn leaves behind tells whether its message was understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actions.talk import ActionNotUnderstood
from bot.business.drafts.heard import Heard
from bot.business.not_understood import was_not_understood
from bot.messages.misreading import misread_in
from tests.messages.fakes import NOON


def left(
    said: str, *, text: str = "啊这", intent: str | None = "fragment", confidence: float = 0.9, form: str | None = None
) -> str:
    """The state after a turn that said `said`, as it is stored; an earlier turn was not understood."""
    events: list[dict[str, Any]] = [
        {"event": "user", "text": "嗯?", "parse_data": {"intent": {"name": "other", "confidence": 0.1}}},
        {"event": "bot", "text": "…", "metadata": {"utter_action": "utter_not_understood"}},
        {"event": "active_loop", "name": form},
        {"event": "user", "text": text, "parse_data": {"intent": {"name": intent, "confidence": confidence}}},
        {"event": "slot", "name": "plate", "value": None},
        {"event": "bot", "text": "…", "metadata": {"utter_action": said}},
    ]
    return json.dumps({"slots": {}, "events": events})


@pytest.mark.parametrize(
    ("tracker", "misread"),
    [
        (left("utter_not_understood"), "fragment"),
        (left("utter_out_of_scope", intent="out_of_scope"), "out_of_scope"),
        (left("utter_offer_person_here", form="booking_form"), "fragment"),
        (left("utter_not_understood", intent=None), "fragment"),
        (left("utter_ask_more_detail", intent="inform"), "inform"),
        (left("utter_greet", intent="greet"), None),
        (left("utter_greet", intent="greet", confidence=0.35), "greet"),
        (left("utter_ask_phone", intent="inform", confidence=0.35, form="booking_form"), None),
        (left("utter_not_understood", text="/ask_progress"), None),
        ("1", None),
        ("[", None),
        ('{"events": []}', None),
        (None, None),
    ],
)
def test_the_guessed_intent_of_a_message_that_was_not_understood(tracker: str | None, misread: str | None) -> None:
    assert misread_in(tracker) == misread


@pytest.mark.parametrize("in_task", [True, False])
@pytest.mark.parametrize("before", [frozenset(), frozenset({"utter_not_understood"})])
@pytest.mark.parametrize("text", ["呃", "what is this"])
def test_every_word_for_not_understanding_counts(text: str, before: frozenset[str], in_task: bool) -> None:
    heard = Heard(text, "fragment", NOON, {}, False, False)
    said = ActionNotUnderstood._response(heard, before, in_task)
    assert was_not_understood(frozenset({said}), 1.0, asked=in_task)
