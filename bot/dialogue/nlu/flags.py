"""Marks messages whose writer is angry, faults with which driving on could be dangerous, and what makes a complaint
more serious (SERVICE_STANDARD §7)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.business.characters import simplify
from bot.business.safety import danger_in
from bot.dialogue.nlu.examples import SIGNALS, Example, examples_of
from bot.dialogue.nlu.linear_text import LinearText
from bot.dialogue.nlu.text_features import TextFeatures
from bot.dialogue.nlu.trained_component import TrainedComponent, add_entities
from bot.dialogue.nlu.vocabulary import Vocabulary

FLAGS = ("angry", "safety")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class Flags(TrainedComponent):
    """A linear model a flag; the words of bot.business.safety are a second net under `safety`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The margin from which a flag is raised; a missed danger costs more than a needless warning."""
        return {**dict.fromkeys((*FLAGS, *SIGNALS), 0.0), "safety": -0.2, "angry": -0.2}

    def learn(self, training_data: TrainingData) -> dict[str, Any]:
        """Trains on the blocks marked `safety: true`, `angry: true`, `media: true` and so on."""
        words, examples = Vocabulary.of(training_data), examples_of(training_data)
        features = TextFeatures(**asdict(words))
        rows = [features.of(example.text) for example in examples]
        marked = {flag: [str(int(_is_marked(each, flag))) for each in examples] for flag in (*FLAGS, *SIGNALS)}
        return {"words": asdict(words), "model": LinearText.side_by_side(rows, marked).as_record()}

    def use(self, record: dict[str, Any]) -> None:
        """Makes the model ready."""
        self._features = TextFeatures(**record["words"])
        self._model = LinearText.from_record(record["model"])

    def understand(self, message: Message) -> None:
        """Adds entities at the very start of the text: `angry`, `safety` ("yes"), `level_signal` (which one)."""
        row = self._features.of_message(message)
        margins = self._model.margins(row)
        raised = {flag for flag, margin in zip(self._model.classes, margins, strict=True) if margin > self.config[flag]}
        if danger_in(simplify(message.get("text"))):
            raised.add("safety")
        add_entities(message, [_entity(flag) for flag in sorted(raised)], type(self).__name__)


def _is_marked(example: Example, flag: str) -> bool:
    return flag in example.signals or bool(getattr(example, flag, False))


def _entity(flag: str) -> dict[str, Any]:
    entity, value = ("level_signal", flag) if flag in SIGNALS else (flag, "yes")
    return {"entity": entity, "start": 0, "end": 0, "value": value, "confidence": 1.0}
