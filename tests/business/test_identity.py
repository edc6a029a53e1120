"""Who counts as the owner, and how often a stranger may guess."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.business.identity import TryRule, blocked_until, phone_matches, tries_left

NOW = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
THREE_AN_HOUR = TryRule(3, timedelta(hours=1))


def ago(*minutes: int) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(("minutes", "left"), [((), 3), ((5,), 2), ((5, 61), 2), ((1, 2, 3), 0), ((1, 2, 3, 4), 0)])
def test_wrong_guesses_of_the_last_hour_count(minutes: tuple[int, ...], left: int) -> None:
    assert tries_left(THREE_AN_HOUR, ago(*minutes), NOW) == left


def test_the_limit_ends_an_hour_after_the_first_of_the_last_three() -> None:
    assert blocked_until(THREE_AN_HOUR, ago(30, 20, 10), NOW) == NOW + timedelta(minutes=30)
    assert blocked_until(THREE_AN_HOUR, ago(20, 10), NOW) is None
    assert blocked_until(THREE_AN_HOUR, ago(60, 20, 10), NOW) is None


@pytest.mark.parametrize(
    ("given", "matches"),
    [
        ("13800138001", True),
        ("8001", True),
        ("尾号8001", True),
        ("8002", False),
        ("001", False),
        ("", False),
        ("38001", False),
        ("13900138001", False),
    ],
)
def test_the_full_number_or_its_last_four_digits_match(given: str, matches: bool) -> None:
    assert phone_matches("13800138001", given) is matches


def test_nothing_matches_a_record_without_phone() -> None:
    assert not phone_matches(None, "8001")
    assert not phone_matches("", "")
