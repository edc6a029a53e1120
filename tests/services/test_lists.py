"""Lists of customers, vehicles and work orders for agents and the API."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.business.refusals import InvalidValue, UnknownCustomer, UnknownVehicle, UnknownWorkOrder
from bot.services.customers import get_customer, list_customers
from bot.services.paging import PageWish
from bot.services.points import points_of
from bot.services.vehicles import get_vehicle, list_vehicles
from bot.services.work_orders import get_work_order, list_work_orders, open_work_order
from bot.store.engine import Store
from tests.services.dealership import LI, LI_PHONE, WANG, WANG_PHONE, fill

ANNA = {"actor": "anna"}


async def test_customers_are_found_by_plate_and_phone_and_each_read_is_audited(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        by_plate = await list_customers(uow, now, PageWish(), **ANNA, plate=LI)
        by_phone = await list_customers(uow, now, PageWish(), **ANNA, phone="139 0013 9002")
        card = await get_customer(uow, now, customer_id=keys.li, **ANNA)
        audited = await uow.audit.about("customer", str(keys.li))
    assert [each.id for each in by_plate.items] == [keys.li]
    assert [each.id for each in by_phone.items] == [keys.wang]
    assert [car.model for car in card.vehicles] == ["速腾", "途观L"]
    assert [(entry.actor, entry.action) for entry in audited] == [("anna", "list"), ("anna", "read")]


async def test_pages_follow_each_other_to_the_end(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        first = await list_vehicles(uow, now, PageWish(2), **ANNA)
        second = await list_vehicles(uow, now, PageWish(2, first.next), **ANNA)
    assert [each.plate for each in (*first.items, *second.items)] == [LI, "粤B5T678", WANG]
    assert (first.next is None, second.next) == (False, None)


async def test_a_vehicles_file_tells_warranty_and_what_is_due(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        found = await get_vehicle(uow, now, plate=LI, **ANNA)
        owners = await list_vehicles(uow, now, PageWish(), **ANNA, phone=WANG_PHONE)
    assert found.warranty is not None
    assert found.warranty.covered
    assert [each.plate for each in owners.items] == [WANG]


async def test_work_orders_are_filtered_by_plate_phone_and_stage(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        numbers = [
            [each.number for each in (await list_work_orders(uow, now, PageWish(), **ANNA, **which)).items]
            for which in (
                {"plate": LI},
                {"phone": LI_PHONE},
                {"status": "待客户确认"},
                {"status": "in_repair"},
                {"status": "open"},
                {"plate": "no plate"},
            )
        ]
    assert numbers == [["WO-1"], ["WO-1"], ["WO-2"], ["WO-1"], ["WO-1", "WO-2"], []]


async def test_a_work_order_is_opened_for_a_known_plate(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        order = await open_work_order(uow, now, plate="粤B5T678", work="更换轮胎", promised_at=now)
        found = await get_work_order(uow, now, number=order.number, **ANNA)
        with pytest.raises(UnknownVehicle):
            await open_work_order(uow, now, plate="粤B99999", work="更换轮胎", promised_at=None)
    assert (found.work_order.stage, found.work_order.phone) == ("received", LI_PHONE)
    assert [entry.stage for entry in found.log] == ["received"]


async def test_points_are_told(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        assert (await points_of(uow, keys.wang)).balance == 1200
        with pytest.raises(UnknownCustomer):
            await points_of(uow, 10**6)


async def test_what_does_not_exist_is_refused(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        with pytest.raises(UnknownCustomer):
            await get_customer(uow, now, customer_id=1, **ANNA)
        with pytest.raises(UnknownVehicle):
            await get_vehicle(uow, now, plate=LI, **ANNA)
        with pytest.raises(UnknownWorkOrder):
            await get_work_order(uow, now, number="WO-1", **ANNA)


@pytest.mark.parametrize(("limit", "after", "field"), [(0, None, "limit"), (201, None, "limit"), (5, "x", "after")])
def test_a_page_that_cannot_be_names_the_field(limit: int, after: str | None, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        PageWish(limit, after)
    assert refused.value.field == field
