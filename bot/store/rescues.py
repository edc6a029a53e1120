"""Rescue tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.rescues import Rescue
from bot.store.numbers import next_number
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, update_row
from bot.store.tables import conversations, messages, rescues

_ALL = columns_of(rescues, Rescue)
_OPEN = rescues.c.status == "open"
_NOT_ESCALATED = rescues.c.escalated_at.is_(None)


class Rescues:
    """The rescue tickets of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, **values: Any) -> Rescue:
        """A new ticket with these columns, numbered here."""
        number = await next_number(self._connection, "rescue")
        await insert_row(self._connection, rescues, {"number": number, **values})
        found = await self.by_number(number)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def by_number(self, number: str) -> Rescue | None:
        """The ticket with this number, locked against other writers until the transaction ends."""
        query = sa.select(*_ALL).where(rescues.c.number == number).with_for_update()
        return await first_row(self._connection, query, Rescue)

    async def place_shared(self, channel: str, user: str, since: datetime) -> tuple[dict[str, Any], str] | None:
        """Details and text of the place the person shared last, None when none since then."""
        query = (
            sa.select(messages.c.details, messages.c.text)
            .join(conversations, messages.c.conversation_id == conversations.c.id)
            .where(conversations.c.channel == channel, conversations.c.user == user)
            .where(messages.c.kind == "location", messages.c.time >= since)
            .order_by(messages.c.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else (row.details or {}, row.text or "")

    async def open_of(self, channel: str, user: str) -> Rescue | None:
        """The person's newest ticket that is not closed, locked until the transaction ends."""
        query = (
            sa.select(*_ALL)
            .where(rescues.c.channel == channel, rescues.c.user == user, rescues.c.status != "closed")
            .order_by(rescues.c.id.desc())
            .limit(1)
            .with_for_update()
        )
        return await first_row(self._connection, query, Rescue)

    async def closed_since(self, channel: str, user: str, since: datetime) -> Rescue | None:
        """The person's newest ticket if it has been closed since then."""
        theirs = (rescues.c.channel == channel, rescues.c.user == user, rescues.c.closed_at >= since)
        return await first_row(self._connection, sa.select(*_ALL).where(*theirs).order_by(rescues.c.id.desc()), Rescue)

    async def change(self, rescue_id: int, **values: Any) -> None:
        """Change these columns of the ticket."""
        await update_row(self._connection, rescues, rescue_id, values)

    async def news_due(self, now: datetime, limit: int = 200) -> list[str]:
        """Numbers of the open tickets whose callers are to hear news, who has waited longest first."""
        due = (_OPEN, rescues.c.next_news_at <= now)
        return await self._numbers(sa.select(rescues.c.number).where(*due).order_by(rescues.c.next_news_at), limit)

    async def late(self, now: datetime, limit: int = 200) -> list[str]:
        """Numbers of the open tickets not arranged in time that nobody was alerted about."""
        due = (_OPEN, _NOT_ESCALATED, rescues.c.arrange_by <= now)
        return await self._numbers(sa.select(rescues.c.number).where(*due).order_by(rescues.c.arrange_by), limit)

    async def take_news_due(self, number: str, now: datetime) -> Rescue | None:
        """The ticket as `news_due` finds it, locked; None when another process has it or it is no longer due."""
        return await self._take(number, rescues.c.next_news_at <= now)

    async def take_late(self, number: str, now: datetime) -> Rescue | None:
        """The ticket as `late` finds it, locked; None when another process has it or it is no longer late."""
        return await self._take(number, _NOT_ESCALATED, rescues.c.arrange_by <= now)

    async def page(self, *, status: str | None, after: int, limit: int) -> list[Rescue]:
        """One page of tickets by id, filtered by status."""
        query = sa.select(*_ALL)
        if status is not None:
            query = query.where(rescues.c.status == status)
        return await all_rows(self._connection, page_of(query, rescues.c.id, after, limit), Rescue)

    async def _take(self, number: str, *due: Any) -> Rescue | None:
        query = sa.select(*_ALL).where(rescues.c.number == number, _OPEN, *due).with_for_update(skip_locked=True)
        return await first_row(self._connection, query, Rescue)

    async def _numbers(self, query: Any, limit: int) -> list[str]:
        return list((await self._connection.execute(query.limit(limit))).scalars())
