"""Finds problem, location, noise, frequency and situation in a message; a stretch may stand under two."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.business.characters import fold
from bot.dialogue.nlu.examples import examples_of
from bot.dialogue.nlu.span_model import SpanModel
from bot.dialogue.nlu.span_repair import Spans, repaired
from bot.dialogue.nlu.trained_component import TrainedComponent, add_entities
from bot.dialogue.nlu.vocabulary import Vocabulary

_LONGEST_TEXT = 1000


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SymptomTagger(TrainedComponent):
    """One tagger a field over characters; only the first 1,000 characters of a message are read."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`processes`: how many fields are learnt at a time."""
        return {"processes": 2}

    def learn(self, training_data: TrainingData) -> dict[str, Any]:
        """Trains the five taggers; the word lists are their vocabulary."""
        words, examples = Vocabulary.of(training_data), examples_of(training_data)
        return SpanModel.train(examples, words.lists, words.cars, self.config["processes"]).as_record()

    def use(self, record: dict[str, Any]) -> None:
        """Makes the taggers ready."""
        self._model = SpanModel.from_record(record)

    def understand(self, message: Message) -> None:
        """Adds an entity a span, its value the customer's own words."""
        text = message.get("text")
        found = [
            {"entity": name, "start": start, "end": end, "value": text[start:end], "confidence": 1.0}
            for name, spans in self._spans(fold(text)[:_LONGEST_TEXT]).items()
            for start, end in spans
        ]
        add_entities(message, found, type(self).__name__)

    def _spans(self, folded: str) -> Spans:
        return repaired(folded, self._model.tag(folded))
