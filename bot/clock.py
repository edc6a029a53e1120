"""The business clock of a process: real time plus an offset that all processes read from the store."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.services.clock import advance_clock, clock_offset, set_clock_once
from bot.store.engine import Store

log = logging.getLogger(__name__)

_LOOKED_AT_EVERY = 2.0


class Clock:
    """The business clock: real time plus the offset all processes share."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offset = timedelta(0)
        self._store: Store | None = None
        self._follower: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The dealer's time, aware, in the dealer's zone."""
        return (datetime.now(timezone.utc) + self._offset).astimezone(self._zone)

    async def start(self, store: Store, wished: datetime | None) -> None:
        """Set the clock on an empty database, else take over the one that is set; then follow it."""
        self._store = store
        async with store.transaction() as uow:
            self._offset = await set_clock_once(uow, datetime.now(timezone.utc), wished)
        self._follower = asyncio.create_task(self._follow(store))

    async def stop(self) -> None:
        """No longer look at the store."""
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)

    async def advance(self, minutes: int) -> datetime:
        """Move the clock forward for every process; the new time."""
        if self._store is None:
            raise RuntimeError("the clock is not started")
        async with self._store.transaction() as uow:
            self._offset = await advance_clock(uow, minutes)
        return self.now()

    async def _follow(self, store: Store) -> None:
        while True:
            await asyncio.sleep(_LOOKED_AT_EVERY)
            try:
                async with store.reading() as uow:
                    self._offset = max(self._offset, await clock_offset(uow))
            except Exception as error:  # the database may be away; the offset stays
                log.warning("The clock could not be read: %s", type(error).__name__)
