"""Takes in what customers write: stored once, however often the platform delivers it, and claimed for its turn."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from bot.business.conversations import Conversation, Pending
from bot.messages import figures
from bot.messages.cleaning import cleaned
from bot.messages.ports import Clock, Store


@dataclass(frozen=True)
class Claim:
    """The right to run the turns of one conversation until `until` (real time), beginning with `pending`."""

    conversation: Conversation
    token: str
    until: datetime
    pending: Pending


@dataclass(frozen=True)
class Delivery:
    """A stored customer message; `fresh` is False when it had been delivered before."""

    conversation: Conversation
    message_id: int
    fresh: bool
    claim: Claim | None = None


class _DeliveredBefore(Exception):
    """Rolls back what a repeated delivery had begun."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()
        self.delivery = delivery


def real_now() -> datetime:
    """The time of claims and retries; never the business clock."""
    return datetime.now(timezone.utc)


def new_token() -> str:
    """A name for one claim that nobody else uses."""
    return secrets.token_hex(8)


class Inbox:
    """Where every channel hands in messages."""

    def __init__(self, store: Store, clock: Clock, claim_seconds: float = 45.0) -> None:
        self._store = store
        self._clock = clock
        self._claim = timedelta(seconds=claim_seconds)

    async def receive(self, *, channel: str, user: str, text: str, platform_id: str | None = None) -> Delivery:
        """Store the message in one transaction; a `platform_id` known in this conversation gives the existing one.

        The conversation is claimed at the same time when nobody else works on it. Raises StoreUnavailable, and
        nothing is stored then.
        """
        try:
            delivery = await self._receive(channel, user, cleaned(text), platform_id)
        except _DeliveredBefore as repeated:
            figures.REPEATED.labels(channel).inc()
            return repeated.delivery
        figures.RECEIVED.labels(channel).inc()
        return delivery

    async def _receive(self, channel: str, user: str, text: str, platform_id: str | None) -> Delivery:
        token, at, real = new_token(), self._clock.now(), real_now()
        until = real + self._claim
        async with self._store.transaction() as uow:
            opened = await uow.conversations.open(
                channel=channel, user=user, at=at, token=token, until=until, real_now=real
            )
            conversation = opened.conversation
            key = await uow.messages.receive(conversation.id, text=text, platform_id=platform_id, time=at)
            if key is None:
                known = await uow.messages.by_platform_id(conversation.id, platform_id)
                raise _DeliveredBefore(Delivery(conversation, known.id, fresh=False))
            if not opened.claimed:
                return Delivery(conversation, key, fresh=True)
            pending = await uow.messages.next_turn(conversation.id, conversation.key)
        return Delivery(conversation, key, True, Claim(conversation, token, until, pending))
