"""Windows kept for a customer for some minutes while they decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.windows import Taken, Window
from bot.store.tables import window_holds

_T = window_holds.c
_WINDOW = (_T.starts_at, _T.ends_at, _T.bay_id, _T.technician_id)
_KEPT = timedelta(days=1)


class Holds:
    """The held windows; an expired one holds nothing, but still tells that it was offered."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def replace(
        self, holder: str, service_type: str, windows: Iterable[Window], now: datetime, until: datetime
    ) -> None:
        """Free what `holder` held and hold `windows` until `until`; long expired holds of others are swept away."""
        await self._connection.execute(
            window_holds.delete().where((_T.holder == holder) | (_T.expires_at < now - _KEPT))
        )
        rows = [
            {
                "holder": holder,
                "service_type": service_type,
                "starts_at": window.start,
                "ends_at": window.end,
                "bay_id": window.bay_id,
                "technician_id": window.technician_id,
                "expires_at": until,
            }
            for window in windows
        ]
        if rows:
            await self._connection.execute(window_holds.insert(), rows)

    async def release(self, holder: str) -> None:
        """Free what `holder` held."""
        await self._connection.execute(window_holds.delete().where(_T.holder == holder))

    async def taken(self, start: datetime, end: datetime, now: datetime, but: str) -> list[Taken]:
        """What others than `but` hold at `now` of the windows beginning in [start, end)."""
        query = sa.select(*_WINDOW).where(
            _T.starts_at >= start, _T.starts_at < end, _T.expires_at > now, _T.holder != but
        )
        return [Taken(*row) for row in await self._connection.execute(query)]

    async def of(self, holder: str, now: datetime | None = None) -> list[Window]:
        """The windows `holder` was offered last, by start; with `now` only those still held then."""
        query = sa.select(*_WINDOW).where(_T.holder == holder).order_by(_T.starts_at)
        if now is not None:
            query = query.where(_T.expires_at > now)
        return [Window(*row) for row in await self._connection.execute(query)]
