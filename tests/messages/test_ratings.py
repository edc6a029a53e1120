"""A bare number or word is a score only while a score is the last thing that was asked."""

from __future__ import annotations

import pytest

from bot.business.conversations import OfferedButtons
from bot.messages.meant import meant_rating

ASKED = OfferedButtons(frozenset(), {}, (), True)
NOT_ASKED = OfferedButtons(frozenset(), {}, ("/a", "/b"), False)


@pytest.mark.parametrize(("text", "score"), [("7", "7"), ("8分", "8"), ("不满意", "3"), ("10分 很满意", "10")])
def test_while_it_is_asked_for_a_score_is_the_command_of_its_button(text: str, score: str) -> None:
    assert meant_rating(text, ASKED) == f'/rate_service{{"score":"{score}"}}'
    assert meant_rating(text, NOT_ASKED) is None


@pytest.mark.parametrize("text", ['/rate_service{"score":"99"}', "/restart", "预约保养", "好的"])
def test_commands_and_other_words_are_left_as_they_are(text: str) -> None:
    assert meant_rating(text, ASKED) is None
