"""Renews claims on conversations, of turns and of sends alike, all of a process at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.tables import conversations


async def renew(
    connection: AsyncConnection,
    token: ColumnElement[str],
    until_column: ColumnElement[datetime],
    tokens: Mapping[int, str],
    until: datetime,
) -> dict[int, datetime]:
    """Renew these claims until `until` (real time); the conversations still claimed by these tokens, and till when.

    On PostgreSQL a conversation that another transaction is changing just now is left for the next time: waiting for
    one while holding others would end in a deadlock with those who take in a rush of messages.
    """
    key = conversations.c.id
    ours = sa.select(key).where(key.in_(tokens), token.in_(set(tokens.values())), until_column.is_not(None))
    free = ours
    if connection.dialect.name == "postgresql":
        free = ours.with_for_update(skip_locked=True)
    renewed = sa.update(conversations).where(key.in_(free.scalar_subquery())).values({until_column: until})
    await connection.execute(renewed.execution_options(synchronize_session=False))
    return {row.id: row[1] for row in await connection.execute(ours.add_columns(until_column))}
