"""The word lists of the training data (data/nlu/_lookups.yml), folded."""

from __future__ import annotations

from dataclasses import dataclass

from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.business.characters import fold

LISTS = ("part", "fault_words", "condition_words", "frequency_words")


@dataclass(frozen=True)
class Vocabulary:
    """Models of cars, and the lists by name."""

    cars: list[str]
    lists: dict[str, list[str]]

    @classmethod
    def of(cls, training_data: TrainingData) -> Vocabulary:
        """A list that is not there is empty."""
        tables = {table["name"]: table["elements"] for table in training_data.lookup_tables}
        folded = {name: sorted({fold(word) for word in words}) for name, words in tables.items()}
        return cls(folded.get("car_model", []), {name: folded.get(name, []) for name in LISTS})
