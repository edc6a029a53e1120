"""Closing bays, technicians or the whole workshop for a time, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.appointments import Appointment
from bot.business.refusals import InTheWay, InvalidValue, WindowFull
from bot.business.windows import Place
from bot.services import booking
from bot.services.agenda import agenda
from bot.services.blocking import block_time, unblock_time
from bot.store.engine import Store
from tests.services.workshops import request_for, set_up

NOBODY = Place()


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    """10:00 on the day after `now`."""
    return now.replace(hour=10) + timedelta(days=1)


async def _block(
    store: Store, now: datetime, start: datetime, place: Place, hours: int = 2, **more: Any
) -> list[Appointment]:
    given = {"end": start + timedelta(hours=hours), "reason": "设备维护", "agent": "小周", **more}
    async with store.transaction() as uow:
        return await block_time(uow, now, start=start, place=place, **given)


@pytest.mark.parametrize("place", [Place(bay_id=1), Place(technician_id=1), NOBODY])
async def test_nothing_is_booked_where_it_is_closed_until_it_is_open_again(
    store: Store, now: datetime, tomorrow: datetime, place: Place
) -> None:
    await set_up(store)
    assert await _block(store, now, tomorrow, place) == []
    with pytest.raises(WindowFull):
        async with store.transaction() as uow:
            await booking.book_appointment(uow, now, request_for(tomorrow))
    async with store.transaction() as uow:
        (block,) = await uow.workshop.blocks(tomorrow, tomorrow + timedelta(hours=1))
        assert block.reason == "设备维护"
        assert await unblock_time(uow, now, block_id=block.id, agent="小周")
        assert not await unblock_time(uow, now, block_id=block.id, agent="小周")
        assert (await booking.book_appointment(uow, now, request_for(tomorrow))).start == tomorrow
        entries = await uow.audit.about("blocked_time", str(block.id))
    assert [(entry.actor, entry.action) for entry in entries] == [("小周", "block"), ("小周", "unblock")]


async def test_visits_in_the_way_are_named_before_anything_is_closed(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    for number in (1, 2):
        async with store.transaction() as uow:
            await booking.book_appointment(uow, now, request_for(tomorrow, f"粤B1000{number}", user=f"u{number}"))
    with pytest.raises(InTheWay) as refused:
        await _block(store, now, tomorrow - timedelta(days=1), Place(technician_id=2), hours=48)
    assert refused.value.numbers == ("A-1002",)
    with pytest.raises(InTheWay) as all_of_it:
        await _block(store, now, tomorrow, NOBODY)
    assert all_of_it.value.numbers == ("A-1001", "A-1002")
    async with store.reading() as uow:
        assert await uow.workshop.blocks(now, tomorrow + timedelta(days=9)) == []
    (moved,) = await _block(store, now, tomorrow, Place(bay_id=2), anyway=True)
    assert moved.number == "A-1002"
    async with store.reading() as uow:
        (day,) = (await agenda(uow, now, first=tomorrow.date(), days=1, by="bay")).days
    disturbed = [entry.visit.number for column in day.columns for entry in column.entries if entry.disturbed]
    assert disturbed == ["A-1002"]


async def test_visits_move_to_free_places_and_nothing_changes_when_one_of_them_cannot(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=3, skills=[["maintenance"]] * 3)
    for number in (1, 2):
        async with store.transaction() as uow:
            await booking.book_appointment(uow, now, request_for(tomorrow, f"粤B1000{number}", user=f"u{number}"))
    assert await _block(store, now, tomorrow, Place(bay_id=1), rearrange=True) == []
    with pytest.raises(InTheWay) as refused:
        await _block(store, now, tomorrow, NOBODY, rearrange=True)
    assert refused.value.numbers == ("A-1001", "A-1002")
    async with store.transaction() as uow:
        await booking.book_appointment(uow, now, request_for(tomorrow + timedelta(hours=1), "粤B10003", user="u3"))
    with pytest.raises(InTheWay) as full:
        await _block(store, now, tomorrow, Place(bay_id=2), rearrange=True, hours=1)
    assert full.value.numbers == ("A-1002",)
    async with store.reading() as uow:
        places = [(each.number, each.bay_id) for each in await uow.appointments.between(tomorrow, tomorrow)]
        first, second = await uow.appointments.get("A-1001"), await uow.appointments.get("A-1002")
    assert (first.bay_id, second.bay_id, places) == (3, 2, [])


async def test_a_car_that_has_arrived_is_in_the_way(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    async with store.transaction() as uow:
        booked = await booking.book_appointment(uow, now, request_for(tomorrow))
        await booking.change_status(uow, now, number=booked.number, status="arrived")
    with pytest.raises(InTheWay):
        await _block(store, now, tomorrow, Place(bay_id=1), rearrange=True)
    (left,) = await _block(store, now, tomorrow, Place(bay_id=1), rearrange=True, anyway=True)
    assert left.number == booked.number


@pytest.mark.parametrize(
    ("place", "hours", "reason"), [(Place(9), 2, "x"), (NOBODY, -1, "x"), (NOBODY, 2, " "), (Place(1), -20, "x")]
)
async def test_a_closure_that_means_nothing_is_refused(
    store: Store, now: datetime, tomorrow: datetime, place: Place, hours: int, reason: str
) -> None:
    await set_up(store)
    with pytest.raises(InvalidValue):
        await _block(store, now, tomorrow, place, hours, reason=reason)
    with pytest.raises(InvalidValue):
        await _block(store, tomorrow, now, NOBODY)
