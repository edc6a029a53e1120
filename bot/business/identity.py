"""Who counts as the owner of a record, and how often a stranger may guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest


@dataclass(frozen=True)
class TryRule:
    """At most `limit` wrong guesses within `period`."""

    limit: int
    period: timedelta


PER_PERSON = TryRule(limit=3, period=timedelta(hours=1))
# Generous, because strangers must not be able to lock the owner out; 20 a day against 10,000 endings.
PER_PLATE = TryRule(limit=20, period=timedelta(hours=24))


def tries_left(rule: TryRule, failures: Sequence[datetime], now: datetime) -> int:
    """How many wrong guesses are still allowed at `now`, never below 0."""
    recent = [moment for moment in failures if now - moment < rule.period]
    return max(0, rule.limit - len(recent))


def blocked_until(rule: TryRule, failures: Sequence[datetime], now: datetime) -> datetime | None:
    """When the next guess is looked at again; None when one is allowed now."""
    recent = sorted(moment for moment in failures if now - moment < rule.period)
    if len(recent) < rule.limit:
        return None
    return recent[-rule.limit] + rule.period


def phone_matches(stored: str | None, given: str) -> bool:
    """Whether `given`, the full number or its last four digits, belongs to the `stored` number."""
    digits = "".join(char for char in given if char.isascii() and char.isdigit())
    if not stored or len(digits) not in (4, 11):
        return False
    return compare_digest(stored[-len(digits) :].encode(), digits.encode())
