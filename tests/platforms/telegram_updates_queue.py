"""The fake's updates: kept until a poll with a larger offset, or a webhook's 2xx, confirms them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from tests.platforms.telegram_record import ApiError

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True, eq=False)
class Waiting:
    """An unconfirmed update; `lane`: updates of one lane reach a webhook one after the other."""

    serial: int
    update_id: int
    lane: int
    body: bytes


class UpdatesQueue:
    """Updates nobody has confirmed yet, and the poll that waits for more."""

    def __init__(self, first_update_id: int, counters: Counter[str]) -> None:
        self.waiting: deque[Waiting] = deque()
        self.allowed: frozenset[str] | None = None
        self.webhook_set = False
        self.arrived = asyncio.Event()
        self._serial = 0
        self._next_id = first_update_id
        self._poll: asyncio.Future[str | None] | None = None
        self._counters = counters

    def push(self, kind: str, content: Any, lane: int, update_id: int | None = None) -> int:
        """Queue an update and wake who waits; gives its id. One of a kind that is not allowed is forgotten."""
        if update_id is None:
            update_id = self._next_id
            self._next_id += 1
        self._counters["updates"] += 1
        if kind in NOT_BY_DEFAULT if self.allowed is None else kind not in self.allowed:
            self._counters["updates not allowed"] += 1
            return update_id
        body = json.dumps({"update_id": update_id, kind: content}, ensure_ascii=False, separators=(",", ":"))
        self._serial += 1
        self.waiting.append(Waiting(self._serial, update_id, lane, body.encode()))
        self.arrived.set()
        self._end_poll(None)
        return update_id

    def newer_than(self, serial: int) -> list[Waiting]:
        """Pending updates pushed after the one with this serial number, oldest first."""
        newer = []
        for update in reversed(self.waiting):
            if update.serial <= serial:
                break
            newer.append(update)
        return newer[::-1]

    def confirm(self, update: Waiting) -> None:
        """Forget one update a webhook took."""
        self.waiting.remove(update)
        self._counters["updates confirmed"] += 1

    def clear(self) -> None:
        """Drop what is pending."""
        self.waiting.clear()

    def allow(self, kinds: list[str] | None) -> None:
        """Kinds from now on; None leaves them as they are, an empty list means the default ones."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def interrupt(self, description: str) -> None:
        """End a waiting poll with 409."""
        self._end_poll(description)

    def poll(self, offset: int, limit: int, timeout: float) -> bytes | Any:
        """A JSON list of updates: at once if there are any or `timeout` is 0, else something to await."""
        if self.webhook_set:
            raise ApiError(409, WEBHOOK_IS_SET)
        self.interrupt(TERMINATED)
        self._confirm_before(offset)
        if self.waiting or timeout <= 0:
            return self._batch(limit)
        return self._long_poll(limit, timeout)

    async def _long_poll(self, limit: int, timeout: float) -> bytes:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            description = await asyncio.wait_for(poll, timeout)
        except asyncio.TimeoutError:
            description = None
        finally:
            if self._poll is poll:
                self._poll = None
        if description is not None:
            raise ApiError(409, description)
        return self._batch(limit)

    def _end_poll(self, description: str | None) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(description)

    def _confirm_before(self, offset: int) -> None:
        before = len(self.waiting)
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
        else:
            while self.waiting and self.waiting[0].update_id < offset:
                self.waiting.popleft()
        self._counters["updates confirmed"] += before - len(self.waiting)

    def _batch(self, limit: int) -> bytes:
        count = min(max(1, limit), 100, len(self.waiting))
        self._counters["updates given"] += count
        return b"[" + b",".join(self.waiting[index].body for index in range(count)) + b"]"
