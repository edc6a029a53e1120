"""Rescue tickets."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.rescues import Rescue
from bot.store.numbers import next_number
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, update_row
from bot.store.tables import rescues

_ALL = columns_of(rescues, Rescue)


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

    async def change(self, rescue_id: int, **values: Any) -> None:
        """Change these columns of the ticket."""
        await update_row(self._connection, rescues, rescue_id, values)

    async def page(self, *, status: str | None, after: int, limit: int) -> list[Rescue]:
        """One page of tickets by id, filtered by status."""
        query = sa.select(*_ALL)
        if status is not None:
            query = query.where(rescues.c.status == status)
        return await all_rows(self._connection, page_of(query, rescues.c.id, after, limit), Rescue)
