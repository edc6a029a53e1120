"""Puts what the pure recognisers find (plates, phones, VINs, mileages, names, times, codes) into Rasa's messages."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.business.characters import fold
from bot.dialogue.nlu.lookups import Lookup
from bot.dialogue.nlu.recognised import Entity, recognised

_FILE = "lookups.json"
_CHINA = timezone(timedelta(hours=8))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class Recognisers(GraphComponent):
    """Reads times towards the message's own `now` (its metadata), else towards the clock of the machine."""

    def __init__(self, lists: dict[str, list[str]], storage: ModelStorage, resource: Resource) -> None:
        self._storage, self._resource = storage, resource
        self._learn(lists)

    def _learn(self, lists: dict[str, list[str]]) -> None:
        self._lists = lists
        self._lookups = {name: Lookup.of(words) for name, words in lists.items()}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Recognisers:
        """A component that knows no lists yet."""
        return cls({}, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Recognisers:
        """The component with the lists it was trained with."""
        with model_storage.read_from(resource) as folder:
            lists = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(lists, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keeps the lookup tables that name an entity (car_model)."""
        tables = {table["name"]: table["elements"] for table in training_data.lookup_tables}
        self._learn({name: words for name, words in tables.items() if name == "car_model" and isinstance(words, list)})
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(self._lists, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training sentences keep their own labels; later components ask for recognised things themselves."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities found to each message."""
        for message in messages:
            text = message.get("text")
            if text:
                found = self.find(text, _now(message))
                message.set("entities", [*(message.get("entities") or []), *found], add_to_output=True)
        return messages

    def find(self, text: str, now: datetime) -> list[Entity]:
        """The entities of one text."""
        folded = fold(text)
        listed = [
            {"entity": name, "start": start, "end": end, "value": text[start:end], "confidence": 1.0}
            for name, lookup in self._lookups.items()
            for start, end in lookup.find(folded)
        ]
        return [{**entity, "extractor": "Recognisers"} for entity in (*recognised(text, now), *listed)]


def _now(message: Message) -> datetime:
    stated = str((message.get("metadata") or {}).get("now"))
    try:
        now = datetime.fromisoformat(stated)
    except ValueError:
        now = datetime.now(_CHINA)
    return now if now.tzinfo else now.replace(tzinfo=_CHINA)
