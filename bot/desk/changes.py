"""One change made at the desk: one transaction, and everybody who looks at it is told after the commit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.api.context import Context

# Who may be at the desk has changed: open streams look at once whether theirs may go on.
STAFF = "staff"


@asynccontextmanager
async def change(here: Context, *topics: str, conversation: int | None = None) -> AsyncIterator[Any]:
    """A unit of work; after its commit the desks of all copies hear these topics ("workshop", "calendar" …).

    `conversation`: its viewers hear of it too, and what was said in it is sent at once.
    """
    async with here.store.transaction() as uow:
        yield uow
        for topic in topics:
            await uow.conversations.announce_topic(topic)
        found = None
        if conversation is not None:
            await uow.conversations.announce(conversation)
            found = await uow.conversations.get(conversation)
    for topic in topics:
        here.news.tell_topic(topic)
    if found is not None:
        here.senders.wake(found.channel, found.id)
        here.news.tell(found.id)
