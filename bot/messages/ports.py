"""What the message path needs from outside: the store, the business clock, the bot's own sentences."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.business.conversations import Conversation, Pending
from bot.services.notices import Said


class Store(Protocol):
    """Units of work that write and that read (the nouns are those of services/ports.py)."""

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """Committed on a clean exit, rolled back on an exception."""

    def reading(self) -> AbstractAsyncContextManager[Any]:
        """A consistent view without changes."""


class Clock(Protocol):
    """The business clock."""

    def now(self) -> datetime:
        """The dealer's time, aware."""


class Phrase(Protocol):
    """The sentences of domain.yml."""

    def __call__(self, name: str, **values: Any) -> str:
        """The text of the response `name` with its variables filled in."""


class Phrasebook(Phrase, Protocol):
    """The sentences of domain.yml with their buttons."""

    def buttons(self, name: str, **values: Any) -> list[dict[str, str]]:
        """Title and payload of each button of the response `name` with its variables filled in."""


# What happens with a customer's message of which the dialogue hears nothing, because people own the conversation or
# because it is a shared place: (uow, now, conversation, message, its intent where known); what is said to it, None
# when nobody waited for it.
WhileSilent = Callable[[Any, datetime, Conversation, Pending, str | None], Awaitable[Said | None]]


@dataclass(frozen=True)
class Limits:
    """Lengths in characters, times in seconds of real time."""

    message: int = 5_000
    turn: float = 20.0
    claim: float = 15.0
    sweep: float = 5.0
    turns_at_once: int = 16
    tries: int = 20
