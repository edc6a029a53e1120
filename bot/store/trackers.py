"""The dialogue's memory: one text a conversation ("channel:user"), written after each turn."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import Moment, trackers

_PUT = sa.text(
    "INSERT INTO trackers (conversation, state, changed_at) VALUES (:conversation, :state, :at)"
    " ON CONFLICT (conversation) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at"
).bindparams(sa.bindparam("at", type_=Moment))


class Trackers:
    """The dialogue's memories of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, conversation: str) -> str | None:
        """The text kept for the conversation, None if there is none."""
        query = sa.select(trackers.c.state).where(trackers.c.conversation == conversation)
        found: str | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found

    async def save(self, conversation: str, state: str, at: datetime) -> None:
        """Keep the text in place of the one before."""
        await self._connection.execute(_PUT, {"conversation": conversation, "state": state, "at": at})

    async def delete(self, conversation: str) -> None:
        """Forget the conversation (deletion of a person's data)."""
        await self._connection.execute(sa.delete(trackers).where(trackers.c.conversation == conversation))

    async def names(self, limit: int = 1000) -> list[str]:
        """Conversations that have a memory, for Rasa's own tools."""
        query = sa.select(trackers.c.conversation).order_by(trackers.c.conversation).limit(limit)
        return list((await self._connection.execute(query)).scalars())
