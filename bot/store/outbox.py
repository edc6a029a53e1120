"""What is still to be sent: which conversations, which messages, and who sends them; all on real time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import Message, Spent
from bot.store.messages import MESSAGE_COLUMNS
from bot.store.renewing import renew
from bot.store.tables import Moment, conversations, messages

_C = conversations.c
_M = messages.c
_QUEUED = _M.state == sa.literal_column("'queued'")
_WAITING = _M.state == sa.literal_column("'waiting'")
# ruff: noqa: S608 - the statements below are put together from constants only


@dataclass(frozen=True)
class Used:
    """What was used up of a person's allowance."""

    opened_at: datetime | None
    used: int
    quick_at: datetime | None
    quick_used: int


@dataclass(frozen=True)
class SendClaim:
    """The right to send to one person until the claim runs out; `repeated`: another sender's claim ran out; `held`:
    the first message has waited for more, or for another try."""

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
_PERSON_NAMES = "channel, \"user\", unreachable, quota_from, quota_used, quick_from, quick_used"
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
        if not _is_due(queued, real_now):
            await self._change(conversation_id, send_token=None, send_until=None)
            return None
        await self._change(conversation_id, send_token=token, send_until=until)
        return _claim(conversation_id, token, row, queued, repeated=row.send_token not in (None, token))

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
            return _claim(conversation_id, token, row, queued)
        await self.let_go(conversation_id, token)
        return None

    async def go_on(
        self, conversation_id: int, *, token: str, until: datetime, real_now: datetime, spent: Spent
    ) -> SendClaim | None:
        """Keep what was spent, and the claim when something more is due now; None, and the claim is free, when not."""
        queued = await self._queued(conversation_id)
        goes_on = _is_due(queued, real_now)
        row = await self._after(conversation_id, token, until, spent, goes_on)
        return _claim(conversation_id, token, row, queued) if row is not None and goes_on else None

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

    async def sent_as(self, conversation_id: int, sent_id: str, before: datetime) -> tuple[Message, ...]:
        """What went out under this name before a moment of real time, in order."""
        query = (
            sa.select(*MESSAGE_COLUMNS)
            .where(_M.conversation_id == conversation_id, _M.platform_sent_id == sent_id, _M.sent_at < before)
            .order_by(_M.id)
        )
        return tuple(_message(row) for row in (await self._connection.execute(query)).all())

    async def hold(self, tokens: Mapping[int, str], until: datetime) -> set[int]:
        """Renew these claims until `until` (real time); the conversations that are still claimed by these tokens."""
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

    async def wait_for_more(self, conversation_id: int, message_id: int, *, token: str, until: datetime) -> None:
        """The message is not sent before `until` (real time), so that others can go with it; the claim is let go."""
        await self.let_go(conversation_id, token)
        await self._connection.execute(sa.update(messages).where(_M.id == message_id).values(next_try_at=until))

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

    async def used_of(self, conversation_id: int) -> Used:
        """What is used up of the person's allowance."""
        row = (await self._connection.execute(sa.select(*_PERSON).where(_C.id == conversation_id))).one()
        return Used(row.quota_from, row.quota_used, row.quick_from, row.quick_used)

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
        return list((await self._connection.execute(_READ, {"id": conversation_id})).all())

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


def _is_due(queued: Sequence[Any], real_now: datetime) -> bool:
    """Whether the first of them may be sent now; the others wait for it."""
    return bool(queued) and (queued[0].next_try_at is None or queued[0].next_try_at <= real_now)


def _claim(conversation_id: int, token: str, row: Any, queued: Sequence[Any], repeated: bool = False) -> SendClaim:
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
        repeated,
        queued[0].next_try_at is not None,
    )


def _message(row: Any) -> Message:
    values = {column.name: row[index] for index, column in enumerate(MESSAGE_COLUMNS)}
    return Message(**{**values, "buttons": tuple(values["buttons"] or ())})
