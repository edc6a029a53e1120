"""News between processes on PostgreSQL: LISTEN/NOTIFY; on SQLite one process serves, and its news are enough."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg

from bot.store.engine import Store

log = logging.getLogger(__name__)

CHANNEL = "bot_news"
_TRY_AGAIN_AFTER = 2.0
# A server that has vanished without a word is asked whether it is there, this often and for so long.
_ASK_EVERY, _ANSWERED_WITHIN = 10.0, 5.0
# As messages/news.py calls it: whoever shows something fetches it anew.
MISSED = "back"


class Notices:
    """Calls `heard` with the id of every conversation in which a process has committed something new.

    `topic` is called with what else desks show and has changed.
    """

    def __init__(
        self,
        store: Store,
        heard: Callable[[int], None],
        topic: Callable[[str], None],
        ask_every: float = _ASK_EVERY,
    ) -> None:
        self._store = store
        self._heard = heard
        self._topic = topic
        self._ask_every = ask_every
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen; a lost connection is made again."""
        if not self._store.is_sqlite:
            self._task = asyncio.create_task(self._listen_for_ever())

    async def stop(self) -> None:
        """No longer listen."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen_for_ever(self) -> None:
        address = self._store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                await self._listen(address)
            except (OSError, asyncio.TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("News of other processes come late: %s", type(error).__name__)
            await asyncio.sleep(_TRY_AGAIN_AFTER)

    async def _listen(self, address: str) -> None:
        connection = await asyncpg.connect(address, timeout=_ANSWERED_WITHIN, command_timeout=_ANSWERED_WITHIN)
        closed = asyncio.Event()
        connection.add_termination_listener(lambda _: closed.set())
        try:
            await connection.add_listener(CHANNEL, self._take)
            self._topic(MISSED)  # what was told while nobody listened is not told again
            while not await _set_within(closed, self._ask_every):
                await connection.execute("SELECT 1")
        finally:
            with suppress(Exception):
                await asyncio.wait_for(connection.close(), 2)

    def _take(self, _connection: Any, _process: int, _channel: str, payload: str) -> None:
        if payload.isdigit():
            self._heard(int(payload))
        else:
            self._topic(payload)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True
