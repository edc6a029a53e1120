"""Conversations: who owns them, and the claim that lets one router at a time run their turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import BOT, Conversation, Opened
from bot.business.handoffs import STEPPED_IN
from bot.store.renewing import renew
from bot.store.tables import Moment, conversations, handoffs, messages

# ruff: noqa: S608 - the statements below are put together from constants only
_FREE = "(conversations.claimed_until IS NULL OR conversations.claimed_until < :real_now)"
_RESULT = {
    "id": sa.BigInteger,
    "owner": sa.Text,
    "agent": sa.Text,
    "customer_id": sa.BigInteger,
    "claim_token": sa.Text,
}

# One statement finds or makes the conversation, notes the customer's message and claims it when nobody else has.
_OPEN = (
    sa.text(
        'INSERT INTO conversations (channel, "user", owner, created_at, last_customer_at, last_message_at,'
        " claim_token, claimed_until, source, quota_from, quick_from)"
        " VALUES (:channel, :user, 'bot', :at, :at, :at, :token, :until, :source, :quota_from, :quick_from)"
        ' ON CONFLICT (channel, "user") DO UPDATE SET last_customer_at = excluded.last_customer_at,'
        " last_message_at = excluded.last_message_at,"
        " unread = conversations.unread + CASE conversations.owner WHEN 'bot' THEN 0 ELSE 1 END,"
        f" claim_token = CASE WHEN {_FREE} THEN excluded.claim_token ELSE conversations.claim_token END,"
        f" claimed_until = CASE WHEN {_FREE} THEN excluded.claimed_until ELSE conversations.claimed_until END,"
        " source = coalesce(excluded.source, conversations.source), unreachable = NULL,"
        " quota_from = coalesce(excluded.quota_from, conversations.quota_from),"
        " quota_used = CASE WHEN excluded.quota_from IS NULL THEN conversations.quota_used ELSE 0 END,"
        " quick_from = excluded.quick_from, quick_used = 0"
        " RETURNING id, owner, agent, customer_id, claim_token"
    )
    .bindparams(
        *(sa.bindparam(name, type_=Moment) for name in ("at", "until", "real_now", "quota_from", "quick_from")),
        sa.bindparam("source", type_=sa.Text),
    )
    .columns(**_RESULT)
)
_CLAIM = (
    sa.text(
        "UPDATE conversations SET claim_token = :token, claimed_until = :until"
        f' WHERE id = :id AND {_FREE} RETURNING channel, "user", owner, agent, customer_id'
    )
    .bindparams(sa.bindparam("until", type_=Moment), sa.bindparam("real_now", type_=Moment))
    .columns(channel=sa.Text, user=sa.Text, owner=sa.Text, agent=sa.Text, customer_id=sa.BigInteger)
)
_PENDING = (
    "(SELECT min(m.id) FROM messages m WHERE m.conversation_id = conversations.id"
    " AND m.state = 'received' AND m.id > :done)"
)
# The claim is kept while another message waits: then its turn follows at once.
_FINISH = (
    sa.text(
        "UPDATE conversations SET last_message_at = :at,"
        f" claimed_until = CASE WHEN {_PENDING} IS NULL THEN NULL ELSE :until END"
        " WHERE id = :id AND claim_token = :token"
        f" RETURNING owner, agent, {_PENDING} AS pending,"
        " (SELECT count(*) FROM messages m WHERE m.id = :done AND m.state = 'received' AND m.attempts = :attempts)"
        " AS is_open"
    )
    .bindparams(sa.bindparam("at", type_=Moment), sa.bindparam("until", type_=Moment))
    .columns(owner=sa.Text, agent=sa.Text, pending=sa.BigInteger, is_open=sa.Boolean)
)


_ANNOUNCE = sa.text("SELECT pg_notify('bot_news', :payload)")


@dataclass(frozen=True)
class Ended:
    """A conversation at the end of a turn: who owns it, whether another message waits, whether this turn was open.

    It was not when its commit had been done before, unheard because the connection broke.
    """

    owner: str
    agent: str | None
    waits: bool
    was_open: bool


class Conversations:
    """The conversations of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(
        self,
        *,
        channel: str,
        user: str,
        at: datetime,
        token: str,
        until: datetime,
        real_now: datetime,
        is_message: bool = True,
        source: str | None = None,
    ) -> Opened:
        """The person's conversation, made if new; claimed for `token` until `until` (real time) when it is free.

        What the platform lets us send is opened anew: for long by a message, for a short while by anything else.
        """
        values = {
            "quota_from": real_now if is_message else None,
            "quick_from": None if is_message else real_now,
            "source": source,
            "channel": channel,
            "user": user,
            "at": at,
            "token": token,
            "until": until,
            "real_now": real_now,
        }
        row = (await self._connection.execute(_OPEN, values)).one()
        conversation = Conversation(row.id, channel, user, row.owner, row.agent, row.customer_id, at)
        return Opened(conversation, row.claim_token == token)

    async def claim(
        self, conversation_id: int, *, token: str, until: datetime, real_now: datetime
    ) -> Conversation | None:
        """The conversation, claimed for `token`; None when another router has it."""
        values = {"id": conversation_id, "token": token, "until": until, "real_now": real_now}
        row = (await self._connection.execute(_CLAIM, values)).one_or_none()
        if row is None:
            return None
        return Conversation(conversation_id, row.channel, row.user, row.owner, row.agent, row.customer_id)

    async def hold(self, tokens: Mapping[int, str], until: datetime) -> dict[int, datetime]:
        """Renew these claims until `until` (real time); the conversations still claimed by these tokens, till when."""
        return await renew(self._connection, conversations.c.claim_token, conversations.c.claimed_until, tokens, until)

    async def free_all(self, real_now: datetime) -> None:
        """Let go of all claims, those on sends too: for a database that no other process uses."""
        c, ended = conversations.c, real_now - timedelta(seconds=1)
        await self._connection.execute(
            sa.update(conversations).where(c.claimed_until > ended).values(claimed_until=ended)
        )
        # Who sends next can see from the token that a send was broken off.
        await self._connection.execute(sa.update(conversations).where(c.send_until > ended).values(send_until=ended))

    async def finish(
        self, conversation_id: int, *, token: str, done: int, attempts: int, at: datetime, until: datetime
    ) -> Ended | None:
        """Give the claim back after message `done`, tried `attempts` times before, or keep it until `until` when
        another message waits. None when the claim was lost meanwhile."""
        if self._connection.dialect.name == "postgresql":  # so that the next statement sees what came in meanwhile
            await self._connection.execute(
                sa.select(conversations.c.id).where(conversations.c.id == conversation_id).with_for_update()
            )
        values = {"id": conversation_id, "token": token, "done": done, "at": at, "until": until, "attempts": attempts}
        row = (await self._connection.execute(_FINISH, values)).one_or_none()
        return None if row is None else Ended(row.owner, row.agent, row.pending is not None, bool(row.is_open))

    async def give_back(self, conversation_id: int, *, token: str) -> None:
        """Let go of the claim, whatever waits."""
        await self._connection.execute(
            sa.update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.claim_token == token)
            .values(claimed_until=None)
        )

    async def left_over(self, real_now: datetime, limit: int) -> list[int]:
        """Conversations with a message nobody works on: after a crash, or whose next try is due."""
        waiting = (
            sa.select(messages.c.conversation_id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.state == sa.literal_column("'received'"))
            .where(sa.or_(conversations.c.claimed_until.is_(None), conversations.c.claimed_until < real_now))
            .where(sa.or_(messages.c.next_try_at.is_(None), messages.c.next_try_at <= real_now))
            .group_by(messages.c.conversation_id)
            .order_by(sa.func.min(messages.c.id))
            .limit(limit)
        )
        return list((await self._connection.execute(waiting)).scalars())

    async def find(self, channel: str, user: str) -> Conversation | None:
        """The person's conversation, if they have ever written."""
        return await self._one(conversations.c.channel == channel, conversations.c.user == user)

    async def get(self, conversation_id: int) -> Conversation | None:
        """The conversation with this id."""
        return await self._one(conversations.c.id == conversation_id)

    async def ensure(self, channel: str, user: str, at: datetime) -> Conversation:
        """The person's conversation, made at business time `at` if there is none yet."""
        found = await self.find(channel, user)
        if found is None:
            await self._connection.execute(
                sa.insert(conversations).values(channel=channel, user=user, owner=BOT, created_at=at)
            )
            found = await self.find(channel, user)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def source_of(self, channel: str, user: str) -> str | None:
        """Which adviser or poster led this person here."""
        query = sa.select(conversations.c.source).where(
            conversations.c.channel == channel, conversations.c.user == user
        )
        found: str | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found

    async def set_owner(self, conversation_id: int, owner: str, agent: str | None = None) -> None:
        """Hand the conversation to bot, queue or agent (DESIGN §5: exactly one owner at any time)."""
        await self._connection.execute(
            sa.update(conversations).where(conversations.c.id == conversation_id).values(owner=owner, agent=agent)
        )

    async def bind_customer(self, conversation_id: int, customer_id: int | None) -> None:
        """Remember which customer of the CRM this person has shown to be."""
        await self._connection.execute(
            sa.update(conversations).where(conversations.c.id == conversation_id).values(customer_id=customer_id)
        )

    async def is_unreachable(self, conversation_id: int) -> bool:
        """Whether nothing can be sent there: the person has unsubscribed or blocked us."""
        query = sa.select(conversations.c.unreachable).where(conversations.c.id == conversation_id)
        return (await self._connection.execute(query)).scalar() is not None

    async def announce(self, conversation_id: int) -> None:
        """Let other processes know of this transaction's news when it is committed (PostgreSQL only)."""
        await self.announce_topic(str(conversation_id))

    async def announce_topic(self, topic: str) -> None:
        """Let the desks of other processes know that this has changed, once it is committed (PostgreSQL only)."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(_ANNOUNCE, {"payload": topic})

    async def asked_for_person_at(self, conversation_id: int) -> datetime | None:
        """When a person was last asked for in this conversation; an agent who stepped in was not asked."""
        asked_for = (handoffs.c.conversation_id == conversation_id, handoffs.c.reason != STEPPED_IN)
        query = sa.select(sa.func.max(handoffs.c.requested_at)).where(*asked_for)
        asked: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return asked

    async def _one(self, *conditions: Any) -> Conversation | None:
        columns: Sequence[Any] = [conversations.c[name] for name in _COLUMNS]
        row = (await self._connection.execute(sa.select(*columns).where(*conditions))).one_or_none()
        return None if row is None else Conversation(**row._mapping)


_COLUMNS = ("id", "channel", "user", "owner", "agent", "customer_id", "last_customer_at")
