"""Holds the conversations of the turns being done; what a turn leaves behind is read back as text."""

from __future__ import annotations

from collections.abc import Iterable

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue import snapshot
from bot.dialogue.state import QuickTracker


class TurnTrackers(TrackerStore):  # type: ignore[misc]
    """A tracker store that stores nothing: the router gives a turn its tracker and commits the one it gets back."""

    def __init__(self, kept_turns: int = snapshot.KEPT_TURNS) -> None:
        super().__init__(None)
        self._kept_turns = kept_turns
        self._texts: dict[str, str] = {}

    def begin(self, sender_id: str, text: str | None) -> None:
        """Gives the coming turn of `sender_id` its state; None: a new conversation."""
        self._texts.pop(sender_id, None)
        if text:
            self._texts[sender_id] = text

    def end(self, sender_id: str) -> str | None:
        """The state after the turn, once."""
        return self._texts.pop(sender_id, None)

    def init_tracker(self, sender_id: str) -> QuickTracker:
        """An empty tracker that copies quickly."""
        return QuickTracker(sender_id, self.domain.slots, max_event_history=self.max_event_history)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the tracker as text until the turn ends."""
        if tracker.events:
            self._texts[tracker.sender_id] = snapshot.dump(tracker, self._kept_turns)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker the turn began with, None for a new conversation."""
        return snapshot.load_or_begin(self.init_tracker(sender_id), self._texts.get(sender_id), self.domain.form_names)

    async def keys(self) -> Iterable[str]:
        """Conversations whose turns are being done."""
        return list(self._texts)
