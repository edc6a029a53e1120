"""What a sender needs of a platform: how words are drawn, how they are delivered, what can go wrong.

SendError
├── TryAgain        certainly not delivered: connection refused, server error, too fast (then `seconds` is set)
├── Doubtful        no answer in time: it may have arrived; never sent again by itself
├── Rejected        this message will never be taken
├── Unreachable     the person has blocked us, unsubscribed, or never existed
├── Closed          window or quota is closed until the person does something
├── Exhausted       the day's quota of the whole account is used up; nothing is sent for `seconds`
└── Misconfigured   token, right or address is wrong: nothing can be sent until somebody mends it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.business.conversations import IMAGE, Message
from bot.messages.allowance import Allowance


class SendError(Exception):
    """A send that did not end well; `reason` is a short code or sentence without a customer's words."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class TryAgain(SendError):
    """Not delivered; may be sent again, after `seconds` if the platform said so."""


class Doubtful(SendError):
    """Perhaps delivered."""


class Rejected(SendError):
    """Never to be delivered."""


class Unreachable(SendError):
    """Nothing reaches this person."""


class Closed(SendError):
    """Not before the person does something."""


class Exhausted(SendError):
    """Not before the account's quota is filled again, in `seconds`."""


class Misconfigured(SendError):
    """Not before the settings are mended."""


@dataclass(frozen=True)
class Letter:
    """Consecutive messages of one speaker in one turn; `parts_sent` of its parts went out before."""

    conversation_id: int
    channel: str
    user: str
    messages: tuple[Message, ...]
    allowance: Allowance
    parts_sent: int = 0
    attempts: int = 0
    at: datetime | None = None

    @property
    def with_reserve(self) -> bool:
        """Whether it may use up the reserve."""
        return bool((self.messages[0].custom or {}).get("reserve"))

    @property
    def is_optional(self) -> bool:
        """Whether it is not worth waiting for: what cannot go now, such as a survey, never goes."""
        return bool((self.messages[0].custom or {}).get("optional"))


@dataclass(frozen=True)
class Part:
    """One thing to send. `numbered`: the messages whose choices it shows as a numbered list; `free`: it costs nothing
    of the allowance and may go when nothing is left of it."""

    payload: Any
    numbered: tuple[int, ...] = ()
    free: bool = False


@dataclass(frozen=True)
class Receipt:
    """A part that was delivered: the platform's name of it, and how many messages of the allowance it took."""

    sent_id: str | None = None
    messages: int = 1


class Platform(Protocol):
    """One channel's way out."""

    name: str

    def parts(self, letter: Letter) -> Sequence[Part]:
        """How the letter is drawn here, in order; the same letter always gives the same parts.

        Parts that were sent stay the same whatever the allowance and the hour. Raises SendError for a letter that
        cannot go now.
        """

    async def deliver(self, letter: Letter, part: Part) -> str | Receipt | None:
        """Send one part; the platform's name of the sent message if it gives one. Raises SendError only."""

    async def typing(self, user: str) -> None:
        """Show that an answer is being written; never raises."""


def letters(messages: Sequence[Message]) -> list[tuple[Message, ...]]:
    """The messages grouped as they are said: one turn of the bot, or one agent's lines, together."""
    grouped: list[list[Message]] = []
    for message in messages:
        if grouped and _belongs(grouped[-1][-1], message):
            grouped[-1].append(message)
        else:
            grouped.append([message])
    return [tuple(group) for group in grouped]


def _belongs(before: Message, after: Message) -> bool:
    if before.custom or after.custom or before.sender != after.sender or IMAGE in (before.kind, after.kind):
        return False  # a picture is a message of its own on every platform
    if after.sender == "agent":
        return before.agent == after.agent
    return before.reply_to is not None and before.reply_to == after.reply_to
