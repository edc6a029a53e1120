"""A vehicle's stays at the workshop: bills of its history and its work orders."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.guarantees import Visit
from bot.store.tables import appointments, service_history, work_orders

_GONE = ("delivered", "followed_up")
_TOLD = ("location", "problem", "noise")


class Repairs:
    """What was done to vehicles, from both places it is written down in."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_vehicle(self, vehicle_id: int, limit: int = 500) -> list[Visit]:
        """Bills and work orders of the vehicle, the latest of each first; cars not yet brought in are left out."""
        return [*await self._bills(vehicle_id, limit), *await self._orders(vehicle_id, limit)]

    async def _bills(self, vehicle_id: int, limit: int) -> list[Visit]:
        t = service_history.c
        query = sa.select(t.id, t.number, t.service_type, t.summary, t["items"], t.done_on, t.mileage_km)
        query = query.where(t.vehicle_id == vehicle_id).order_by(t.done_on.desc()).limit(limit)
        rows = (await self._connection.execute(query)).all()
        return [
            Visit(row.number or f"#{row.id}", row.service_type, _words(row.summary, row[4]), row.done_on, None, row[6])
            for row in rows
        ]

    async def _orders(self, vehicle_id: int, limit: int) -> list[Visit]:
        t, a = work_orders.c, appointments.c
        query = (
            sa.select(t.number, a.service_type, t.work, a.symptoms, t.stage, t.opened_at, t.delivered_at, t.changed_at)
            .add_columns(t.mileage_km)
            .select_from(work_orders.outerjoin(appointments, t.appointment_id == a.id))
            .where(t.vehicle_id == vehicle_id, t.stage != "booked")
            .order_by(t.id.desc())
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        return [
            Visit(row.number, row.service_type, _work(row), row.opened_at, _left(row), row.mileage_km) for row in rows
        ]


def _words(summary: str, items: Any) -> str:
    return "，".join([summary, *(str(item) for item in items or ())]).strip("，")


def _work(row: Any) -> str:
    """The work as written, with what the customer had told when booking it."""
    told = row.symptoms or {}
    symptoms = "".join(str(span) for name in _TOLD for span in told.get(name) or ())
    return "，".join(each for each in (row.work, symptoms) if each)


def _left(row: Any) -> Any:
    return (row.delivered_at or row.changed_at) if row.stage in _GONE else None
