"""Turns notices into alerts of the desk's open pages, in every copy of the bot and whichever process stored them.

Rows are looked for by their ids: on SQLite no process hears of another's commits, and the dialogue is a process.
"""

from __future__ import annotations

import asyncio
import json
import logging

from bot.business.desk_notices import DESK
from bot.desk.alert_words import told
from bot.desk.live import ALERT
from bot.messages.news import News
from bot.messages.ports import Store
from bot.services.notice_items import item_of

log = logging.getLogger(__name__)

# Ids are given in another order than transactions end: a row may be seen so many ids late.
_OVERLAP = 200


class DeskAlerts:
    """Looks every so many seconds for notices that pages have not heard of."""

    def __init__(self, store: Store, news: News, every: float = 1.0) -> None:
        self._store, self._news, self._every = store, news, every
        self._last = 0
        self._seen: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin with what comes from now on."""
        async with self._store.reading() as uow:
            self._last = await uow.desk_notices.last_id()
            self._seen = {each.id for each in await uow.desk_notices.since(DESK, self._last - _OVERLAP)}
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Look no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self._look()
            except Exception as error:  # the database may be away; the next look sees
                log.warning("Alerts could not be looked for: %s", type(error).__name__)

    async def _look(self) -> None:
        async with self._store.reading() as uow:
            found = await uow.desk_notices.since(DESK, self._last - _OVERLAP)
            fresh = [each for each in found if each.id not in self._seen]
            alerts = [told(await item_of(uow, each)) for each in fresh]
        self._last = max([self._last, *(each.id for each in fresh)])
        self._seen = {each.id for each in found}
        for alert in alerts:
            self._news.tell_topic(ALERT + json.dumps(alert, ensure_ascii=False))
