"""The tracker store named in endpoints.yml: stock Rasa keeps its conversations in the dealer's database through it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue import snapshot
from bot.dialogue.state import QuickTracker

log = logging.getLogger(__name__)


class StoredTrackers(TrackerStore):  # type: ignore[misc]
    """Slots, running form and the last turns of each conversation, in the table `trackers`.

    Stock Rasa takes a failed reading for a new conversation. What such a turn leaves is not written, so that the
    conversation is still there when the database is back.
    """

    def __init__(
        self, domain: Domain | None, event_broker: EventBroker | None = None, host: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(domain, event_broker)
        self._kept_turns = int(kwargs.get("kept_turns", snapshot.KEPT_TURNS))
        self._not_read: set[str] = set()

    def init_tracker(self, sender_id: str) -> QuickTracker:
        """An empty tracker that copies quickly."""
        return QuickTracker(sender_id, self.domain.slots, max_event_history=self.max_event_history)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the tracker in the database."""
        if tracker.sender_id in self._not_read:
            log.error("A conversation is not written: it could not be read before the turn.")
            return
        if not tracker.events:
            return
        text = snapshot.dump(tracker, self._kept_turns)
        store = await _store()
        async with store.transaction() as uow:
            await uow.trackers.save(tracker.sender_id, text, datetime.now(timezone.utc))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as it was left, None for a new one."""
        self._not_read.add(sender_id)
        store = await _store()
        async with store.reading() as uow:
            text = await uow.trackers.get(sender_id)
        self._not_read.discard(sender_id)
        return snapshot.load_or_begin(self.init_tracker(sender_id), text, self.domain.form_names)

    async def keys(self) -> Iterable[str]:
        """Conversations there are, for Rasa's own tools."""
        store = await _store()
        async with store.reading() as uow:
            names: list[str] = await uow.trackers.names()
        return names


async def _store() -> Any:
    """The store of this event loop. As for actions, stock `rasa run` has no hook to open it at the start."""
    from bot.wiring import services

    return (await services()).store
