"""A conversation's state that is copied without replaying its events, and not worked out twice for the policies.

Stock Rasa replays every event at each copy, and at each policy's look at the history; a turn does that a dozen times.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from rasa.shared.core.domain import Domain, State
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


class QuickTracker(DialogueStateTracker):  # type: ignore[misc]
    """Rasa's tracker with cheap copies; what it tells is what the stock one tells."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._told: dict[tuple[Any, ...], list[State]] = {}
        super().__init__(*args, **kwargs)

    def copy(self) -> QuickTracker:
        """A tracker of the same state whose changes do not touch this one."""
        copy = self._twin()
        copy.events = deque(self.events, self._max_event_history)
        if self.active_loop is not None:
            copy.active_loop = type(self.active_loop)(**self.active_loop.__dict__)
        return copy

    def init_copy(self) -> QuickTracker:
        """A tracker with the same slots, all unset, and no events."""
        copy = self._twin()
        copy.events = deque(maxlen=self._max_event_history)
        copy._reset()
        return copy

    def past_states(
        self,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The states policies predict from; several ask for the same before the next event comes."""
        key = (len(self.events), omit_unset_slots, ignore_rule_only_turns, repr(rule_only_data))
        if key not in self._told:
            if any(known[0] != key[0] for known in self._told):
                self._told.clear()
            self._told[key] = super().past_states(domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
        return [{part: dict(values) for part, values in state.items()} for state in self._told[key]]

    def _twin(self) -> QuickTracker:
        twin = QuickTracker.__new__(QuickTracker)
        twin.__dict__.update(self.__dict__)
        twin._told = {}
        twin.slots = {name: _slot_copy(slot) for name, slot in self.slots.items()}
        return twin


def _slot_copy(slot: Slot) -> Any:
    copy = slot.__class__.__new__(slot.__class__)
    copy.__dict__.update(slot.__dict__)
    return copy
