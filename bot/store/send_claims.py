"""Who sends what is queued for a person: one sender at a time, until its claim runs out; all on real time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import Message, Spent
from bot.store.messages import MESSAGE_COLUMNS, message_of
from bot.store.renewing import renew
from bot.store.tables import Moment, conversations, messages

_C = conversations.c
_M = messages.c
_QUEUED = _M.state == sa.literal_column("'queued'")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)
# ruff: noqa: S608 - the statements below are put together from constants only


@dataclass(frozen=True)
class SendClaim:
    """The right to send to one person until the claim runs out; `repeated`: another sender's claim ran out; `held`:
    the first message has waited for more, or for another try."""

    conversation_id: int
    channel: str
    user: str
    token: str
    until: datetime
    unreachable: str | None
    used: Spent
    messages: tuple[Message, ...]
    parts_sent: int
    attempts: int
    repeated: bool
    held: bool = False


# The statements of every single message are texts: SQLAlchemy takes longer to put one together than SQLite to run it.
_COLUMNS = [*MESSAGE_COLUMNS, _M.next_try_at, _M.parts_sent, _M.attempts]
_READ = (
    sa.text(
        f"SELECT {', '.join(column.name for column in _COLUMNS)} FROM messages"
        " WHERE conversation_id = :id AND state = 'queued' ORDER BY id LIMIT 20"
    )
    .bindparams(sa.bindparam("id", type_=sa.BigInteger))
    .columns(*_COLUMNS)
)
_PERSON_NAMES = 'channel, "user", unreachable, quota_from, quota_used, quick_from, quick_used'
_RESULT = {
    "channel": sa.Text,
    "user": sa.Text,
    "unreachable": sa.Text,
    "quota_from": Moment,
    "quota_used": sa.Integer,
    "quick_from": Moment,
    "quick_used": sa.Integer,
}
_CLAIM_STORED = (
    sa.text(
        "UPDATE conversations SET send_token = :token, send_until = :until"
        f" WHERE id = :id AND send_until IS NULL RETURNING {_PERSON_NAMES}"
    )
    .bindparams(sa.bindparam("until", type_=Moment))
    .columns(**_RESULT)
)
_GO_ON = (
    sa.text(
        "UPDATE conversations SET"
        " send_token = CASE WHEN :goes_on THEN send_token ELSE NULL END,"
        " send_until = CASE WHEN :goes_on THEN :until ELSE NULL END,"
        " quota_used = CASE WHEN coalesce(quota_from, :long_ago) = :opened_at THEN :used ELSE quota_used END,"
        " quick_used = CASE WHEN coalesce(quick_from, :long_ago) = :quick_at THEN :quick_used ELSE quick_used END"
        f" WHERE id = :id AND send_token = :token RETURNING {_PERSON_NAMES}"
    )
    .bindparams(
        *(sa.bindparam(name, type_=Moment) for name in ("until", "long_ago", "opened_at", "quick_at")),
        sa.bindparam("goes_on", type_=sa.Boolean),
        sa.bindparam("used", type_=sa.Integer),
        sa.bindparam("quick_used", type_=sa.Integer),
    )
    .columns(**_RESULT)
)
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


class SendClaims:
    """The claims of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, conversation_id: int, *, token: str, until: datetime, real_now: datetime) -> SendClaim | None:
        """The person's queued messages, for this sender alone; None when none is due or another sender has them."""
        free = sa.or_(_C.send_until.is_(None), _C.send_until < real_now, _C.send_token == token)
        query = sa.select(*_PERSON).where(_C.id == conversation_id, free)
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        queued = await self._queued(conversation_id)
        if not _is_due(queued, real_now):
            await self._change(conversation_id, send_token=None, send_until=None)
            return None
        await self._change(conversation_id, send_token=token, send_until=until)
        return _claim(conversation_id, token, until, row, queued, repeated=row.send_token not in (None, token))

    async def claim_stored(
        self, conversation_id: int, *, token: str, until: datetime, real_now: datetime
    ) -> SendClaim | None:
        """As `claim`, for words stored in this very transaction, when nobody sends to this person."""
        values = {"id": conversation_id, "token": token, "until": until}
        row = (await self._connection.execute(_CLAIM_STORED, values)).one_or_none()
        if row is None:
            return None
        queued = await self._queued(conversation_id)
        if _is_due(queued, real_now):
            return _claim(conversation_id, token, until, row, queued)
        await self.let_go(conversation_id, token)
        return None

    async def go_on(
        self, conversation_id: int, *, token: str, until: datetime, real_now: datetime, spent: Spent
    ) -> SendClaim | None:
        """Keep what was spent, and the claim when something more is due now; None, and the claim is free, when not."""
        queued = await self._queued(conversation_id)
        goes_on = _is_due(queued, real_now)
        row = await self._after(conversation_id, token, until, spent, goes_on)
        return _claim(conversation_id, token, until, row, queued) if row is not None and goes_on else None

    async def put_back(self, conversation_id: int, *, token: str, spent: Spent) -> None:
        """Keep what was spent and let go of the claim."""
        await self._after(conversation_id, token, _LONG_AGO, spent, goes_on=False)

    async def _after(self, conversation_id: int, token: str, until: datetime, spent: Spent, goes_on: bool) -> Any:
        values = {
            "id": conversation_id,
            "token": token,
            "until": until,
            "goes_on": goes_on,
            "long_ago": _LONG_AGO,
            "opened_at": spent.opened_at or _LONG_AGO,
            "quick_at": spent.quick_at or _LONG_AGO,
            "used": spent.used,
            "quick_used": spent.quick_used,
        }
        return (await self._connection.execute(_GO_ON, values)).one_or_none()

    async def is_free(self, conversation_id: int, *, token: str, real_now: datetime) -> bool:
        """Whether `token` could claim the person now; on PostgreSQL nobody else can until this transaction ends."""
        free = sa.or_(_C.send_until.is_(None), _C.send_until < real_now, _C.send_token == token)
        query = sa.select(_C.id).where(_C.id == conversation_id, free)
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return (await self._connection.execute(query)).first() is not None

    async def hold(self, tokens: Mapping[int, str], until: datetime) -> dict[int, datetime]:
        """Renew these claims until `until` (real time); the conversations still claimed by these tokens, till when."""
        return await renew(self._connection, _C.send_token, _C.send_until, tokens, until)

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

    async def wait_for_more(self, conversation_id: int, message_id: int, *, token: str, until: datetime) -> None:
        """The message is not sent before `until` (real time), so that others can go with it; the claim is let go."""
        await self.let_go(conversation_id, token)
        await self._connection.execute(sa.update(messages).where(_M.id == message_id).values(next_try_at=until))

    async def _queued(self, conversation_id: int) -> list[Any]:
        return list((await self._connection.execute(_READ, {"id": conversation_id})).all())

    async def _change(self, conversation_id: int, **values: Any) -> None:
        await self._connection.execute(sa.update(conversations).where(_C.id == conversation_id).values(**values))


def _is_due(queued: Sequence[Any], real_now: datetime) -> bool:
    """Whether the first of them may be sent now; the others wait for it."""
    return bool(queued) and (queued[0].next_try_at is None or queued[0].next_try_at <= real_now)


def _claim(
    conversation_id: int, token: str, until: datetime, row: Any, queued: Sequence[Any], repeated: bool = False
) -> SendClaim:
    return SendClaim(
        conversation_id,
        row.channel,
        row.user,
        token,
        until,
        row.unreachable,
        Spent(row.quota_from, row.quick_from, row.quota_used, row.quick_used),
        tuple(message_of(each) for each in queued),
        queued[0].parts_sent,
        queued[0].attempts,
        repeated,
        queued[0].next_try_at is not None,
    )
