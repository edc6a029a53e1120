"""Lines of the queue and how many there are, found out once a change however many desks show them."""

from __future__ import annotations

import asyncio
import json
from typing import Any, TypeVar

from fastapi import Request

from bot.api.context import Context
from bot.business.desk_queue import Counts, QueueEntry, rank
from bot.desk.access import SignedIn
from bot.desk.pages import fragment

_MOST = 2_000
_Found = TypeVar("_Found")


class Rows:
    """The lines drawn lately, by conversation and language, each with the news it shows; and the last count."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, str], tuple[int, asyncio.Task[str]]] = {}
        self._counted: tuple[int, asyncio.Task[Counts]] | None = None

    async def of(self, request: Request, signed: SignedIn, here: Context, key: int) -> str:
        """The events that tell of the conversation as it is now."""
        name, version = (key, signed.agent.language), here.news.version(key)
        kept = self._drawn.get(name)
        if kept is None or kept[0] != version or _failed(kept[1]):
            if len(self._drawn) > _MOST:
                self._drawn.clear()
            kept = version, asyncio.create_task(_draw(request, signed, here, key))
            self._drawn[name] = kept
        return await _shared(kept[1])

    async def counts(self, here: Context) -> Counts:
        """How many conversations wait and how many each agent has, as it is now."""
        kept = self._counted
        if kept is None or kept[0] != here.news.number or _failed(kept[1]):
            kept = self._counted = here.news.number, asyncio.create_task(_count(here))
        return await _shared(kept[1])


def rows_of(request: Request) -> Rows:
    """The lines of this copy of the bot."""
    state = request.app.state
    if not hasattr(state, "rows"):
        state.rows = Rows()
    rows: Rows = state.rows
    return rows


def event(kind: str, data: Any) -> str:
    """A server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _shared(task: asyncio.Task[_Found]) -> _Found:
    """What the task finds; who goes away does not take it from the others."""
    return task.result() if task.done() else await asyncio.shield(task)


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _count(here: Context) -> Counts:
    async with here.store.reading() as uow:
        found: Counts = await uow.desk_queue.counts()
    return found


async def _draw(request: Request, signed: SignedIn, here: Context, key: int) -> str:
    told = event("conversation", {"id": key})
    async with here.store.reading() as uow:
        entry: QueueEntry | None = await uow.desk_queue.get(key)
    if entry is None:
        return told
    html = fragment(request, signed, "_row_alone.html", entry=entry, rank=rank(entry), current=None)
    row = {"id": key, "html": html, "rank": rank(entry), "owner": entry.owner, "agent": entry.agent}
    return told + event("row", row)
