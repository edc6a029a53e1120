"""What every platform's channel is made of and offers: a way in, a way out, files, and its troubles in words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from bot.business.conversations import Incoming, MediaRef
from bot.messages.allowance import AllowanceRules
from bot.messages.inbox import Delivery, Inbox
from bot.messages.media import Fetched
from bot.messages.ports import Clock, Phrase, Store
from bot.messages.router import Router
from bot.messages.senders import Senders
from bot.messages.sending import Platform
from bot.messages.turns import Answered

__all__ = ["Channel", "Fetched", "Intake"]

_TYPING_AFTER = 1.0
# In a rush the signs would only delay the answers.
_MOST_SIGNS = 32


class Channel(Protocol):
    """One platform, switched on."""

    name: str
    platform: Platform
    rules: AllowanceRules | None

    @property
    def trouble(self) -> str | None:
        """Why nothing comes in, as a sentence for the dealer's people; None while all is well."""

    async def start(self) -> None:
        """Begin to take in messages; a platform that is away is tried again, never raised."""

    async def stop(self) -> None:
        """Take in nothing more; what is under way may still be sent."""

    async def close(self) -> None:
        """Give back connections, after the senders have ended."""

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        """The file, of at most `largest` bytes; raises SendError (TryAgain, Rejected, Misconfigured)."""


@dataclass
class Intake:
    """What a channel hands its messages to."""

    store: Store
    clock: Clock
    inbox: Inbox
    router: Router
    senders: Senders
    phrase: Phrase
    _typing: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, incoming: Incoming) -> Delivery:
        """Store the message and start its turn; the platform may be told "received" when this has returned.

        Raises StoreUnavailable, and nothing is stored then.
        """
        delivery = await self.inbox.take(incoming)
        if delivery.claim is not None:
            self.router.run(delivery.claim)
        if delivery.fresh and len(self._typing) < _MOST_SIGNS:
            self._show_typing(delivery, incoming)
        return delivery

    def _show_typing(self, delivery: Delivery, incoming: Incoming) -> None:
        """When the turn takes longer than a second."""
        answered = self.router.expect(delivery.message_id)
        later = asyncio.get_running_loop().call_later(_TYPING_AFTER, self._type, answered, incoming)
        answered.add_done_callback(lambda _: later.cancel())

    def _type(self, answered: asyncio.Future[Answered], incoming: Incoming) -> None:
        answered.cancel()
        task = asyncio.create_task(self.senders.typing(incoming.channel, incoming.user))
        self._typing.add(task)
        task.add_done_callback(self._typing.discard)

