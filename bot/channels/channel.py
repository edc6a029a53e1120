"""What every platform's channel is made of and offers: a way in, a way out, files, and its troubles in words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from bot.business.conversations import Incoming, MediaRef
from bot.messages.allowance import AllowanceRules
from bot.messages.inbox import Claim, Delivery, Inbox
from bot.messages.media import Fetched
from bot.messages.news import News
from bot.messages.ports import Clock, Phrase, Store
from bot.messages.router import Router
from bot.messages.senders import Senders
from bot.messages.sending import Platform
from bot.messages.turns import Answered

__all__ = ["Channel", "Fetched", "Intake"]

_TYPING_AFTER = 1.0
# In a rush the signs would only delay the answers.
_MOST_SIGNS = 32
# With more than so many messages just being stored there is a rush; turns wait for its end, at most so many seconds.
_RUSH = 8
_HELD_FOR = 3.0


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
    news: News = field(default_factory=News)
    _typing: set[asyncio.Task[None]] = field(default_factory=set)
    _held: list[Claim] = field(default_factory=list)
    _coming: int = 0

    async def take(self, incoming: Incoming) -> Delivery:
        """Store the message and start its turn; the platform may be told "received" when this has returned.

        Raises StoreUnavailable, and nothing is stored then.
        """
        self._coming += 1
        try:
            delivery = await self.inbox.take(incoming)
        finally:
            self._coming -= 1
            self._end_of_rush()
        if delivery.claim is not None:
            self._begin(delivery.claim)
        if delivery.fresh:
            self._show_typing(delivery, incoming)
        return delivery

    def _begin(self, claim: Claim) -> None:
        """Start the turn; in a rush what comes in is stored first, and the turns begin soon after."""
        if self._coming <= _RUSH:
            return self.router.run(claim)
        if not self._held:
            asyncio.get_running_loop().call_later(_HELD_FOR, self._release)
        self._held.append(claim)
        return None

    def _end_of_rush(self) -> None:
        if self._held and not self._coming:
            self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for claim in held:
            self.router.run(claim)

    def _show_typing(self, delivery: Delivery, incoming: Incoming) -> None:
        """When the turn takes longer than a second."""
        answered = self.router.expect(delivery.message_id)
        later = asyncio.get_running_loop().call_later(_TYPING_AFTER, self._type, answered, incoming)
        answered.add_done_callback(lambda _: later.cancel())

    def _type(self, answered: asyncio.Future[Answered], incoming: Incoming) -> None:
        answered.cancel()
        if len(self._typing) >= _MOST_SIGNS:
            return
        task = asyncio.create_task(self.senders.typing(incoming.channel, incoming.user))
        self._typing.add(task)
        task.add_done_callback(self._typing.discard)
