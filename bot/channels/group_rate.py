"""How many messages may still go to a group: Telegram takes 20 a minute in all (PLATFORMS §1.3)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime

SECONDS = 60.0


class GroupRate:
    """Counts what went out within the last minute; a part is kept back for what is urgent and for answers."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.reserve = most // 4
        self._sent: deque[float] = deque()
        self._closed_until = 0.0
        self._last = float("-inf")

    @property
    def room(self) -> int:
        """How many messages may go now."""
        now = time.monotonic()
        while self._sent and self._sent[0] <= now - SECONDS:
            self._sent.popleft()
        return 0 if now < self._closed_until else max(0, self.most - len(self._sent))

    @property
    def is_tight(self) -> bool:
        """Whether only the reserve is left, so that what is not urgent is gathered for a while."""
        return self.room <= self.reserve

    @property
    def gathered(self) -> bool:
        """Whether enough time has gone by since the last message to send a gathered one."""
        return time.monotonic() - self._last >= 2 * SECONDS / self.most

    def spend(self) -> None:
        """One message goes out now."""
        self._last = time.monotonic()
        self._sent.append(self._last)

    def wait(self, seconds: float) -> None:
        """The platform wants a pause."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)

    def remember(self, sent: Sequence[datetime], real_now: datetime) -> None:
        """What another process has sent lately counts, too."""
        now = time.monotonic()
        before = sorted(now - (real_now - at).total_seconds() for at in sent)
        self._sent = deque(sorted([*before, *self._sent]))
