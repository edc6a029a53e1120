"""Sends what agents and other systems are told: one sender among all copies of the bot, woken or looking by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.channels.lease import Lease
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

_STOP_SECONDS = 8.0
_TROUBLE_SECONDS = 2.0


class NoticeLoop:
    """Does `work` again and again while this process holds the lease; `begin` is done each time it is got."""

    def __init__(
        self,
        lease: Lease,
        work: Callable[[], Awaitable[None]],
        begin: Callable[[], Awaitable[None]] | None = None,
        every: float = 0.5,
    ) -> None:
        self._lease, self._work, self._begin, self._every = lease, work, begin, every
        self._woken = asyncio.Event()
        self._stopping = False
        self._had_lease = False
        self._task: asyncio.Task[None] | None = None

    @property
    def may_go_on(self) -> bool:
        """Whether this process still is the one that sends."""
        return self._lease.held and not self._stopping

    async def start(self) -> None:
        """Begin, in the background."""
        await self._lease.start()
        self._task = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        """Let what is on its way arrive; the rest stays stored for another copy or the next start."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.gather(self._task, return_exceptions=True), _STOP_SECONDS)
            await self._lease.stop()

    def wake(self) -> None:
        """Something was stored; returns at once."""
        self._woken.set()

    async def _for_ever(self) -> None:
        while not self._stopping:
            self._woken.clear()
            pause = self._every
            try:
                await self._once()
            except StoreUnavailable as error:
                log.warning("Notices wait for the database: %s", type(error).__name__)
                pause = _TROUBLE_SECONDS
            except Exception as error:  # the error's own text may hold what was stored
                log.error("Notices broke off and are taken up again: %s", type(error).__name__)
                pause = _TROUBLE_SECONDS
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)

    async def _once(self) -> None:
        if not self._lease.held:
            self._had_lease = False
            return
        if not self._had_lease and self._begin is not None:
            await self._begin()
        self._had_lease = True
        await self._work()


async def noted(step: Callable[[], Awaitable[None]], tries: int = 20) -> None:
    """The step, done again while the database is away: what was sent must be noted. Raises StoreUnavailable at last."""
    for count in range(tries):
        try:
            await step()
            break
        except StoreUnavailable:
            if count + 1 == tries:
                raise
            await asyncio.sleep(min(2.0, 0.2 * 2**count))
