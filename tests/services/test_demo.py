"""The demo dealership, on both databases."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest

from bot.business.vins import is_valid_vin
from bot.business.warranty import add_months
from bot.services import booking
from bot.services.demo import fill_demo
from bot.services.demo_agents import DEMO_AGENTS
from bot.services.demo_records import VEHICLES
from bot.services.workshop_basics import fill_basics
from bot.store import tables
from bot.store.engine import Store
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine
from tests.running import settings_for
from tests.services.workshops import count_of


async def _fill(store: Store, now: datetime) -> bool:
    async with store.transaction() as uow:
        return await fill_demo(uow, now)


async def test_the_people_of_the_design_are_there(store: Store, now: datetime) -> None:
    assert await _fill(store, now)
    async with store.reading() as uow:
        li = await uow.customers.by_phone("13800138001")
        assert li is not None
        assert [car.plate for car in await uow.vehicles.of_customer(li.id)] == ["粤B8K321", "粤B5T678"]
        suteng = await uow.vehicles.by_plate("粤B8K321")
        order = await uow.work_orders.find("WO-1001")
        wang = await uow.customers.by_phone("13900139002")
        chen = await booking.open_appointments(uow, now, plate="粤BD12345")
        zhao = await uow.customers.by_phone("13600136004")
        complaints = await uow.complaints.page(plate="京N88A66", phone=None, status="open", level=3, after=0, limit=5)
    assert suteng is not None
    assert (suteng.mileage_km, suteng.bought_on) == (38_500, add_months(now.date(), -20))
    assert order is not None
    assert (order.stage, order.promised_at) == ("in_repair", now.replace(hour=17))
    assert wang is not None
    assert wang.points == 1200
    assert [visit.start for visit in chen] == [now.replace(hour=10) + timedelta(days=1)]
    assert zhao is not None
    assert zhao.vip
    assert len(complaints) == 1


async def test_the_extra_item_waits_for_consent(store: Store, now: datetime) -> None:
    await _fill(store, now)
    async with store.transaction() as uow:
        car = await uow.vehicles.by_plate("粤B66D88")
        assert car is not None
        (extra,) = await uow.work_orders.waiting_proposals(car.id)
    assert (extra.price_fen, extra.status) == (68_000, "waiting")


async def test_filling_twice_changes_nothing(store: Store, now: datetime) -> None:
    await _fill(store, now)
    assert not await _fill(store, now + timedelta(hours=5))
    async with store.reading() as uow:
        assert await count_of(uow, tables.customers) == 4
        assert await count_of(uow, tables.appointments) == 1


async def test_an_old_demo_moves_forward_to_today(store: Store, now: datetime) -> None:
    await _fill(store, now)
    later = now + timedelta(days=40, hours=7)  # 2026-04-19 16:00
    assert await _fill(store, later)
    async with store.reading() as uow:
        order = await uow.work_orders.find("WO-1001")
        chen = await booking.open_appointments(uow, later, plate="粤BD12345")
        car = await uow.vehicles.by_plate("粤B8K321")
        complaints = await uow.complaints.page(plate="京N88A66", phone=None, status="open", level=3, after=0, limit=5)
        assert await count_of(uow, tables.service_history) == 9
    tomorrow = later.replace(hour=10) + timedelta(days=1)
    assert order is not None
    assert order.promised_at == tomorrow.replace(hour=17)
    assert [visit.start for visit in chen] == [tomorrow]
    assert car is not None
    assert car.bought_on == add_months(later.date(), -20)
    assert complaints[0].deadline > later


async def test_a_dealers_own_database_is_left_alone(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await uow.customers.add({"surname": "孙", "phone": "13500135000"}, now)
    assert not await _fill(store, now)


async def test_the_workshop_is_filled_once(store: Store) -> None:
    async with store.transaction() as uow:
        assert await fill_basics(uow)
        assert not await fill_basics(uow)
        assert await count_of(uow, tables.bays) == 3
        assert await count_of(uow, tables.technicians) == 4


@pytest.mark.parametrize("day", [date(2026, 10, 1), date(2027, 2, 6)])
async def test_it_fills_on_a_holiday_too(store: Store, now: datetime, day: date) -> None:
    holiday = now.replace(year=day.year, month=day.month, day=day.day)
    assert await _fill(store, holiday)
    async with store.reading() as uow:
        order = await uow.work_orders.find("WO-1001")
        (chen,) = await booking.open_appointments(uow, holiday, plate="粤BD12345")
    assert order is not None
    assert order.promised_at is not None
    assert order.promised_at.date() == chen.start.date() > day


def test_every_vin_carries_its_check_digit() -> None:
    assert all(is_valid_vin(car["vin"]) for _, _, car in VEHICLES.values())


async def test_copies_that_start_at_once_on_an_empty_database_share_one_demo(database_url: str) -> None:
    copies = [Bot(settings_for(database_url, BOT_DEMO="1"), EchoEngine()) for _ in range(3)]
    try:
        await asyncio.gather(*(copy.start() for copy in copies))
        async with copies[0].store.reading() as uow:
            logins = [agent.login for agent in await uow.agents.all()]
        assert sorted(logins) == sorted(login for login, *_ in DEMO_AGENTS)
    finally:
        for copy in copies:
            await copy.stop()
