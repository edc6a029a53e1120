"""The limits of the fake WeChat and its clock, which a test may move on."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

HOUR = 3600.0
DAY = 24 * HOUR


@dataclass(frozen=True)
class Limits:
    """What the platform allows; seconds, bytes and counts as published, each to be changed by a test."""

    customer_messages: int = 5
    customer_seconds: float = 48 * HOUR
    action_messages: int = 3
    action_seconds: float = 60.0
    text_bytes: int = 2048
    typing_contact_seconds: float = 30.0
    typing_seconds: float = 15.0
    token_seconds: float = 7200.0
    token_overlap_seconds: float = 300.0
    forced_overlap_seconds: float = 300.0
    forced_gap_seconds: float = 30.0
    forced_per_day: int = 20
    stable_per_minute: int = 10_000
    stable_per_day: int = 500_000
    plain_per_day: int = 2_000
    plain_overlap_seconds: float = 0.0
    sends_per_day: int = 500_000
    sends_per_minute: int | None = None
    clears_per_month: int = 10
    media_seconds: float = 3 * DAY
    picture_bytes: int = 10 * 1024 * 1024
    uploads_per_day: int = 100_000


class Clock:
    """Seconds that pass by themselves and can be advanced."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._start = time.monotonic()

    def now(self) -> float:
        """Seconds since the fake was made, with what was added."""
        return time.monotonic() - self._start + self._ahead

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._ahead += seconds


@dataclass
class Used:
    """How often something was used in a minute, day or month of the fake's clock."""

    clock: Clock
    counts: Counter[tuple[str, float, int]] = field(default_factory=Counter)

    def within(self, name: str, limit: int | None, seconds: float) -> bool:
        """Count one use of `name`; False when `limit` per `seconds` was already reached."""
        if limit is None:
            return True
        key = (name, seconds, int(self.clock.now() // seconds))
        if self.counts[key] >= limit:
            return False
        self.counts[key] += 1
        return True

    def clear(self, name: str) -> None:
        """Forget every use of `name`."""
        for key in [key for key in self.counts if key[0] == name]:
            del self.counts[key]
