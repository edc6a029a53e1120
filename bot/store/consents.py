"""What people agreed to, in which words, and when."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.rows import insert_row
from bot.store.tables import consents


class Consents:
    """The consents of the store; the newest of a kind counts."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        now: datetime,
        *,
        channel: str,
        user: str,
        customer_id: int | None,
        kind: str,
        given: bool,
        wording: str,
    ) -> None:
        """Note a yes or no."""
        row = {"channel": channel, "user": user, "customer_id": customer_id, "kind": kind}
        await insert_row(self._connection, consents, {**row, "given": given, "wording": wording, "time": now})

    async def latest(self, channel: str, user: str, kind: str) -> bool | None:
        """The person's last answer, None when never asked."""
        query = (
            sa.select(consents.c.given)
            .where(consents.c.channel == channel, consents.c.user == user, consents.c.kind == kind)
            .order_by(consents.c.id.desc())
            .limit(1)
        )
        given: bool | None = (await self._connection.execute(query)).scalar_one_or_none()
        return given
