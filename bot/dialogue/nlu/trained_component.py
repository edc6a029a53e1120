"""What our trained components share: one file of plain values in the model, written by train, read by load."""

from __future__ import annotations

import pickle
from abc import abstractmethod
from typing import Any, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_FILE = "model.pickle"
Component = TypeVar("Component", bound="TrainedComponent")


class TrainedComponent(GraphComponent):
    """A component whose whole learning is the record `learn` gives and `use` takes."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self._storage, self._resource = storage, resource

    @abstractmethod
    def learn(self, training_data: TrainingData) -> dict[str, Any]:
        """What is to be stored, learnt from the training sentences."""

    @abstractmethod
    def use(self, record: dict[str, Any]) -> None:
        """Makes ready to understand with what `learn` gave."""

    @abstractmethod
    def understand(self, message: Message) -> None:
        """Adds to a message what this component finds in it."""

    @classmethod
    def create(
        cls: type[Component],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Component:
        """An untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: type[Component],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Component:
        """The component as it was trained."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.use(pickle.loads((folder / _FILE).read_bytes()))  # noqa: S301 - our own model
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns and stores."""
        record = self.learn(training_data)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_bytes(pickle.dumps(record, protocol=pickle.HIGHEST_PROTOCOL))
        self.use(record)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training sentences keep their own labels."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Understands each message that has words."""
        for message in messages:
            if message.get("text"):
                self.understand(message)
        return messages


def add_entities(message: Message, found: list[dict[str, Any]], extractor: str) -> None:
    """Puts further entities into a message."""
    marked = [{**entity, "extractor": extractor} for entity in found]
    message.set("entities", [*(message.get("entities") or []), *marked], add_to_output=True)
