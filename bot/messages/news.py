"""Wakes those who wait for something new: in a conversation (web page, callers of the webhook) or at the desk."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Watcher:
    """What was told since the last look, each topic once, in order; a slow watcher loses nothing but repetitions."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self._topics: dict[str, None] = {}

    def note(self, topic: str) -> None:
        """Keep the topic for the next look."""
        self._topics[topic] = None
        self.event.set()

    def take(self) -> list[str]:
        """The topics told since the last look."""
        topics, self._topics = list(self._topics), {}
        self.event.clear()
        return topics


class News:
    """News of this process's event loop; `tell` is called after the commit that made them true."""

    def __init__(self) -> None:
        self._listeners: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._watchers: set[Watcher] = set()
        self._versions: defaultdict[int, int] = defaultdict(int)

    def tell(self, conversation_id: int) -> None:
        """Something in this conversation has changed."""
        for event in self._listeners.get(conversation_id, ()):
            event.set()
        if self._watchers:
            self._versions[conversation_id] += 1
        for watcher in self._watchers:
            watcher.note(f"conversation {conversation_id}")

    def version(self, conversation_id: int) -> int:
        """Counts what was told of the conversation while somebody watched; the same number: nothing new."""
        return self._versions[conversation_id]

    def tell_topic(self, topic: str) -> None:
        """Something that desks show has changed: "workshop", "calendar", "looking 12 小周 typing" …"""
        for watcher in self._watchers:
            watcher.note(topic)

    @contextmanager
    def watching(self) -> Iterator[Watcher]:
        """Everything that is told from now on, of every conversation and topic."""
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

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
