"""Commands come from buttons only; control characters never arrive."""

import pytest

from bot.messages.cleaning import cleaned, plain_words

TYPED = ["/restart", " /restart", "\u3000/session_start", '/book{"plate":"粤B8K321"}', "\t/EXTERNAL_released"]


@pytest.mark.parametrize("text", TYPED)
def test_typed_command_becomes_plain_words(text: str) -> None:
    assert plain_words(text, set()).strip().startswith("／")


def test_payload_of_an_offered_button_stays_a_command() -> None:
    assert plain_words("/affirm", {"/affirm", "/deny"}) == "/affirm"
    assert plain_words("/affirmed", {"/affirm"}) == "／affirmed"


def test_what_the_program_starts_itself_never_comes_from_outside() -> None:
    assert plain_words("/EXTERNAL_released", {"/EXTERNAL_released"}) == "／EXTERNAL_released"


def test_slash_in_the_middle_is_left_alone() -> None:
    assert plain_words("周三/周四都行", set()) == "周三/周四都行"


def test_control_characters_become_blanks_of_the_same_length() -> None:
    text = "刹车\x00异响\x1b\ud800\n明天"
    assert cleaned(text) == "刹车 异响 \ufffd\n明天"
    assert len(cleaned(text)) == len(text)
