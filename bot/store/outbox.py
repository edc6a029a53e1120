"""What is to be sent: what has become of each message, and what is used up of each person's allowance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import Message, Spent
from bot.store.messages import MESSAGE_COLUMNS, message_of
from bot.store.tables import Moment, conversations, messages

_C = conversations.c
_M = messages.c
_QUEUED = _M.state == sa.literal_column("'queued'")
_WAITING = _M.state == sa.literal_column("'waiting'")
_BECAME = sa.text(
    "UPDATE messages SET state = :state, error = :error, next_try_at = NULL, platform_sent_id = :sent_id,"
    " sent_at = coalesce(:sent_at, sent_at) WHERE id IN :ids"
).bindparams(
    sa.bindparam("sent_at", type_=Moment),
    sa.bindparam("error", type_=sa.Text),
    sa.bindparam("sent_id", type_=sa.Text),
    sa.bindparam("ids", expanding=True),
)
# It has waited long enough: `next_try_at` is past, so that it waits for no more words either.
_WAKE = sa.text(
    "UPDATE messages SET state = 'queued', error = NULL, next_try_at = :long_ago, attempts = 0"
    " WHERE conversation_id = :id AND state = 'waiting' RETURNING sender, reply_to"
).bindparams(sa.bindparam("long_ago", type_=Moment))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Outbox:
    """The outbox of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def sent_as(self, conversation_id: int, sent_id: str, before: datetime) -> tuple[Message, ...]:
        """What went out under this name before a moment of real time, in order."""
        query = (
            sa.select(*MESSAGE_COLUMNS)
            .where(_M.conversation_id == conversation_id, _M.platform_sent_id == sent_id, _M.sent_at < before)
            .order_by(_M.id)
        )
        return tuple(message_of(row) for row in (await self._connection.execute(query)).all())

    async def became(
        self,
        message_ids: Sequence[int],
        state: str,
        *,
        at: datetime,
        error: str | None = None,
        sent_id: str | None = None,
    ) -> None:
        """What has become of these messages: sent (`at` real time), failed, unknown or waiting."""
        sent_at = at if state in ("sent", "unknown") else None
        values = {"state": state, "error": error, "sent_id": sent_id, "sent_at": sent_at, "ids": list(message_ids)}
        await self._connection.execute(_BECAME, values)

    async def try_again(self, message_id: int, at: datetime, error: str) -> None:
        """Not delivered: due again at `at` (real time)."""
        values = {"next_try_at": at, "error": error, "attempts": _M.attempts + 1}
        await self._connection.execute(sa.update(messages).where(_M.id == message_id).values(**values))

    async def part_sent(self, message_id: int, parts: int) -> None:
        """So many parts of the letter that begins with this message are out."""
        await self._connection.execute(sa.update(messages).where(_M.id == message_id).values(parts_sent=parts))

    async def numbered(self, message_ids: Collection[int]) -> None:
        """The choices of these messages were sent as a numbered list."""
        await self._connection.execute(sa.update(messages).where(_M.id.in_(message_ids)).values(numbered=True))

    async def keep_used(self, conversation_id: int, spent: Spent) -> None:
        """Remember what is used up of the person's allowance, unless they have opened a new one meanwhile."""
        now = await self.used_of(conversation_id)
        used = spent.used if now.opened_at == spent.opened_at else now.used
        quick_used = spent.quick_used if now.quick_at == spent.quick_at else now.quick_used
        await self._change(conversation_id, quota_used=used, quick_used=quick_used)

    async def used_of(self, conversation_id: int) -> Spent:
        """What is used up of the person's allowance."""
        columns = _C.quota_from, _C.quick_from, _C.quota_used, _C.quick_used
        return Spent(*(await self._connection.execute(sa.select(*columns).where(_C.id == conversation_id))).one())

    async def opened_since(self, conversation_id: int, used: Spent) -> bool:
        """Whether the person has opened another allowance; they cannot before this transaction has ended."""
        query = sa.select(_C.quota_from, _C.quick_from).where(_C.id == conversation_id)
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update()
        row = (await self._connection.execute(query)).one()
        return (row.quota_from, row.quick_from) != (used.opened_at, used.quick_at)

    async def wake_waiting(self, conversation_id: int) -> bool:
        """The person did something: what waited for it is queued again; whether an answer or agent's words did."""
        rows = (await self._connection.execute(_WAKE, {"id": conversation_id, "long_ago": _LONG_AGO})).all()
        return any(row.reply_to is not None or row.sender == "agent" for row in rows)

    async def withdraw_answers(self, message_id: int) -> None:
        """What was said to this customer's message and has not left yet is outdated and is not sent."""
        query = sa.update(messages).where(_M.reply_to == message_id, sa.or_(_QUEUED, _WAITING))
        await self._connection.execute(query.values(state="failed", error="outdated"))

    async def waiting(self, conversation_id: int) -> int:
        """How many messages to this person wait until they write."""
        query = sa.select(sa.func.count()).where(_M.conversation_id == conversation_id, _WAITING)
        count: int = (await self._connection.execute(query)).scalar_one()
        return count

    async def has_plea(self, conversation_id: int) -> bool:
        """Whether a message that may use the reserve is queued for this person."""
        query = sa.select(_M.custom).where(_M.conversation_id == conversation_id, _QUEUED)
        return any((custom or {}).get("reserve") for custom in (await self._connection.execute(query)).scalars())

    async def reachable(self, conversation_id: int, reason: str | None) -> None:
        """Note why the person cannot be written to, or None when they can again."""
        await self._change(conversation_id, unreachable=reason)

    async def give_up(self, conversation_id: int, reason: str) -> int:
        """Everything queued or waiting for this person fails; how many messages that were."""
        query = sa.update(messages).where(_M.conversation_id == conversation_id, sa.or_(_QUEUED, _WAITING))
        gone: int = (await self._connection.execute(query.values(state="failed", error=reason))).rowcount
        return gone

    async def oldest(self) -> dict[tuple[str, str], datetime]:
        """By channel and state (received, queued, waiting): the business time of the oldest message in it."""
        query = (
            sa.select(_C.channel, _M.state, sa.func.min(_M.time).label("oldest"))
            .join(conversations, _C.id == _M.conversation_id)
            .where(sa.or_(_QUEUED, _WAITING, _M.state == sa.literal_column("'received'")))
            .group_by(_C.channel, _M.state)
        )
        rows = (await self._connection.execute(query)).all()
        return {(row.channel, row.state): row.oldest for row in rows}

    async def _change(self, conversation_id: int, **values: Any) -> None:
        await self._connection.execute(sa.update(conversations).where(_C.id == conversation_id).values(**values))
