"""Two customers of a small dealership for tests: Li with two cars, one in repair; Wang with an extra item to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from bot.business.calendar import Hours
from bot.store import tables
from bot.store.unit_of_work import UnitOfWork

LI, WANG = "粤B8K321", "粤B66D88"
LI_PHONE, WANG_PHONE = "13800138001", "13900139002"
USUAL = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))


@dataclass(frozen=True)
class Keys:
    """The ids of what was stored."""

    li: int
    li_car: int
    wang: int
    wang_car: int


async def fill(uow: UnitOfWork, now: datetime) -> Keys:
    """Store opening hours (every day), the customers, cars and the work orders WO-1 and WO-2."""
    await uow.calendar.set_week(dict.fromkeys(range(7), USUAL))
    li = await _customer(uow, now, surname="李", title="女士", phone=LI_PHONE)
    wang = await _customer(uow, now, surname="王", title="先生", phone=WANG_PHONE, points=1200)
    li_car = await _vehicle(uow, now, customer_id=li, plate=LI, model="速腾", bought_on=date(2024, 7, 10))
    await _vehicle(uow, now, customer_id=li, plate="粤B5T678", model="途观L")
    wang_car = await _vehicle(uow, now, customer_id=wang, plate=WANG, model="迈腾", mileage_km=61_000)
    promised = now + timedelta(hours=2)
    first = {"number": "WO-1", "vehicle_id": li_car, "customer_id": li, "stage": "in_repair", "promised_at": promised}
    await uow.work_orders.add(now, **first)
    second = await uow.work_orders.add(
        now, number="WO-2", vehicle_id=wang_car, customer_id=wang, stage="awaiting_consent", total_fen=100_00
    )
    pads = {"item": "前刹车片", "reason": "厚度不足", "price_fen": 680_00, "minutes": 60}
    await uow.work_orders.propose(second.id, proposed_at=now, **pads)
    return Keys(li, li_car, wang, wang_car)


async def _customer(uow: UnitOfWork, now: datetime, **values: Any) -> int:
    return await uow.customers.add(values, now)


async def _vehicle(uow: UnitOfWork, now: datetime, **values: Any) -> int:
    return await uow.vehicles.add(values, now)


async def rows(uow: UnitOfWork, table: sa.Table) -> list[Any]:
    """All rows of a table."""
    return list((await uow.connection.execute(sa.select(table))).all())


async def everything_stored(uow: UnitOfWork) -> str:
    """Every value of every table, as one text to search in."""
    return "\n".join([str(row) for table in tables.metadata.sorted_tables for row in await rows(uow, table)])
