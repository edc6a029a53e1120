"""Which tapped buttons still say something to the open question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.business.drafts.heard import Heard
from bot.business.drafts.taps import is_expired
from tests.business.drafts.hearing import heard

_BOOKS = frozenset({"book_service", "book_maintenance"})


@pytest.mark.parametrize(
    ("question", "intent", "choice"),
    [
        ("plate", "inform", "maintenance"),
        ("car_model", "inform", "24"),
        ("location", "inform", "repair"),
        ("loaner", "inform", "tyre"),
        ("reminder", "inform", "loaner"),
        ("mileage", "affirm", None),
        ("window", "deny", None),
        ("plate", "book_service", None),
    ],
)
def test_a_button_of_an_earlier_question_is_expired(question: str, intent: str, choice: str | None) -> None:
    assert is_expired(_tap(intent, choice), question, _BOOKS)


@pytest.mark.parametrize(
    ("question", "intent", "choice"),
    [
        ("service_kind", "inform", "maintenance"),
        ("loaner", "inform", "none"),
        ("reminder", "inform", "2"),
        ("consent", "affirm", None),
        ("confirmed", "deny", None),
        ("loaner", "inform", "2026-11-24T09:00:00+08:00"),
        ("appointment", "inform", "A-1001"),
        ("plate", "request_human", None),
        ("window", "change_booking", None),
        (None, "book_service", None),
    ],
)
def test_others_are_not(question: str | None, intent: str, choice: str | None) -> None:
    assert not is_expired(_tap(intent, choice), question, _BOOKS)


def test_words_never_expire() -> None:
    assert not is_expired(heard("好的", "affirm"), "mileage", _BOOKS)


def _tap(intent: str, choice: str | None) -> Heard:
    return replace(heard("", intent, **({"choice": choice} if choice else {})), tapped=True)
