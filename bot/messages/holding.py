"""Keeps what this process has claimed from being taken over, as long as the process lives and works on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.messages.inbox import real_now
from bot.messages.ports import Store

log = logging.getLogger(__name__)

# (uow, tokens by conversation, until): the conversations that are still ours, and till when.
Renew = Callable[[Any, dict[int, str], datetime], Awaitable[dict[int, datetime]]]
# This part of a claim's time is left unused: clocks differ, and what is begun takes a moment.
_MARGIN = 1 / 15
_LOST = datetime.min.replace(tzinfo=timezone.utc)


class Holding:
    """The claims at work, renewed together three times within the `seconds` for which a claim is good.

    A claim can therefore be short, and another process soon takes over what a dead one has left.
    """

    def __init__(self, store: Store, seconds: float, renew: Renew) -> None:
        self._store = store
        self._seconds = seconds
        self._renew = renew
        self._tokens: dict[int, str] = {}
        self._until: dict[int, datetime] = {}
        self._renewing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to renew."""
        self._renewing = asyncio.create_task(self._renew_for_ever())

    async def stop(self) -> None:
        """Renew nothing more; what is still claimed runs out."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    def take(self, conversation_id: int, token: str, until: datetime) -> None:
        """Work on this conversation begins, or goes on, under a claim that is good until `until` (real time)."""
        self._tokens[conversation_id] = token
        self._until[conversation_id] = until

    def let_go(self, conversation_id: int, token: str) -> None:
        """Work on this conversation under this claim has ended."""
        if self._tokens.get(conversation_id) == token:
            del self._tokens[conversation_id], self._until[conversation_id]

    def is_lost(self, conversation_id: int) -> bool:
        """Whether another process has taken it over, or may have: the claim ran out before it was renewed."""
        until = self._until.get(conversation_id)
        return until is not None and real_now() + timedelta(seconds=self._seconds * _MARGIN) > until

    async def renew(self) -> None:
        """Renew all claims at work, now."""
        asked = dict(self._tokens)
        if not asked:
            return
        until = real_now() + timedelta(seconds=self._seconds)
        async with self._store.transaction() as uow:
            ours = await self._renew(uow, asked, until)
        for key, token in asked.items():
            if self._tokens.get(key) == token:
                self._until[key] = ours.get(key, _LOST)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            try:
                await self.renew()
            except Exception as error:  # the database may be away; nobody else can claim anything meanwhile
                log.warning("Claims could not be renewed: %s", type(error).__name__)
