"""What only one process of all copies may do: holds a lease of the store as long as this process lives."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta

from bot.messages.inbox import new_token, real_now
from bot.messages.ports import Store
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)


class Lease:
    """Tried for, and renewed, three times within its duration of `seconds`."""

    def __init__(self, store: Store, name: str, seconds: float = 5.0) -> None:
        self._store = store
        self._name = name
        self._seconds = seconds
        self._holder = new_token()
        self._until = 0.0
        self._keeper: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        """Whether this process has it now."""
        return time.monotonic() < self._until

    async def start(self) -> None:
        """Begin to try."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let another process have it at once."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if not self.held:
            return
        self._until = 0.0
        try:
            async with self._store.transaction() as uow:
                await uow.leases.release(self._name, self._holder)
        except StoreUnavailable:
            log.info("A lease could not be given back; it runs out by itself")

    async def renew(self) -> bool:
        """Ask the store whether this process has the lease, now and for its duration."""
        asked, real = time.monotonic(), real_now()
        until = real + timedelta(seconds=self._seconds)
        async with self._store.transaction() as uow:
            mine = await uow.leases.acquire(self._name, self._holder, until, real)
        self._until = asked + self._seconds if mine else 0.0
        return bool(mine)

    async def _keep(self) -> None:
        while True:
            try:
                await self.renew()
            except Exception as error:  # the database may be away; the lease runs out meanwhile
                log.warning("A lease could not be renewed: %s", type(error).__name__)
            await asyncio.sleep(self._seconds / 3)
