"""A conversation and its messages as values (DESIGN §4 Values, Message)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

BOT, QUEUE, AGENT = "bot", "queue", "agent"
# The kind of a message that shows a picture.
IMAGE = "image"
# The customer's side of these channels fetches what is stored; nothing has to be sent.
FETCHED = frozenset({"web", "rest"})


def state_when_stored(channel: str) -> str:
    """The state of a new message for this channel: queued until its sender has sent it, else sent at once."""
    return "sent" if channel in FETCHED else "queued"


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
    kind: str = "text"
    details: dict[str, Any] | None = None
    asks: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class MediaRef:
    """A picture, voice or file on the platform: `kind` image, voice, video or document; `size` in bytes if known."""

    kind: str
    platform_file: str | None = None
    url: str | None = None
    mime: str | None = None
    size: int | None = None
    name: str | None = None


@dataclass(frozen=True)
class Incoming:
    """What a channel hands in: one thing a customer did.

    `kind` is text, choice, menu, voice, image, video, document, location, link, contact, start, follow or unknown;
    `text` what the transcript shows; `command` what a button or menu of ours stands for, vouched for by the platform;
    `act` what it opens on the platform (message, tap, menu_click, follow, scan); `source` which adviser or poster led
    here; `group` the album a picture belongs to; `phone` the sender's own number, vouched for by the platform.
    """

    channel: str
    user: str
    text: str
    platform_id: str | None = None
    kind: str = "text"
    command: str | None = None
    details: Mapping[str, Any] | None = None
    media: MediaRef | None = None
    act: str = "message"
    source: str | None = None
    group: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Spent:
    """What was used up of the allowance that a person opened at these moments (real time)."""

    opened_at: datetime | None
    quick_at: datetime | None
    used: int
    quick_used: int


@dataclass(frozen=True)
class Pending:
    """The customer message whose turn it is, with the dialogue's memory (`tracker`) and the message before it."""

    message_id: int
    text: str
    time: datetime
    attempts: int
    previous_at: datetime | None
    tracker: str | None
    kind: str = "text"
    command: str | None = None
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Opened:
    """A conversation as found when a message arrives; `claimed`: this caller may run its turns."""

    conversation: Conversation
    claimed: bool


@dataclass(frozen=True)
class OfferedButtons:
    """Payloads of the buttons offered lately; of the last turn's, payload by title and by number.

    `rates`: a score from 1 to 10 was asked for last, so a bare number is one.
    """

    payloads: frozenset[str]
    titles: Mapping[str, str]
    numbered: tuple[str, ...] = ()
    rates: bool = False


@dataclass(frozen=True)
class NewMessage:
    """Something to be said to the customer; stored before it is sent. `kind` is text, or image for a picture."""

    sender: str
    text: str | None
    buttons: tuple[dict[str, Any], ...] = ()
    custom: dict[str, Any] | None = None
    agent: str | None = None
    reply_to: int | None = None
    asks: str | None = None
    kind: str = "text"
