"""Leases: what only one process may do at a time, for so long; real time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import Moment, leases

_TAKE = (
    sa.text(
        "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
        " WHERE leases.holder = excluded.holder OR leases.until < :real_now RETURNING holder"
    )
    .bindparams(sa.bindparam("until", type_=Moment), sa.bindparam("real_now", type_=Moment))
    .columns(holder=sa.Text)
)


class Leases:
    """The leases of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def acquire(self, name: str, holder: str, until: datetime, real_now: datetime) -> bool:
        """Whether `holder` has the lease until `until` now: it was free, run out, or its own."""
        values = {"name": name, "holder": holder, "until": until, "real_now": real_now}
        return (await self._connection.execute(_TAKE, values)).first() is not None

    async def release(self, name: str, holder: str) -> None:
        """Give it back, if `holder` still has it."""
        await self._connection.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    async def free_all(self) -> None:
        """Nobody has any lease now; for the only process on a database."""
        await self._connection.execute(sa.delete(leases))

    async def is_held(self, name: str, real_now: datetime) -> bool:
        """Whether somebody has the lease now."""
        query = sa.select(leases.c.until).where(leases.c.name == name)
        until = (await self._connection.execute(query)).scalar_one_or_none()
        return until is not None and until >= real_now
