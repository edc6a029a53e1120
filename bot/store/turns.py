"""Customers' messages that wait for their turn: which is the next, and what became of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import Pending
from bot.store.tables import Moment, messages

_NEXT = sa.text(
    "SELECT m.id, m.text, m.kind, m.command, m.details, m.time, m.attempts,"
    " (SELECT p.time FROM messages p WHERE p.conversation_id = m.conversation_id AND p.id < m.id"
    " AND p.sender = 'customer' ORDER BY p.id DESC LIMIT 1) AS previous_at,"
    " (SELECT t.state FROM trackers t WHERE t.conversation = :key) AS tracker"
    " FROM messages m WHERE m.conversation_id = :conversation_id AND m.state = 'received' AND m.id > :after"
    " ORDER BY m.id LIMIT 1"
).columns(
    id=sa.BigInteger,
    text=sa.Text,
    kind=sa.Text,
    command=sa.Text,
    details=sa.JSON,
    time=Moment,
    attempts=sa.Integer,
    previous_at=Moment,
    tracker=sa.Text,
)
_DONE = sa.text(
    "UPDATE messages SET state = 'done', next_try_at = NULL"
    " WHERE conversation_id = :conversation_id AND state = 'received' AND id <= :id"
)
_LARGEST_ALBUM = 12


class Turns:
    """The turns of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def next_turn(self, conversation_id: int, key: str, after: int = 0) -> Pending | None:
        """The oldest message with an id above `after` that waits for its turn, with the dialogue's memory."""
        values = {"conversation_id": conversation_id, "key": key, "after": after}
        row = (await self._connection.execute(_NEXT, values)).one_or_none()
        if row is None:
            return None
        return Pending(
            row.id,
            row.text or "",
            row.time,
            row.attempts,
            row.previous_at,
            row.tracker,
            row.kind,
            row.command,
            row.details,
        )

    async def mark_done(self, conversation_id: int, message_id: int) -> None:
        """The message, and any older one that could not be answered, needs no turn any more."""
        await self._connection.execute(_DONE, {"conversation_id": conversation_id, "id": message_id})

    async def mark_misread(self, message_id: int, intent: str) -> None:
        """The customer's message was not understood; `intent` is what it was guessed to be."""
        await self._connection.execute(sa.update(messages).where(messages.c.id == message_id).values(intent=intent))

    async def try_again(self, message_id: int, at: datetime, real_now: datetime) -> None:
        """The turn failed: another try is due at `at`.

        A try before its time, because the person has written again meanwhile, does not count.
        """
        m = messages.c
        was_due = sa.or_(m.next_try_at.is_(None), m.next_try_at <= real_now)
        query = sa.update(messages).where(m.id == message_id, was_due)
        await self._connection.execute(query.values(attempts=m.attempts + 1, next_try_at=at))

    async def waits(self, conversation_id: int) -> bool:
        """Whether a customer's message waits for its first turn or is in it."""
        query = sa.select(messages.c.id).where(
            messages.c.conversation_id == conversation_id,
            messages.c.state == sa.literal_column("'received'"),
            messages.c.attempts == 0,
        )
        return (await self._connection.execute(query.limit(1))).first() is not None

    async def album_answered(self, conversation_id: int, group: str, before: int) -> bool:
        """Whether an earlier message of the same album has been received in this conversation."""
        query = (
            sa.select(messages.c.details)
            .where(messages.c.conversation_id == conversation_id, messages.c.sender == "customer")
            .where(messages.c.id < before)
            .order_by(messages.c.id.desc())
            .limit(_LARGEST_ALBUM)
        )
        rows = (await self._connection.execute(query)).scalars()
        return any((details or {}).get("group") == group for details in rows)

    async def tapped_before(self, conversation_id: int, before: int) -> str | None:
        """The button (message:place) of the customer's message before this one, None when that was no tap."""
        query = (
            sa.select(messages.c.details)
            .where(messages.c.conversation_id == conversation_id, messages.c.sender == "customer")
            .where(messages.c.id < before)
            .order_by(messages.c.id.desc())
            .limit(1)
        )
        details = (await self._connection.execute(query)).scalar()
        return (details or {}).get("tapped")
