"""The second net under the intent of emergencies: calls for help taken for a fault, questions taken for a call."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.business.accidents import asks_after_crash, is_bare_failure, is_stuck_at_rest, needs_help_now
from bot.business.characters import simplify
from bot.business.emergencies import asks_about_help, is_emergency, is_happening_now
from bot.dialogue.nlu.trained_component import TrainedComponent

EMERGENCY = "report_emergency"
# What a cry for help is mistaken for; a complaint or a question about the past keeps its intent.
_MISTAKEN_FOR = frozenset(
    {"report_symptom", "book_repair", "book_accident", "book_service", "fragment", "chitchat", "inform", "ask_delivery"}
)
# A short cry that something has happened, or that the car at home will not start, besides.
_ALSO_MISTAKEN = frozenset({"out_of_scope", "deny", "ask_howto", "ask_contact", "ask_benefits"})
_LONGEST_CRY = 24


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmergencyNet(TrainedComponent):
    """Stands behind the classifier (DESIGN §5 Danger)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Nothing to set."""
        return {}

    def learn(self, training_data: TrainingData) -> dict[str, Any]:
        """Nothing to learn."""
        return {}

    def use(self, record: dict[str, Any]) -> None:
        """Nothing to make ready."""

    def understand(self, message: Message) -> None:
        """Changes the intent where the words leave no doubt."""
        text = simplify(message.get("text"))
        intent = (message.get("intent") or {}).get("name")
        if (intent in _MISTAKEN_FOR and is_emergency(text) and is_happening_now(text)) or _cries(intent, text):
            message.set("intent", {"name": EMERGENCY, "confidence": 1.0}, add_to_output=True)
        elif intent == EMERGENCY and asks_about_help(text) and not is_emergency(text):
            others = [each for each in message.get("intent_ranking") or [] if each["name"] != EMERGENCY]
            message.set("intent", others[0] if others else message.get("intent"), add_to_output=True)


def _cries(intent: str | None, text: str) -> bool:
    """Whether a short text is about an accident, a failure or a standstill of this moment, told as something else."""
    if len(text) > _LONGEST_CRY or intent not in _MISTAKEN_FOR | _ALSO_MISTAKEN:
        return False
    if asks_after_crash(text) or is_bare_failure(text):
        return True
    return intent in _MISTAKEN_FOR and is_stuck_at_rest(text) and not needs_help_now(text)
