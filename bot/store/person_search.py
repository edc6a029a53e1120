"""Finds customers and vehicles by what an agent types."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.person_file import FoundVehicle
from bot.business.person_search import PersonSearch
from bot.store import tables as t
from bot.store.rows import all_rows, columns_of

_RECORDS = {"A": t.appointments, "WO": t.work_orders, "C": t.complaints, "R": t.rescues}


class PersonSearches:
    """Searches over the CRM."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def customers(self, search: PersonSearch, after: int, limit: int) -> list[int]:
        """The keys of the customers it finds, from above `after`, in order; merged ones count as their survivor."""
        c = t.customers.c
        cars = sa.select(t.vehicles.c.customer_id).where(_of_vehicle(search))
        hits = sa.select(c.id).where(sa.or_(_of_customer(search), c.id.in_(cars), c.id.in_(_by_number(search))))
        survivor = sa.func.coalesce(c.merged_into, c.id)
        query = sa.select(survivor).where(c.id.in_(hits), survivor > after, c.deleted_at.is_(None))
        return list((await self._connection.execute(query.distinct().order_by(survivor).limit(limit))).scalars())

    async def ownerless(self, search: PersonSearch, limit: int) -> list[FoundVehicle]:
        """The vehicles it finds that belong to nobody."""
        v = t.vehicles
        by_number = v.c.id.in_(_vehicles_by_number(search))
        query = sa.select(*columns_of(v, FoundVehicle)).where(
            v.c.customer_id.is_(None), sa.or_(_of_vehicle(search), by_number)
        )
        return await all_rows(self._connection, query.order_by(v.c.id).limit(limit), FoundVehicle)


def _of_customer(search: PersonSearch) -> Any:
    c = t.customers.c
    conditions: list[Any] = []
    if search.phone:
        conditions.append(c.phone == search.phone)
    if search.phone_tail:
        conditions.append(c.phone.endswith(search.phone_tail, autoescape=True))
    if search.surname:
        conditions += [c.surname == search.surname]
    if search.name:
        conditions += [c.name.startswith(search.name, autoescape=True), c.surname + c.title == search.name]
    return sa.or_(sa.false(), *conditions)


def _of_vehicle(search: PersonSearch) -> Any:
    v = t.vehicles.c
    conditions: list[Any] = []
    if search.plate:
        conditions.append(v.plate == search.plate)
    if search.plate_part:
        conditions.append(v.plate.contains(search.plate_part, autoescape=True))
    if search.vin_tail:
        conditions.append(v.vin.endswith(search.vin_tail, autoescape=True))
    return sa.or_(sa.false(), *conditions)


def _by_number(search: PersonSearch) -> Any:
    """The customers of the record with this number."""
    table = _RECORDS.get((search.number or "").split("-")[0])
    if table is None:
        cars = t.vehicles.c.id.in_(_vehicles_by_number(search))
        return sa.select(t.vehicles.c.customer_id).where(cars)
    return sa.select(table.c.customer_id).where(table.c.number == search.number)


def _vehicles_by_number(search: PersonSearch) -> Any:
    """The vehicle of the work order, visit or past visit with this number."""
    numbered = search.number or ""
    source = t.service_history if numbered.startswith("H-") else t.work_orders
    return sa.select(source.c.vehicle_id).where(source.c.number == numbered)
