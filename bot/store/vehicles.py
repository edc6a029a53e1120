"""Vehicles and what was done to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.maintenance import ServiceRecord, items_in
from bot.business.people import Vehicle
from bot.store.tables import customers, service_history, vehicles

_T = vehicles.c
_READ = sa.select(*(_T[field.name] for field in fields(Vehicle)))


class Vehicles:
    """The vehicles the dealer looks after."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, vehicle_id: int) -> Vehicle | None:
        """The vehicle with this key."""
        return await self._one(_READ.where(_T.id == vehicle_id))

    async def by_plate(self, plate: str) -> Vehicle | None:
        """The vehicle with this plate."""
        return await self._one(_READ.where(_T.plate == plate))

    async def by_vin(self, vin: str) -> Vehicle | None:
        """The vehicle with this VIN."""
        return await self._one(_READ.where(_T.vin == vin))

    async def of_customer(self, customer_id: int) -> list[Vehicle]:
        """The vehicles of a customer, the longest known first."""
        rows = await self._connection.execute(_READ.where(_T.customer_id == customer_id).order_by(_T.id))
        return [Vehicle(*row) for row in rows]

    async def add(self, values: Mapping[str, Any], now: datetime) -> int:
        """Store a new vehicle; gives back the key."""
        done = await self._connection.execute(vehicles.insert().values(created_at=now, **values))
        return int(done.inserted_primary_key[0])

    async def change(self, vehicle_id: int, values: Mapping[str, Any], now: datetime) -> None:
        """Change fields by their column names."""
        await self._connection.execute(vehicles.update().where(_T.id == vehicle_id).values(changed_at=now, **values))

    async def history(self, vehicle_id: int, limit: int = 50) -> list[ServiceRecord]:
        """Past visits, the latest first; a maintenance without a list of items counts as the basic one."""
        table = service_history.c
        query = sa.select(table.done_on, table.mileage_km, table["items"], table.summary, table.service_type)
        query = query.where(table.vehicle_id == vehicle_id).order_by(table.done_on.desc(), table.id.desc())
        return [
            ServiceRecord(row[0], row[1], _items(row)) for row in await self._connection.execute(query.limit(limit))
        ]

    async def listed(self, filters: Mapping[str, Any], after: int, limit: int) -> list[Vehicle]:
        """Vehicles by key, from after the key `after`; filters plate, vin, model, customer_id, phone."""
        query = _READ
        for name, value in filters.items():
            if name == "phone":
                query = query.where(_T.customer_id.in_(sa.select(customers.c.id).where(customers.c.phone == value)))
            else:
                query = query.where(_T[name] == value)
        rows = await self._connection.execute(query.where(_T.id > after).order_by(_T.id).limit(limit))
        return [Vehicle(*row) for row in rows]

    async def _one(self, query: Any) -> Vehicle | None:
        row = (await self._connection.execute(query)).first()
        return None if row is None else Vehicle(*row)


def _items(row: Any) -> frozenset[str]:
    told = " ".join([*(str(item) for item in row[2] or ()), row.summary])
    return items_in(told) | (frozenset({"service"}) if row.service_type == "maintenance" else frozenset())
