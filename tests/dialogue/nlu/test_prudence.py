"""What is not easily taken back needs more certainty than what is."""

from __future__ import annotations

import pytest

from bot.dialogue.nlu.intent_classifier import prudent


@pytest.mark.parametrize(
    ("shares", "meant"),
    [
        ({"decline_extra": 0.9, "ask_extra": 0.1}, "decline_extra"),
        ({"decline_extra": 0.35, "ask_extra": 0.3, "fragment": 0.1}, "ask_extra"),
        ({"decline_extra": 0.35, "approve_extra": 0.3, "ask_extra": 0.2, "fragment": 0.1}, "ask_extra"),
        ({"delete_my_data": 0.16, "ask_pickup": 0.1, "fragment": 0.01}, "fragment"),
        ({"make_complaint": 0.35, "fragment": 0.3}, "make_complaint"),
        ({"make_complaint": 0.2, "greet": 0.1, "fragment": 0.05}, "fragment"),
        ({"ask_progress": 0.2, "fragment": 0.1}, "ask_progress"),
    ],
)
def test_unsure_of_an_act_the_next_best_is_meant(shares: dict[str, float], meant: str) -> None:
    ordered = list(shares.items())
    ranked = prudent(ordered)
    assert ranked[0][0] == meant
    assert sorted(ranked) == sorted(ordered)
