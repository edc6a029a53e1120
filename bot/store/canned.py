"""The dealer's own replies that are ready to send."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.canned import CannedReply
from bot.store.rows import all_rows, columns_of, first_row, insert_row, update_row
from bot.store.tables import canned_replies

_ALL = sa.select(*columns_of(canned_replies, CannedReply))


class CannedReplies:
    """The replies of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> list[CannedReply]:
        """Every reply, by title."""
        return await all_rows(self._connection, _ALL.order_by(canned_replies.c.title), CannedReply)

    async def get(self, reply_id: int) -> CannedReply | None:
        """The reply with this id."""
        return await first_row(self._connection, _ALL.where(canned_replies.c.id == reply_id), CannedReply)

    async def titled(self, title: str) -> CannedReply | None:
        """The reply of this title."""
        return await first_row(self._connection, _ALL.where(canned_replies.c.title == title), CannedReply)

    async def add(self, **values: Any) -> int:
        """A new reply; its id."""
        return await insert_row(self._connection, canned_replies, values)

    async def change(self, reply_id: int, **values: Any) -> None:
        """Change these columns of the reply."""
        await update_row(self._connection, canned_replies, reply_id, values)

    async def remove(self, reply_id: int) -> None:
        """Delete the reply."""
        await self._connection.execute(sa.delete(canned_replies).where(canned_replies.c.id == reply_id))
