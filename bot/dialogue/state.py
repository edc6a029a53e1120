"""A conversation's state that can be copied without replaying its events."""

from __future__ import annotations

from collections import deque
from typing import Any

from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


class QuickTracker(DialogueStateTracker):  # type: ignore[misc]
    """Rasa's tracker; `copy` takes over the state as it is, stock replays every event (several times a turn)."""

    def copy(self) -> QuickTracker:
        """A tracker of the same state whose changes do not touch this one."""
        copy = QuickTracker.__new__(QuickTracker)
        copy.__dict__.update(self.__dict__)
        copy.events = deque(self.events, self._max_event_history)
        copy.slots = {name: _slot_copy(slot) for name, slot in self.slots.items()}
        if self.active_loop is not None:
            copy.active_loop = type(self.active_loop)(**self.active_loop.__dict__)
        return copy


def _slot_copy(slot: Slot) -> Any:
    copy = slot.__class__.__new__(slot.__class__)
    copy.__dict__.update(slot.__dict__)
    return copy
