"""How much a platform still lets us say to one person; pure, on real time (PLATFORMS: customer-service messages)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MESSAGE = "message"


@dataclass(frozen=True)
class AllowanceRules:
    """What a person's acts open: `size` messages for `period` after a message of theirs, `quick_size` for
    `quick_period` after a tap, a menu click, a follow or a scan. `reserve` messages are kept for what matters most.
    An agent's words wait for `gather`, so that those that follow go with them as one message."""

    size: int = 5
    period: timedelta = timedelta(hours=48)
    quick_size: int = 3
    quick_period: timedelta = timedelta(minutes=1)
    reserve: int = 1
    gather: timedelta = timedelta(0)


@dataclass(frozen=True)
class Allowance:
    """What was opened and used up; without `rules` the platform has no such limit."""

    rules: AllowanceRules | None = None
    opened_at: datetime | None = None
    used: int = 0
    quick_at: datetime | None = None
    quick_used: int = 0

    def after(self, act: str, now: datetime) -> Allowance:
        """The allowance after the person did `act`: a message refills all, anything else opens the quick one only."""
        if self.rules is None:
            return self
        if act == MESSAGE:
            return replace(self, opened_at=now, used=0, quick_at=None, quick_used=0)
        return replace(self, quick_at=now, quick_used=0)

    def left(self, now: datetime, with_reserve: bool = False) -> int:
        """How many messages may still be sent; the reserve counts only when asked for."""
        if self.rules is None:
            return 1_000_000
        reserve = 0 if with_reserve else self.rules.reserve
        return self._quick(now) + max(0, self._main(now) - reserve)

    def closes_at(self) -> datetime | None:
        """When the long window closes; None without one."""
        return None if self.rules is None or self.opened_at is None else self.opened_at + self.rules.period

    def spent(self, now: datetime) -> Allowance:
        """The allowance after one message was sent; the quick one goes first."""
        if self.rules is None:
            return self
        if self._quick(now) > 0:
            return replace(self, quick_used=self.quick_used + 1)
        return replace(self, used=self.used + 1)

    def used_up(self) -> Allowance:
        """The allowance after the platform said that nothing is left."""
        if self.rules is None:
            return self
        return replace(self, used=self.rules.size, quick_used=self.rules.quick_size)

    def _main(self, now: datetime) -> int:
        if self.rules is None or self.opened_at is None or now >= self.opened_at + self.rules.period:
            return 0
        return max(0, self.rules.size - self.used)

    def _quick(self, now: datetime) -> int:
        if self.rules is None or self.quick_at is None or now >= self.quick_at + self.rules.quick_period:
            return 0
        return max(0, self.rules.quick_size - self.quick_used)
