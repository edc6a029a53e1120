"""A small workshop for tests: so many bays and technicians, open every day 08:30-12:00 and 13:00-17:30."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from bot.business.appointments import BookingRequest
from bot.business.calendar import Hours
from bot.business.offers import Offer
from bot.business.windows import Window, Wish
from bot.services.offers import offer_windows
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork

MINUTES = {"maintenance": 60, "repair": 90, "accident": 120, "tyre": 45, "inspection": 30, "recall": 60}
USUAL = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))


async def set_up(
    store: Store, *, bays: int = 1, skills: Sequence[Sequence[str]] = (tuple(MINUTES),), **rules: int
) -> None:
    """Fill an empty store; one technician for each entry of `skills`; `rules` are those of WorkshopRules."""
    async with store.transaction() as uow:
        execute = uow.connection.execute
        for code, minutes in MINUTES.items():
            await execute(
                tables.service_types.insert().values(code=code, name=code, minutes=minutes, low_fen=100, high_fen=200)
            )
        for number in range(1, bays + 1):
            await execute(tables.bays.insert().values(name=f"bay {number}"))
        for number, codes in enumerate(skills, 1):
            await execute(tables.technicians.insert().values(id=number, name=f"technician {number}"))
            for code in codes:
                await execute(tables.technician_skills.insert().values(technician_id=number, service_type=code))
        await uow.calendar.set_week(dict.fromkeys(range(7), USUAL))
        for key, value in {"buffer_minutes": 0, **rules}.items():
            await uow.settings.put(key, str(value))


def request_for(start: datetime, plate: str = "粤B12345", user: str = "u1", **other: Any) -> BookingRequest:
    """A booking of maintenance by web."""
    window = Window(start, start + timedelta(hours=1), 1, 1)
    values: dict[str, Any] = {"surname": "李", "title": "女士", "phone": "13800138009", **other}
    values.setdefault("service_type", "maintenance")
    return BookingRequest(channel="web", user=user, window=window, plate=plate, **values)


async def offered(store: Store, now: datetime, wish: Wish | None, holder: str = "web:u1", **other: Any) -> Offer:
    """Windows for maintenance, held for the holder."""
    async with store.transaction() as uow:
        return await offer_windows(uow, now, wish=wish, holder=holder, **{"service_type": "maintenance", **other})


async def count_of(uow: UnitOfWork, table: sa.Table) -> int:
    """How many rows a table has."""
    return int((await uow.connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())
