"""Lines of the queue, drawn once a change however many desks show them."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request

from bot.api.context import Context
from bot.business.desk_queue import QueueEntry, rank
from bot.desk.access import SignedIn
from bot.desk.pages import fragment

_MOST = 2_000


class Rows:
    """The lines drawn lately, by conversation and language, each with the news it shows."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, str], tuple[int, asyncio.Task[dict[str, Any] | None]]] = {}

    async def of(self, request: Request, signed: SignedIn, here: Context, key: int) -> dict[str, Any] | None:
        """The line of the conversation as it is now."""
        name, version = (key, signed.agent.language), here.news.version(key)
        kept = self._drawn.get(name)
        if kept is None or kept[0] != version or kept[1].cancelled():
            if len(self._drawn) > _MOST:
                self._drawn.clear()
            kept = version, asyncio.create_task(_draw(request, signed, here, key))
            self._drawn[name] = kept
        return await asyncio.shield(kept[1])


async def row_of(request: Request, signed: SignedIn, here: Context, key: int) -> dict[str, Any] | None:
    """What a page needs to put the conversation's line into its place; None when there is no such conversation."""
    state = request.app.state
    if not hasattr(state, "rows"):
        state.rows = Rows()
    rows: Rows = state.rows
    return await rows.of(request, signed, here, key)


async def _draw(request: Request, signed: SignedIn, here: Context, key: int) -> dict[str, Any] | None:
    async with here.store.reading() as uow:
        entry: QueueEntry | None = await uow.desk_queue.get(key)
    if entry is None:
        return None
    html = fragment(request, signed, "_row.html", entry=entry, rank=rank(entry), current=None)
    return {"id": key, "html": html, "rank": rank(entry), "owner": entry.owner, "agent": entry.agent}
