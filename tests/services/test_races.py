"""Several processes want the last place: never two cars on one bay or technician, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.store.engine import Store
from bot.store.tables import appointments
from tests.services.racing import race
from tests.services.workshops import set_up


async def _stored(store: Store) -> list[tuple[int, int]]:
    async with store.reading() as uow:
        rows = await uow.connection.execute(sa.select(appointments.c.bay_id, appointments.c.technician_id))
        return [(row.bay_id, row.technician_id) for row in rows]


async def test_of_two_processes_booking_the_last_place_one_wins(store: Store, database_url: str, now: datetime) -> None:
    await set_up(store)
    start = now + timedelta(days=1)
    assert race(database_url, start, processes=2, attempts=1) == {"booked": 1, "refused": 1}
    assert await _stored(store) == [(1, 1)]


@pytest.mark.long
async def test_two_hundred_attempts_at_ten_places_book_ten(store: Store, database_url: str, now: datetime) -> None:
    await set_up(store, bays=10, skills=[["maintenance"]] * 10)
    start = now + timedelta(days=1)
    assert race(database_url, start, processes=4, attempts=50) == {"booked": 10, "refused": 190}
    stored = await _stored(store)
    assert len(stored) == 10
    assert {bay for bay, _ in stored} == {technician for _, technician in stored} == set(range(1, 11))
