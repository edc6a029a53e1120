"""Rasa's `action_extract_slots` with the domain's slot mappings read once instead of at every message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa.core.actions.action import ActionExtractSlots, extract_slot_value_from_predefined_mapping
from rasa.core.actions.forms import FormAction
from rasa.shared.core.constants import (
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    REQUESTED_SLOT,
    SlotMappingType,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.slot_mappings import SlotMapping
from rasa.shared.core.slots import ListSlot, Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

if TYPE_CHECKING:
    from bot.dialogue.quick_actions import ActionTable

Mapping = tuple[SlotMappingType, dict[str, Any]]


class QuickExtractSlots(ActionExtractSlots):  # type: ignore[misc]
    """Fills slots from a message, the same as stock; mappings whose entity is not there are passed over at once."""

    def __init__(self, endpoint: EndpointConfig | None, table: ActionTable, domain: Domain) -> None:
        super().__init__(endpoint)
        self._table = table
        self._mapped = [(slot, _mappings(slot, domain)) for slot in domain.slots if _is_user_slot(slot)]

    async def run(self, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain) -> list[Event]:
        """Slot events of the latest message, judged by action_validate_slot_mappings where the domain has it."""
        found: list[Event] = []
        ran: set[str] = set()
        entities = {entity["entity"] for entity in tracker.latest_message.entities} if tracker.latest_message else set()
        for slot, mappings in self._mapped:
            for kind, mapping in mappings:
                if kind is SlotMappingType.FROM_ENTITY and mapping["entity"] not in entities:
                    continue
                if not self._applies(slot, mapping, tracker, domain):
                    continue
                if kind is SlotMappingType.CUSTOM:
                    events, ran = await self._execute_custom_action(mapping, ran, output_channel, nlg, tracker, domain)
                    found.extend(events)
                    continue
                event = _value_event(slot, kind, mapping, tracker)
                if event is not None:
                    found.append(event)
                    break
        return await self._execute_validation_action(found, output_channel, nlg, tracker, domain)

    def _applies(self, slot: Slot, mapping: dict[str, Any], tracker: DialogueStateTracker, domain: Domain) -> bool:
        return (  # conditions first: most mappings belong to a form that is not running
            self._verify_mapping_conditions(mapping, tracker, slot.name)
            and SlotMapping.intent_is_desired(mapping, tracker, domain)
            and not self._fails_unique_entity_mapping_check(slot.name, mapping, tracker, domain)
        )

    def _fails_unique_entity_mapping_check(
        self, slot_name: str, mapping: dict[str, Any], tracker: DialogueStateTracker, domain: Domain
    ) -> bool:
        """As stock, with the form of the table: a new one each time works out its unique mappings anew."""
        form_name = tracker.active_loop_name
        if mapping[MAPPING_TYPE] != str(SlotMappingType.FROM_ENTITY) or not form_name:
            return False
        if tracker.get_slot(REQUESTED_SLOT) == slot_name:
            return False
        form = self._table.named(form_name)
        if not isinstance(form, FormAction) or slot_name not in form.required_slots(domain):
            return False
        return not form.entity_mapping_is_unique(mapping, domain)

    async def _run_custom_action(
        self, custom_action: str, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain
    ) -> list[Event]:
        events = await self._table.named(custom_action).run(output_channel, nlg, tracker, domain)
        return [event for event in events if isinstance(event, SlotSet | BotUttered)]

    async def _execute_validation_action(
        self,
        extraction_events: list[Event],
        output_channel: Any,
        nlg: Any,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        from bot.dialogue.quick_actions import copied

        slots_set = [event for event in extraction_events if isinstance(event, SlotSet)]
        if ACTION_VALIDATE_SLOT_MAPPINGS not in domain.user_actions:
            return list(slots_set)
        temporary = copied(tracker, slots_set)
        name = ACTION_VALIDATE_SLOT_MAPPINGS
        validated = await self._run_custom_action(name, output_channel, nlg, temporary, domain)
        judged = {event.key for event in validated if isinstance(event, SlotSet)}
        return validated + [event for event in slots_set if event.key not in judged]


def _is_user_slot(slot: Slot) -> bool:
    return bool(slot.mappings) and slot.name not in DEFAULT_SLOT_NAMES


def _mappings(slot: Slot, domain: Domain) -> list[Mapping]:
    kinds = [(SlotMappingType(mapping.get(MAPPING_TYPE)), mapping) for mapping in slot.mappings]
    return [
        (kind, mapping)
        for kind, mapping in kinds
        if SlotMapping.check_mapping_validity(slot_name=slot.name, mapping_type=kind, mapping=mapping, domain=domain)
    ]


def _value_event(
    slot: Slot, kind: SlotMappingType, mapping: dict[str, Any], tracker: DialogueStateTracker
) -> SlotSet | None:
    value = extract_slot_value_from_predefined_mapping(kind, mapping, tracker)
    if not value:
        return None
    if not isinstance(slot, ListSlot):
        value = value[-1]
    if value is None and tracker.get_slot(slot.name) is None:
        return None
    return SlotSet(slot.name, value)
