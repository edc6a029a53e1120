"""Says what a message is about: a linear model over character n-grams in which plates, hours and names are signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.dialogue.nlu.examples import Example, examples_of
from bot.dialogue.nlu.linear_text import LinearText
from bot.dialogue.nlu.text_features import TextFeatures
from bot.dialogue.nlu.trained_component import TrainedComponent
from bot.dialogue.nlu.variants import Variants
from bot.dialogue.nlu.vocabulary import Vocabulary

_ASKED_POLITELY = frozenset(
    "ask_howto ask_maintenance ask_price ask_warranty ask_recall ask_purchase ask_mobile_service report_emergency "
    "book_repair book_maintenance".split()
)
# What these lead to is not easily taken back: on less than this the next best intent is taken for what is meant.
_SURE: Mapping[str, float] = {
    **dict.fromkeys("abandon_task abuse cancel_booking decline_extra delete_my_data".split(), 0.45),
    "approve_extra": 0.3,  # a word or two is all that people say to its question
    "make_complaint": 0.3,  # who is displeased is rather heard once too often
}
_UNCLEAR, _NEXT = "fragment", 0.2  # the next best has to have so much, else the words are a fragment


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(TrainedComponent):
    """Stands behind the recognisers in the pipeline."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking`: how many intents are told beside the best; `penalty`: how freely weights grow;
        `evenness`: how far rare intents count as much as frequent ones."""
        return {"ranking": 5, "penalty": 1.0, "evenness": 0.6}

    def learn(self, training_data: TrainingData) -> dict[str, Any]:
        """Trains on every sentence with an intent, and on variants of those about cars."""
        words = Vocabulary.of(training_data)
        examples = with_variants(examples_of(training_data), words)
        features = TextFeatures(**asdict(words))
        rows = [features.of(example.text) for example in examples]
        freedom = self.config["penalty"], self.config["evenness"]
        model = LinearText.train(rows, [e.intent for e in examples], *freedom)
        return {"words": asdict(words), "model": model.as_record()}

    def use(self, record: dict[str, Any]) -> None:
        """Makes the model ready."""
        self._features = TextFeatures(**record["words"])
        self._model = LinearText.from_record(record["model"])

    def understand(self, message: Message) -> None:
        """Sets the intent and the ranking behind it."""
        shares = self._model.probabilities(self._features.of_message(message))
        ordered = [(self._model.classes[i], float(shares[i])) for i in np.argsort(-shares)]
        ranked = prudent(ordered)[: self.config["ranking"]]
        ranking = [{"name": name, "confidence": share} for name, share in ranked]
        message.set("intent", ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def prudent(ordered: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The intents and their shares, likeliest first, but none at the head that would need more certainty."""
    name, share = ordered[0]
    if share >= _SURE.get(name, 0.0):
        return ordered
    further = [each for each in ordered if each[0] not in _SURE and each[1] >= _NEXT]
    head = further[0] if further else next((each for each in ordered if each[0] == _UNCLEAR), ordered[0])
    return [head, *(each for each in ordered if each is not head)]


def with_variants(examples: list[Example], words: Vocabulary) -> list[Example]:
    """The examples and, for faults and questions about cars, one further wording each."""
    variants = Variants([e for e in examples if e.spans], words.lists, words.cars)
    faults = [variants.of(e) for e in examples if e.intent == "report_symptom" and e.spans]
    return [*examples, *faults, *(variants.polite(e) for e in examples if e.intent in _ASKED_POLITELY)]
