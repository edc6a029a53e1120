"""Messages without any Chinese character, such as links, code, English: small talk, yes, no, or not understood."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.dialogue.nlu.trained_component import TrainedComponent

_CHINESE = re.compile(r"[\u3400-\u9fff]")
# "88" is how people say goodbye; longer figures say nothing by themselves.
_ONLY_FIGURES = re.compile(r"[\W\d_]*\d{3,}[\W\d_]*")
_POSSIBLE = frozenset(
    {
        "affirm",
        "deny",
        "dont_know",
        "greet",
        "goodbye",
        "thank",
        "chitchat",
        "abuse",
        "request_human",
        "report_emergency",
        "out_of_scope",
        "fragment",
    }
)
_ELSE = "fragment"
# What may stand in any text; of an English sentence they are chance finds ("I want to book [a service]").
_DESCRIPTIONS = frozenset({"problem", "location", "noise", "frequency", "situation"})
_SENTENCE = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ForeignText(TrainedComponent):
    """Stands behind the classifier; what holds a plate, a number or a time keeps its intent."""

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
        """Takes back an intent that such a text does not bear."""
        text = message.get("text") or ""
        if _CHINESE.search(text):
            return
        found = message.get("entities") or []
        if _SENTENCE.search(text):
            found = [entity for entity in found if entity["entity"] not in _DESCRIPTIONS]
            message.set("entities", found, add_to_output=True)
        if any(entity["end"] for entity in found):
            return
        if _ONLY_FIGURES.fullmatch(text) or (message.get("intent") or {}).get("name") not in _POSSIBLE:
            message.set("intent", {"name": _ELSE, "confidence": 1.0}, add_to_output=True)
