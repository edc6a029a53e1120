"""What is still to be sent: which conversations, which messages, and who sends them; all on real time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import Message
from bot.store.messages import MESSAGE_COLUMNS
from bot.store.tables import conversations, messages

_C = conversations.c
_M = messages.c
_QUEUED = _M.state == sa.literal_column("'queued'")
_WAITING = _M.state == sa.literal_column("'waiting'")
_MOST = 20


@dataclass(frozen=True)
class Used:
    """What was used up of a person's allowance."""

    opened_at: datetime | None
    used: int
    quick_at: datetime | None
    quick_used: int


@dataclass(frozen=True)
class SendClaim:
    """The right to send to one person until the claim runs out; `repeated`: another sender's claim ran out."""

    conversation_id: int
    channel: str
    user: str
    token: str
    unreachable: str | None
    used: Used
    messages: tuple[Message, ...]
    parts_sent: int
    attempts: int
    repeated: bool


class Outbox:
    """The outbox of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(
        self, conversation_id: int, *, token: str, until: datetime, real_now: datetime
    ) -> SendClaim | None:
        """The person's queued messages, for this sender alone; None when none is due or another sender has them."""
        free = sa.or_(_C.send_until.is_(None), _C.send_until < real_now, _C.send_token == token)
        query = sa.select(*_PERSON).where(_C.id == conversation_id, free)
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        queued = await self._queued(conversation_id)
        if not queued or (queued[0].next_try_at is not None and queued[0].next_try_at > real_now):
            await self._change(conversation_id, send_token=None, send_until=None)
            return None
        await self._change(conversation_id, send_token=token, send_until=until)
        return SendClaim(
            conversation_id,
            row.channel,
            row.user,
            token,
            row.unreachable,
            Used(row.quota_from, row.quota_used, row.quick_from, row.quick_used),
            tuple(_message(each) for each in queued),
            queued[0].parts_sent,
            queued[0].attempts,
            row.send_token not in (None, token),
        )

    async def is_free(self, conversation_id: int, *, token: str, real_now: datetime) -> bool:
        """Whether `token` could claim the person now; on PostgreSQL nobody else can until this transaction ends."""
        free = sa.or_(_C.send_until.is_(None), _C.send_until < real_now, _C.send_token == token)
        query = sa.select(_C.id).where(_C.id == conversation_id, free)
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return (await self._connection.execute(query)).first() is not None

    async def sent_as(self, conversation_id: int, sent_id: str, before: datetime) -> tuple[Message, ...]:
        """What went out under this name before a moment of real time, in order."""
        query = (
            sa.select(*MESSAGE_COLUMNS)
            .where(_M.conversation_id == conversation_id, _M.platform_sent_id == sent_id, _M.sent_at < before)
            .order_by(_M.id)
        )
        return tuple(_message(row) for row in (await self._connection.execute(query)).all())

    async def let_go(self, conversation_id: int, token: str) -> None:
        """Give the claim back."""
        await self._connection.execute(
            sa.update(conversations)
            .where(_C.id == conversation_id, _C.send_token == token)
            .values(send_token=None, send_until=None)
        )

    async def due(self, channel: str, real_now: datetime, limit: int = 100) -> list[int]:
        """Conversations of the channel with something to send that nobody sends."""
        query = (
            sa.select(_M.conversation_id)
            .join(conversations, _C.id == _M.conversation_id)
            .where(_QUEUED, _C.channel == channel)
            .where(sa.or_(_C.send_until.is_(None), _C.send_until < real_now))
            .group_by(_M.conversation_id)
            .having(sa.func.coalesce(sa.func.max(_M.next_try_at), real_now) <= real_now)
            .order_by(sa.func.min(_M.id))
            .limit(limit)
        )
        return list((await self._connection.execute(query)).scalars())

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
        values: dict[str, Any] = {"state": state, "error": error, "next_try_at": None, "platform_sent_id": sent_id}
        if state in ("sent", "unknown"):
            values["sent_at"] = at
        await self._connection.execute(sa.update(messages).where(_M.id.in_(message_ids)).values(**values))

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

    async def keep_used(self, conversation_id: int, used: int, quick_used: int) -> None:
        """Remember what is used up of the person's allowance."""
        await self._change(conversation_id, quota_used=used, quick_used=quick_used)

    async def used_of(self, conversation_id: int) -> Used:
        """What is used up of the person's allowance."""
        row = (await self._connection.execute(sa.select(*_PERSON).where(_C.id == conversation_id))).one()
        return Used(row.quota_from, row.quota_used, row.quick_from, row.quick_used)

    async def wake_waiting(self, conversation_id: int) -> None:
        """The person did something: what waited for it is queued again."""
        values = {"state": "queued", "error": None, "next_try_at": None, "attempts": 0}
        await self._connection.execute(
            sa.update(messages).where(_M.conversation_id == conversation_id, _WAITING).values(**values)
        )

    async def has_plea(self, conversation_id: int) -> bool:
        """Whether a message that may use the reserve is queued for this person."""
        return any((row.custom or {}).get("reserve") for row in await self._queued(conversation_id))

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

    async def _queued(self, conversation_id: int) -> list[Any]:
        query = (
            sa.select(*MESSAGE_COLUMNS, _M.next_try_at, _M.parts_sent, _M.attempts)
            .where(_M.conversation_id == conversation_id, _QUEUED)
            .order_by(_M.id)
            .limit(_MOST)
        )
        return list((await self._connection.execute(query)).all())

    async def _change(self, conversation_id: int, **values: Any) -> None:
        await self._connection.execute(sa.update(conversations).where(_C.id == conversation_id).values(**values))


_PERSON = [
    _C[name]
    for name in (
        "channel",
        "user",
        "unreachable",
        "send_token",
        "quota_from",
        "quota_used",
        "quick_from",
        "quick_used",
    )
]


def _message(row: Any) -> Message:
    values = {column.name: row[index] for index, column in enumerate(MESSAGE_COLUMNS)}
    return Message(**{**values, "buttons": tuple(values["buttons"] or ())})
