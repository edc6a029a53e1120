"""A conversation and its messages as values (DESIGN §4 Values, Message)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

BOT, QUEUE, AGENT = "bot", "queue", "agent"


@dataclass(frozen=True)
class Conversation:
    """All that one person writes on one channel; `owner` is bot, queue or agent (then `agent` names them)."""

    id: int
    channel: str
    user: str
    owner: str
    agent: str | None = None
    customer_id: int | None = None
    last_customer_at: datetime | None = None

    @property
    def key(self) -> str:
        """The conversation's name inside Rasa and for window holds."""
        return f"{self.channel}:{self.user}"

    def owned_by(self, owner: str, agent: str | None) -> Conversation:
        """The same conversation with another owner."""
        return replace(self, owner=owner, agent=agent)


@dataclass(frozen=True)
class Message:
    """One stored message; `sender` is customer, bot, agent or system, `time` business time."""

    id: int
    conversation_id: int
    sender: str
    text: str | None
    state: str
    time: datetime
    agent: str | None = None
    buttons: tuple[dict[str, Any], ...] = ()
    custom: dict[str, Any] | None = None
    platform_id: str | None = None
    reply_to: int | None = None


@dataclass(frozen=True)
class Pending:
    """The customer message whose turn it is, with the dialogue's memory (`tracker`) and the message before it."""

    message_id: int
    text: str
    time: datetime
    attempts: int
    previous_at: datetime | None
    tracker: str | None


@dataclass(frozen=True)
class Opened:
    """A conversation as found when a message arrives; `claimed`: this caller may run its turns."""

    conversation: Conversation
    claimed: bool


@dataclass(frozen=True)
class OfferedButtons:
    """Payloads of the buttons offered lately, and payload by title of those offered in the last turn."""

    payloads: frozenset[str]
    titles: Mapping[str, str]


@dataclass(frozen=True)
class NewMessage:
    """Something to be said to the customer; stored before it is sent."""

    sender: str
    text: str | None
    buttons: tuple[dict[str, Any], ...] = ()
    custom: dict[str, Any] | None = None
    agent: str | None = None
    reply_to: int | None = None
