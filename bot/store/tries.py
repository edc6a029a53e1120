"""Guesses at somebody's identity, for the limit on them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.rows import insert_row
from bot.store.tables import identity_tries


class Tries:
    """The guesses of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, now: datetime, *, channel: str, user: str, plate: str, matched: bool) -> None:
        """Note a guess; what was guessed is not kept."""
        row = {"channel": channel, "user": user, "plate": plate, "matched": matched, "time": now}
        await insert_row(self._connection, identity_tries, row)

    async def wrong_of_person(self, channel: str, user: str, since: datetime) -> list[datetime]:
        """When this person guessed wrong since then."""
        return await self._wrong(since, identity_tries.c.channel == channel, identity_tries.c.user == user)

    async def wrong_of_plate(self, plate: str, since: datetime) -> list[datetime]:
        """When anybody guessed wrong about this plate, known or not, since then."""
        return await self._wrong(since, identity_tries.c.plate == plate)

    async def _wrong(self, since: datetime, *conditions: object) -> list[datetime]:
        query = (
            sa.select(identity_tries.c.time)
            .where(*conditions, identity_tries.c.matched.is_(False), identity_tries.c.time >= since)
            .order_by(identity_tries.c.time)
        )
        return list((await self._connection.execute(query)).scalars())
