"""Receives by long polling: an update is confirmed only after it is stored, and one copy of the bot asks for all."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from bot.channels.lease import Lease
from bot.channels.telegram_api import Contested, TelegramApi
from bot.channels.telegram_troubles import Troubles
from bot.channels.telegram_updates import KINDS, lane_of, update_id_of
from bot.messages.sending import SendError, TryAgain
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

_CHATS_AT_ONCE = 8
_LOOK_FOR_LEASE_EVERY = 0.1
_STORE_AWAY_SECONDS = 1.0

Take = Callable[[dict[str, Any]], Awaitable[None]]


class Polling:
    """Asks for updates while this process holds the lease.

    `prepare` is done before the first question and may raise SendError; `take` stores one update and raises
    StoreUnavailable only.
    """

    def __init__(
        self,
        api: TelegramApi,
        lease: Lease,
        prepare: Callable[[], Awaitable[None]],
        take: Take,
        troubles: Troubles,
        wait_seconds: float,
    ) -> None:
        self._api, self._lease, self._prepare, self._take = api, lease, prepare, take
        self._troubles = troubles
        self._wait = wait_seconds
        self._offset: int | None = None
        self._taken: set[int] = set()  # of those that came and cannot be confirmed yet
        self._prepared = False
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to ask, in the background."""
        await self._lease.start()
        self._loop = asyncio.create_task(self._ask_for_ever())

    async def stop(self) -> None:
        """Store what has come, confirm it, and let another copy go on."""
        self._stopping.set()
        if self._loop is not None:
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._offset is not None and self._lease.held:
            with suppress(SendError):
                await self._api.updates(offset=self._offset, wait=0, kinds=KINDS, limit=1)
        await self._lease.stop()

    async def _ask_for_ever(self) -> None:
        while not self._stopping.is_set():
            if not self._lease.held:
                self._offset = None  # another copy goes on from here
                self._taken.clear()
                await self._pause(_LOOK_FOR_LEASE_EVERY)
                continue
            try:
                await self._ask_and_recover()
            except Exception as error:
                log.error("Polling broke off and goes on: %s", type(error).__name__)
                await self._pause(_STORE_AWAY_SECONDS)

    async def _ask_and_recover(self) -> None:
        try:
            await self._ask_once()
        except SendError as error:
            await self._after(error)

    async def _ask_once(self) -> None:
        if not self._prepared:
            await self._prepare()
            self._prepared = True
        updates = await self._asked()
        if updates is None:
            return
        self._troubles.over()
        # What an earlier answer held is confirmed now. Update ids start anew after a quiet week, so no offset is kept.
        self._offset = None
        if not updates:
            return
        if await self._stored(updates):
            self._offset = max(map(update_id_of, updates)) + 1
            self._taken.clear()
        else:
            await self._pause(_STORE_AWAY_SECONDS)

    async def _asked(self) -> list[dict[str, Any]] | None:
        """What came; None when the bot is to stop."""
        asking = asyncio.create_task(self._api.updates(offset=self._offset, wait=self._wait, kinds=KINDS))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                return None
            came = asking.result()
            updates = [update for update in came if update_id_of(update) >= 0]
            if came and not updates:
                raise TryAgain("updates without numbers came")
            return updates
        finally:
            asking.cancel()
            stopping.cancel()
            await asyncio.gather(asking, stopping, return_exceptions=True)

    async def _stored(self, updates: Sequence[dict[str, Any]]) -> bool:
        """Whether all of them are stored: one chat's in their order, several chats side by side."""
        lanes: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for update in updates:
            lanes[lane_of(update)].append(update)
        places = asyncio.Semaphore(_CHATS_AT_ONCE)

        async def store(lane: list[dict[str, Any]]) -> None:
            async with places:
                for update in lane:
                    if update_id_of(update) not in self._taken:
                        await self._take(update)
                        self._taken.add(update_id_of(update))

        ends = await asyncio.gather(*map(store, lanes.values()), return_exceptions=True)
        failed = [end for end in ends if isinstance(end, BaseException)]
        if any(not isinstance(end, StoreUnavailable) for end in failed):
            log.error("Updates could not be stored: %s", sorted({type(end).__name__ for end in failed}))
        elif failed:
            log.warning("The store is away; %d updates stay with Telegram", len(updates))
        return not failed

    async def _after(self, error: SendError) -> None:
        if isinstance(error, Contested):
            self._prepared = False
            with suppress(StoreUnavailable):
                if not await self._lease.renew():
                    return  # another copy of this bot has taken over
        await self._pause(self._troubles.after(error))

    async def _pause(self, seconds: float) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
