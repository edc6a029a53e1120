"""Custom actions of the toy project, made of plain rasa-sdk classes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import ActionExecutionRejection

FORMS = 8


class ActionEcho(Action):
    def name(self) -> str:
        return "action_echo"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        metadata = tracker.latest_message["metadata"]
        dispatcher.utter_message(text=f"{metadata['channel']}|{metadata['user']}|{metadata['message_id']}")
        dispatcher.utter_message(response="utter_topic_3", json_message={"events": len(tracker.events)})
        return []


class ActionCrash(Action):
    def name(self) -> str:
        return "action_crash"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        raise RuntimeError("made to fail")


class ActionCount(Action):
    def name(self) -> str:
        return "action_count"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        count = (tracker.get_slot("fact_1") or 0) if isinstance(tracker.get_slot("fact_1"), int) else 0
        dispatcher.utter_message(text=str(len(tracker.events)), buttons=[{"title": "好", "payload": "/topic_3"}])
        return [SlotSet("fact_1", count + 1)]


def _validation(number: int) -> type[FormValidationAction]:
    class Validate(FormValidationAction):
        def name(self) -> str:
            return f"validate_form_{number}"

        async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
            intent = tracker.latest_message["intent"]["name"]
            if intent.startswith("topic_") and tracker.slots.get("requested_slot") and not _was_rejected(tracker):
                raise ActionExecutionRejection(self.form_name())
            return await super().run(dispatcher, tracker, domain)

    setattr(Validate, f"validate_form_{number}_plate", _upper(f"form_{number}_plate"))
    setattr(Validate, f"validate_form_{number}_phone", _upper(f"form_{number}_phone"))
    setattr(Validate, f"validate_form_{number}_note", _upper(f"form_{number}_note"))
    return Validate


def _was_rejected(tracker: Any) -> bool:
    events = [event["event"] for event in tracker.events]
    return "action_execution_rejected" in events[len(events) - events[::-1].index("user") :]


def _upper(slot: str) -> Any:
    async def validate(self: Any, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        return {slot: str(value).upper()}

    return validate


def _submission(number: int) -> type[Action]:
    class Submit(Action):
        def name(self) -> str:
            return f"action_submit_{number}"

        async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
            slots = [f"form_{number}_{kind}" for kind in ("plate", "phone", "note")]
            dispatcher.utter_message(text=" ".join(str(tracker.get_slot(slot)) for slot in slots))
            return [SlotSet(slot, None) for slot in slots]

    return Submit


VALIDATIONS = [_validation(number) for number in range(FORMS)]
SUBMISSIONS = [_submission(number) for number in range(FORMS)]
