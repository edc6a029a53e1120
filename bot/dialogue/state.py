"""A conversation's state that is copied without replaying its events, and not worked out twice for the policies.

Stock Rasa replays every event at each copy, and at each policy's look at the history; a turn does that a dozen times.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


class QuickTracker(DialogueStateTracker):  # type: ignore[misc]
    """Rasa's tracker with cheap copies; what it tells is what the stock one tells."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._history: _History | None = None
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
        """The states policies predict from; those known from the prediction before are not worked out again."""
        if omit_unset_slots or ignore_rule_only_turns:
            told: list[State] = super().past_states(domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
            return told
        self._history = self._history or _History(self)
        return self._history.states(self, domain)

    def _twin(self) -> QuickTracker:
        twin = QuickTracker.__new__(QuickTracker)
        twin.__dict__.update(self.__dict__)
        twin._history = None
        twin.slots = {name: _slot_copy(slot) for name, slot in self.slots.items()}
        return twin


class _History:
    """The states of a tracker so far, and a second tracker that has replayed the events up to here."""

    def __init__(self, tracker: QuickTracker) -> None:
        self._applied: list[Event] = []
        self._states: list[State] = []
        self._replayed: QuickTracker = tracker.init_copy()

    def states(self, tracker: QuickTracker, domain: Domain) -> list[State]:
        """A state before each action, and the present one; policies may change the dictionaries they get."""
        applied: list[Event] = tracker.applied_events()
        if not _begins_with(applied, self._applied):
            self._applied, self._states, self._replayed = [], [], tracker.init_copy()
        for event in applied[len(self._applied) :]:
            if isinstance(event, ActionExecuted):
                self._states.append(domain.get_active_state(self._replayed))
            self._replayed.update(event)
        self._applied = applied
        return [_state_copy(state) for state in [*self._states, domain.get_active_state(self._replayed)]]


def _begins_with(events: list[Event], start: list[Event]) -> bool:
    return len(events) >= len(start) and all(now is before for now, before in zip(events, start, strict=False))


def _state_copy(state: State) -> State:
    return {part: dict(values) for part, values in state.items()}


def _slot_copy(slot: Slot) -> Any:
    copy = slot.__class__.__new__(slot.__class__)
    copy.__dict__.update(slot.__dict__)
    return copy
