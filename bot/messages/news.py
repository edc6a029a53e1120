"""Wakes those who wait for something new: in a conversation (web page, callers of the webhook) or at the desk."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

# So many topics are kept for pages that were drawn before their stream was open.
_KEPT = 1_000
# The topic of whoever may have missed something: all that is shown is fetched anew.
BACK = "back"


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
        self._told: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self._name = secrets.token_hex(4)
        self.number = 0

    def tell(self, conversation_id: int) -> None:
        """Something in this conversation has changed."""
        for event in self._listeners.get(conversation_id, ()):
            event.set()
        self._versions[conversation_id] += 1
        self.tell_topic(f"conversation {conversation_id}")

    def version(self, conversation_id: int) -> int:
        """Counts what was told of the conversation; the same number: nothing new."""
        return self._versions.get(conversation_id, 0)

    def tell_topic(self, topic: str) -> None:
        """Something that desks show has changed: "workshop", "calendar", "looking 12 小周 typing" …"""
        self.number += 1
        self._told.append((self.number, topic))
        for watcher in self._watchers:
            watcher.note(topic)

    @property
    def stamp(self) -> str:
        """Names this moment among all that is told in this process, for `watching`."""
        return f"{self._name}-{self.number}"

    @contextmanager
    def watching(self, since: str | None = None) -> Iterator[Watcher]:
        """Everything that is told from now on, or `since` that stamp; "back" first when that cannot be known."""
        watcher = Watcher()
        for topic in self._since(since) if since else ():
            watcher.note(topic)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def _since(self, stamp: str) -> list[str]:
        name, _, number = stamp.partition("-")
        oldest = self._told[0][0] if self._told else self.number + 1
        if name != self._name or not number.isdecimal() or int(number) < oldest - 1:
            return [BACK]
        return [topic for told, topic in self._told if told > int(number)]

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
