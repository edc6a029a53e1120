"""Takes in what customers write: stored once, however often the platform delivers it, and claimed for its turn."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.business.bare_words import is_bare
from bot.business.closing_words import closes_talk
from bot.business.conversations import AGENT, BOT, FETCHED, Conversation, Incoming, Pending, state_when_stored
from bot.messages import figures
from bot.messages.allowance import MESSAGE
from bot.messages.cleaning import cleaned
from bot.messages.ports import Clock, Store
from bot.messages.together import Together
from bot.services.answering import customer_wrote
from bot.services.identity import bind_verified_phone

log = logging.getLogger(__name__)

_EDIT_IS_FRESH = timedelta(minutes=10)
# Among the details of a message that is nothing but the word for which unsaid answers waited.
FETCHES = "fetches"


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

    def __init__(self, store: Store, clock: Clock, claim_seconds: float = 15.0) -> None:
        self._store = store
        self._clock = clock
        self._claim = timedelta(seconds=claim_seconds)
        self._together = Together(self._take_alone, self._take_many)

    async def receive(self, *, channel: str, user: str, text: str, platform_id: str | None = None) -> Delivery:
        """Take in a message that is nothing but text."""
        return await self.take(Incoming(channel, user, text, platform_id))

    async def take(self, incoming: Incoming) -> Delivery:
        """Store what came in one transaction; a `platform_id` known in this conversation gives the existing message.

        The conversation is claimed at the same time when nobody else works on it, what waited for a word of this
        person is queued again, and a phone that the platform vouches for binds the account. Raises StoreUnavailable,
        and nothing is stored then.
        """
        try:
            delivery = await self._together.do(incoming)
        except _DeliveredBefore as repeated:
            figures.REPEATED.labels(incoming.channel).inc()
            return repeated.delivery
        figures.RECEIVED.labels(incoming.channel).inc()
        log.info("received message=%s channel=%s", delivery.message_id, incoming.channel)
        return delivery

    async def lost(self, *, channel: str, user: str, reason: str) -> None:
        """The person cannot be written to any more (unsubscribed, blocked): what is unsent fails for `reason`."""
        async with self._store.transaction() as uow:
            conversation = await uow.conversations.find(channel, user)
            if conversation is not None:
                await uow.outbox.reachable(conversation.id, reason)
                await uow.outbox.give_up(conversation.id, reason)

    async def found_again(self, *, channel: str, user: str) -> None:
        """The person lets us write to them again."""
        async with self._store.transaction() as uow:
            conversation = await uow.conversations.find(channel, user)
            if conversation is not None:
                await uow.outbox.reachable(conversation.id, None)

    async def edited(
        self, *, channel: str, user: str, platform_id: str, text: str, notice: str | None = None
    ) -> Conversation | None:
        """A customer has changed what they wrote: kept for people to see, not run again.

        The conversation when `notice` is said about it: about another text, soon, and while the bot speaks.
        """
        changed, now = cleaned(text), self._clock.now()
        async with self._store.transaction() as uow:
            conversation: Conversation | None = await uow.conversations.find(channel, user)
            before = await uow.messages.by_platform_id(conversation.id, platform_id) if conversation else None
            if conversation is None or before is None:
                return None
            await uow.messages.edited(conversation.id, platform_id, changed)
            await uow.conversations.announce(conversation.id)
            known = (before.details or {}).get("edited", before.text)
            if not notice or conversation.owner != BOT or known == changed or now - before.time > _EDIT_IS_FRESH:
                return None
            state = state_when_stored(channel)
            await uow.messages.add(conversation.id, sender="system", text=notice, state=state, time=now)
        return conversation

    async def _take_alone(self, incoming: Incoming) -> Delivery:
        async with self._store.transaction() as uow:
            return await self._take(uow, incoming)

    async def _take_many(self, incomings: Sequence[Incoming]) -> list[Delivery | None]:
        """What came in at the same time, in one transaction; None for what has to be taken alone."""
        taken: dict[int, Delivery] = {}
        async with self._store.transaction() as uow:
            several = await _new_and_plain(uow, incomings)
            for place in sorted(several, key=lambda place: (incomings[place].channel, incomings[place].user, place)):
                taken[place] = await self._take(uow, incomings[place])  # always in this order, against deadlocks
        return [taken.get(place) for place in range(len(incomings))]

    async def _take(self, uow: Any, incoming: Incoming) -> Delivery:
        token, at, real = new_token(), self._clock.now(), real_now()
        until = real + self._claim
        opened = await uow.conversations.open(
            channel=incoming.channel,
            user=incoming.user,
            at=at,
            token=token,
            until=until,
            real_now=real,
            is_message=incoming.act == MESSAGE,
            source=incoming.source,
        )
        conversation = opened.conversation
        fetches = await _wakes_answers(uow, conversation, incoming) and is_bare(incoming.text)
        key = await _store_message(uow, conversation, incoming, at, fetches and incoming.kind == "text")
        if key is None:
            known = await uow.messages.by_platform_id(conversation.id, incoming.platform_id)
            raise _DeliveredBefore(Delivery(conversation, known.id, fresh=False))
        await _store_what_came_with_it(uow, conversation, incoming, key, at)
        if conversation.owner == AGENT and _waits_for_answer(incoming) and not fetches:
            await customer_wrote(uow, at, conversation.id)
        if not opened.claimed:
            return Delivery(conversation, key, fresh=True)
        pending = await uow.turns.next_turn(conversation.id, conversation.key)
        return Delivery(conversation, key, True, Claim(conversation, token, until, pending))


async def _new_and_plain(uow: Any, incomings: Sequence[Incoming]) -> list[int]:
    """The places of those that touch nothing but their own conversation and that have not come before."""
    first: dict[tuple[str, str, str], int] = {}
    for place, incoming in enumerate(incomings):
        if incoming.platform_id is not None and incoming.phone is None:
            first.setdefault((incoming.channel, incoming.user, incoming.platform_id), place)
    for channel in {channel for channel, _, _ in first}:
        names = [(user, platform_id) for which, user, platform_id in first if which == channel]
        for user, platform_id in await uow.messages.delivered(channel, names):
            del first[(channel, user, platform_id)]
    return list(first.values())


def _waits_for_answer(incoming: Incoming) -> bool:
    """Whether an agent owes an answer to it; thanks and a tap ask for none."""
    return incoming.act == MESSAGE and not (incoming.kind == "text" and closes_talk(incoming.text))


async def _wakes_answers(uow: Any, conversation: Conversation, incoming: Incoming) -> bool:
    """Queue again what waited for an act of this person; whether there was an answer or an agent's words among it."""
    if incoming.channel in FETCHED:
        return False
    woken: bool = await uow.outbox.wake_waiting(conversation.id)
    return woken


async def _store_message(
    uow: Any, conversation: Conversation, incoming: Incoming, at: datetime, fetches: bool
) -> int | None:
    details = dict(incoming.details or {})
    if incoming.group:
        details["group"] = incoming.group
    if fetches:
        details[FETCHES] = True
    key: int | None = await uow.messages.receive(
        conversation.id,
        text=cleaned(incoming.text),
        platform_id=incoming.platform_id,
        time=at,
        kind=incoming.kind,
        command=incoming.command,
        details=details,
    )
    return key


async def _store_what_came_with_it(
    uow: Any, conversation: Conversation, incoming: Incoming, message_id: int, at: datetime
) -> None:
    if incoming.media is not None:
        await uow.media.add(message_id, incoming.media)
    if incoming.phone is not None:
        await bind_verified_phone(uow, at, channel=incoming.channel, user=incoming.user, phone=incoming.phone)
