"""What the rest of the bot knows of the dialogue model: one Protocol, its values and its errors.

EngineError
├── EngineUnavailable   the turn was not done; nothing of it is kept, it may be tried again
├── ModelMissing        no trained model where one should be
└── ModelDamaged        a model file that cannot be read, or was made by another version
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class EngineError(Exception):
    """Any trouble with the dialogue model; its text is one plain sentence for an operator."""


class EngineUnavailable(EngineError):
    """The turn could not be done; nothing of it was kept by the engine."""


class ModelMissing(EngineError):
    """There is no trained model."""


class ModelDamaged(EngineError):
    """The model file cannot be loaded."""

    @classmethod
    def named(cls, archive: str) -> ModelDamaged:
        """The error about the file of this name."""
        return cls(f"The model {archive} cannot be loaded; train it again with: make train")


@dataclass(frozen=True)
class Turn:
    """One customer message, ready for the model; `tracker` is the state the last turn gave back.

    `item_of`: the plate of the car whose extra item the customer was asked about last, in the dialogue or unasked.
    """

    channel: str
    user: str
    message_id: str
    text: str
    now: datetime
    silent_minutes: int = 0
    tracker: str | None = None
    item_of: str | None = None

    @property
    def sender_id(self) -> str:
        """The conversation's name inside Rasa."""
        return f"{self.channel}:{self.user}"

    def metadata(self) -> dict[str, Any]:
        """What actions read from `tracker.latest_message["metadata"]`."""
        return {
            "message_id": self.message_id,
            "channel": self.channel,
            "user": self.user,
            "now": self.now.isoformat(),
            "silent_minutes": self.silent_minutes,
            "item_of": self.item_of,
        }


@dataclass(frozen=True)
class Reply:
    """One thing the bot says: a text with buttons, or a custom block for the channel to draw."""

    text: str | None = None
    buttons: list[dict[str, Any]] = field(default_factory=list)
    custom: dict[str, Any] | None = None


@dataclass(frozen=True)
class TurnResult:
    """What a turn gave; `tracker` is to be stored with the replies, None: the engine stored it."""

    replies: list[Reply]
    tracker: str | None = None


@dataclass(frozen=True)
class Parsed:
    """What one text means by itself; spans are those of the text as sent."""

    intent: str | None
    confidence: float
    entities: list[dict[str, Any]]
    angry: bool = False
    safety: bool = False


class Engine(Protocol):
    """A dialogue model that is running; every method may raise EngineError."""

    name: str

    async def start(self) -> None:
        """Make the engine ready to answer."""

    async def stop(self) -> None:
        """Give back threads, connections and memory."""

    async def turn(self, turn: Turn) -> TurnResult:
        """Do one turn of one conversation; the caller never runs two of one person at once."""

    async def parse(self, text: str) -> Parsed:
        """Understand one text without any conversation."""


def asked_in(tracker: str | None) -> str | None:
    """The slot that a stored tracker is asking for, None when it asks for none."""
    if tracker is None:
        return None
    try:
        slots = json.loads(tracker).get("slots")
    except (ValueError, AttributeError):
        return None
    asked = slots.get("requested_slot") if isinstance(slots, dict) else None
    return asked if isinstance(asked, str) else None


def replies_from_messages(messages: list[dict[str, Any]]) -> list[Reply]:
    """Rasa's collected or REST messages as replies, empty ones left out."""
    replies = []
    for message in messages:
        reply = Reply(message.get("text"), list(message.get("buttons") or []), message.get("custom"))
        if reply.text or reply.buttons or reply.custom:
            replies.append(reply)
    return replies


def parsed_from_rasa(data: dict[str, Any]) -> Parsed:
    """Rasa's parse data as a value; the flags angry and safety become booleans."""
    entities = [dict(entity) for entity in data.get("entities") or []]
    flags = {entity["entity"] for entity in entities}
    intent = data.get("intent") or {}
    return Parsed(
        intent=intent.get("name"),
        confidence=float(intent.get("confidence") or 0.0),
        entities=[entity for entity in entities if entity["entity"] not in {"angry", "safety"}],
        angry="angry" in flags,
        safety="safety" in flags,
    )
