"""Rasa's actions without their repeated work: one object a name, schemas compiled once, trackers copied.

What they do is Rasa's; each class says what of the stock one costs time. Measured by bench/turn_profile.py.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import Action as RasaAction
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction, action_for_name_or_text
from rasa.core.actions.forms import FormAction
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.dialogue.action_results import check, event_of


class QuickRemoteAction(RemoteAction):  # type: ignore[misc]
    """A custom action whose call and answer do not pass through JSON and plug-ins."""

    async def run(self, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain) -> list[Event]:
        """The action's bot messages and events; raises ActionExecutionRejection when the action gives way."""
        if self.action_endpoint is None:
            raise RasaException(f"No endpoint runs {self.name()}.")
        call = self._action_call_format(tracker, domain)
        try:
            result = await self.action_endpoint.request(json=call)
        except ClientResponseError as error:
            if error.status != 400:
                raise
            raise ActionExecutionRejection(self.name(), error.message) from error
        check(self.name(), result)
        said: list[Event] = await self._utter_responses(result.get("responses", []), output_channel, nlg, tracker)
        return said + [event_of(record) for record in result.get("events", [])]


class QuickFormAction(FormAction):  # type: ignore[misc]
    """A form that takes its helpers from the table and copies trackers instead of replaying their events."""

    def __init__(self, name: str, endpoint: EndpointConfig | None, table: ActionTable) -> None:
        super().__init__(name, endpoint)
        self._table = table

    def _temporary_tracker(
        self, current_tracker: DialogueStateTracker, additional_events: list[Event], domain: Domain
    ) -> DialogueStateTracker:
        marks = [SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current_tracker)), ActionExecuted(self.name())]
        return copied(current_tracker, [*marks, *additional_events])

    async def validate_slots(
        self,
        slot_candidates: dict[str, Any],
        tracker: DialogueStateTracker,
        domain: Domain,
        output_channel: Any,
        nlg: Any,
    ) -> list[Event]:
        """The validation action's events; none when the form has no such action."""
        name = f"validate_{self.name()}"
        if name not in self._table:
            return []
        candidates = [SlotSet(slot, value) for slot, value in slot_candidates.items()]
        temporary = self._temporary_tracker(tracker, candidates, domain)
        events: list[Event] = await self._table.named(name).run(output_channel, nlg, temporary, domain)
        return events

    async def _ask_for_slot(
        self, domain: Domain, nlg: Any, output_channel: Any, slot_name: str, tracker: DialogueStateTracker
    ) -> list[Event]:
        name = self._name_of_utterance(domain, slot_name)
        if not name:
            return []
        events: list[Event] = await self._table.named(name).run(output_channel, nlg, tracker, domain)
        return events

    async def activate(
        self, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain
    ) -> list[Event]:
        """What is set when the form begins: slots of this message, checked by the validation action."""
        extracted = await self._table.named(ACTION_EXTRACT_SLOTS).run(output_channel, nlg, tracker, domain)
        tracker.update_with_events(extracted, domain)
        slots_set = [event for event in extracted if isinstance(event, SlotSet)]
        if f"validate_{self.name()}" not in self._table:
            return slots_set
        filled = {slot: tracker.get_slot(slot) for slot in self.required_slots(domain)}
        filled = {slot: value for slot, value in filled.items() if value is not None}
        validated = await self.validate_slots(filled, tracker, domain, output_channel, nlg)
        judged = {event.key for event in validated if isinstance(event, SlotSet)}
        return validated + [event for event in slots_set if event.key not in judged]


class ActionTable:
    """Every action of a domain by name, each made once; stock Rasa makes all default actions at each look-up."""

    def __init__(self, domain: Domain, endpoint: EndpointConfig | None) -> None:
        self._domain = domain
        self._endpoint = endpoint
        self.names: list[str] = list(domain.action_names_or_texts)
        self._known = set(self.names)
        self._made: dict[str, RasaAction] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def at(self, index: int) -> RasaAction:
        """The action a policy predicted."""
        return self.named(self.names[index])

    def named(self, name: str) -> RasaAction:
        """The action of that name; raises Rasa's ActionNotFoundException for an unknown one."""
        if name not in self._made:
            self._made[name] = self._quick(name, action_for_name_or_text(name, self._domain, self._endpoint))
        return self._made[name]

    def _quick(self, name: str, stock: RasaAction) -> RasaAction:
        from bot.dialogue.quick_slots import QuickExtractSlots

        if isinstance(stock, FormAction):
            return QuickFormAction(name, self._endpoint, self)
        if type(stock) is RemoteAction:
            return QuickRemoteAction(name, self._endpoint)
        if name == ACTION_EXTRACT_SLOTS:
            return QuickExtractSlots(self._endpoint, self, self._domain)
        return stock


def copied(tracker: DialogueStateTracker, events: list[Event]) -> DialogueStateTracker:
    """A copy of `tracker` with `events` added."""
    copy = tracker.copy()
    for event in events:
        copy.update(event)
    return copy
