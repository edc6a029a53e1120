"""Says what a message is about: a linear model over character n-grams in which plates, hours and names are signs."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.dialogue.nlu.examples import examples_of
from bot.dialogue.nlu.linear_text import LinearText
from bot.dialogue.nlu.text_features import text_features
from bot.dialogue.nlu.trained_component import TrainedComponent

_RECOGNISED = ("plate", "phone", "phone_tail", "vin", "mileage", "surname", "title", "time", "number_code", "ordinal")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(TrainedComponent):
    """Stands behind the recognisers and the symptom tagger in the pipeline."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking`: how many intents are told beside the best."""
        return {"ranking": 5}

    def learn(self, training_data: TrainingData) -> dict[str, Any]:
        """Trains on every sentence with an intent."""
        examples = examples_of(training_data)
        rows = [text_features(example.text) for example in examples]
        return LinearText.train(rows, [example.intent for example in examples]).as_record()

    def use(self, record: dict[str, Any]) -> None:
        """Makes the model ready."""
        self._model = LinearText.from_record(record)

    def understand(self, message: Message) -> None:
        """Sets the intent and the ranking behind it."""
        found = [e for e in message.get("entities") or [] if e["entity"] in _RECOGNISED]
        shares = self._model.probabilities(text_features(message.get("text"), found))
        best = np.argsort(-shares)[: self.config["ranking"]]
        ranking = [{"name": self._model.classes[i], "confidence": float(shares[i])} for i in best]
        message.set("intent", ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
