"""Vehicles and what was done to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.maintenance import ServiceRecord
from bot.business.people import Vehicle
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, phone_is, update_row
from bot.store.tables import customers, service_history, vehicles

_T = vehicles.c
_READ = sa.select(*columns_of(vehicles, Vehicle))


class Vehicles:
    """The vehicles the dealer looks after."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, vehicle_id: int) -> Vehicle | None:
        """The vehicle with this id."""
        return await first_row(self._connection, _READ.where(_T.id == vehicle_id), Vehicle)

    async def by_plate(self, plate: str) -> Vehicle | None:
        """The vehicle with this plate."""
        return await first_row(self._connection, _READ.where(_T.plate == plate), Vehicle)

    async def of_customer(self, customer_id: int) -> list[Vehicle]:
        """The vehicles of a customer, the longest known first."""
        query = _READ.where(_T.customer_id == customer_id).order_by(_T.id)
        return await all_rows(self._connection, query, Vehicle)

    async def add(self, now: datetime, **values: Any) -> Vehicle:
        """A new vehicle with these columns."""
        key = await insert_row(self._connection, vehicles, {"created_at": now, **values})
        found = await self.get(key)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def change(self, vehicle_id: int, now: datetime, **values: Any) -> None:
        """Change these columns of the vehicle."""
        await update_row(self._connection, vehicles, vehicle_id, {"changed_at": now, **values})

    async def history(self, vehicle_id: int, limit: int = 50) -> list[ServiceRecord]:
        """Past visits, the latest first."""
        table = service_history.c
        query = sa.select(table.done_on, table.mileage_km, table["items"]).where(table.vehicle_id == vehicle_id)
        rows = await self._connection.execute(query.order_by(table.done_on.desc(), table.id.desc()).limit(limit))
        return [ServiceRecord(row[0], row[1], frozenset(row[2] or ())) for row in rows]

    async def page(self, *, plate: str | None, phone: str | None, after: int, limit: int) -> list[Vehicle]:
        """One page of vehicles by id."""
        query = _READ
        if plate:
            query = query.where(_T.plate == plate)
        if phone:
            query = query.where(_T.customer_id.in_(sa.select(customers.c.id).where(phone_is(customers.c.phone, phone))))
        return await all_rows(self._connection, page_of(query, _T.id, after, limit), Vehicle)
