"""Wakes those who wait for something new in a conversation: the web page's live view, callers of the webhook."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class News:
    """News of this process's event loop; `tell` is called after the commit that made them true."""

    def __init__(self) -> None:
        self._listeners: defaultdict[int, set[asyncio.Event]] = defaultdict(set)

    def tell(self, conversation_id: int) -> None:
        """Something in this conversation has changed."""
        for event in self._listeners.get(conversation_id, ()):
            event.set()

    @contextmanager
    def listening(self, conversation_id: int) -> Iterator[asyncio.Event]:
        """An event that is set at each change; the listener clears it before it looks."""
        event = asyncio.Event()
        self._listeners[conversation_id].add(event)
        try:
            yield event
        finally:
            self._listeners[conversation_id].discard(event)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]


async def heard_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within so many seconds; it is cleared then."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    event.clear()
    return True
