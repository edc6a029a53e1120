"""Words that answer nothing: in the middle of a task, beside a decision, and where the choice is left to us."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.business.drafts.extras import AGREE, ASK, DECLINE, LATER, UNSURE, said_of_extra
from bot.business.drafts.heard import Heard
from bot.business.drafts.impatience import aside_of, leaves_it, leaves_open

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("intent", "response"),
    [
        ("ask_meaning", "utter_puzzled_here"),
        ("hurry", "utter_hurried_here"),
        ("tired_of_questions", "utter_tired_here"),
        ("not_ready", "utter_not_ready_here"),
        ("inform", None),
        ("request_human", None),
        ("abandon_task", None),
    ],
)
def test_words_in_the_middle_of_a_task(intent: str, response: str | None) -> None:
    assert aside_of(Heard("这句话", intent, NOW), "plate") == response


@pytest.mark.parametrize("question", ["complaint_text", "cancel_reason", "opinion", None])
def test_a_story_is_taken_as_it_is(question: str | None) -> None:
    assert aside_of(Heard("问来问去烦死了", "tired_of_questions", NOW), question) is None


def test_whoever_presses_and_answers_has_answered() -> None:
    heard = Heard("快点 粤B12345", "hurry", NOW, {"plate": ("粤B12345",)})
    assert aside_of(heard, "plate") is None


def test_the_choice_is_left_to_us() -> None:
    assert leaves_it(Heard("你们看着办", "leave_choice", NOW))
    assert not leaves_it(Heard("可以", "affirm", NOW))


def test_a_decision_that_is_thought_over_is_left_open() -> None:
    heard = Heard("我再想想", "not_ready", NOW)
    assert leaves_open(heard, "decision")
    assert aside_of(heard, "decision") is None
    assert not leaves_open(heard, "plate")


@pytest.mark.parametrize(
    ("text", "intent", "meant"),
    [
        ("那就换了吧", "approve_extra", AGREE),
        ("好的", "affirm", AGREE),
        ("这次不换", "decline_extra", DECLINE),
        ("不用", "deny", DECLINE),
        ("算了先不弄", "abandon_task", DECLINE),
        ("为啥要换", "ask_extra", ASK),
        ("能便宜点不", "ask_price", ASK),
        ("你们看着办", "leave_choice", UNSURE),
        ("我问下我老公", "not_ready", LATER),
        ("你们几点关门", "ask_hours", None),
    ],
)
def test_what_is_said_to_an_extra_item(text: str, intent: str, meant: str | None) -> None:
    assert said_of_extra(Heard(text, intent, NOW)) == meant
