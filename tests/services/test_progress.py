"""How a repair stands, extra items, and what the workshop reports."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.business.refusals import InvalidValue, NotAllowed, NothingToDecide, UnknownWorkOrder
from bot.services.progress import answer_proposal, progress_of, recommendations
from bot.services.work_orders import get_work_order, propose_extra_item, update_work_order
from bot.store import tables
from bot.store.engine import Store
from tests.services.dealership import fill, rows


async def test_progress_tells_stage_promise_and_next_step(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        found = await progress_of(uow, now, vehicle_id=keys.li_car)
    assert found is not None
    assert (found.number, found.stage_text, found.next_stage_text) == ("WO-1", "维修中", "质检")
    assert found.promised_at == now + timedelta(hours=2)
    assert not found.overdue


async def test_a_car_without_work_order_has_no_progress(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        repaired, other = await uow.vehicles.of_customer(keys.li)
        assert repaired.id == keys.li_car
        assert await progress_of(uow, now, vehicle_id=other.id) is None


async def test_a_quarter_of_an_hour_past_the_promise_there_is_an_apology(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        late = await progress_of(uow, now + timedelta(hours=2, minutes=20), vehicle_id=keys.li_car)
    assert late is not None
    assert late.apology is not None
    assert late.apology.minutes_late == 20


async def test_what_follows_unasked_is_only_promised_once_something_was_said(store: Store, now: datetime) -> None:
    late = now + timedelta(hours=2, minutes=20)
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        order = await uow.work_orders.find("WO-1")
        assert order is not None
        followed = []
        for told_at in (None, late, now.replace(hour=16)):
            if told_at is not None:
                await uow.work_orders.told(order.id, news_at=told_at)
            found = await progress_of(uow, late, vehicle_id=keys.li_car)
            followed.append(found.news if found else "")
    assert followed == [None, "news_follows", "person_calls"]


async def test_a_new_promise_is_logged_with_its_reason(store: Store, now: datetime) -> None:
    later = now + timedelta(days=1)
    async with store.transaction() as uow:
        await fill(uow, now)
        change = await update_work_order(
            uow, now + timedelta(hours=3), number="WO-1", stage="等待配件", promised_at=later, note="配件在途"
        )
        found = await get_work_order(uow, now, number="WO-1", actor="anna")
    assert (change.work_order.stage, change.work_order.promised_at) == ("awaiting_parts", later)
    assert (change.stage_changed, change.promise_changed, change.is_news) == (True, True, True)
    assert change.apology is not None
    assert (change.apology.minutes_late, change.apology.reason) == (60, "配件在途")
    assert found.promises == ((later, "配件在途"),)
    assert [(entry.stage, entry.note) for entry in found.log] == [("awaiting_parts", "配件在途")]


async def test_a_bad_report_changes_nothing(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        with pytest.raises(UnknownWorkOrder):
            await update_work_order(uow, now, number="WO-9", stage="ready")
        with pytest.raises(InvalidValue):
            await update_work_order(uow, now, number="WO-1", stage="flying")
        with pytest.raises(InvalidValue):
            await update_work_order(uow, now, number="WO-1", promised_at=now.replace(tzinfo=None))
        await update_work_order(uow, now, number="WO-1", stage="delivered")
        with pytest.raises(NotAllowed):
            await update_work_order(uow, now, number="WO-1", stage="in_repair")


async def test_a_car_handed_over_is_told_of_for_three_days(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await update_work_order(uow, now, number="WO-1", stage="delivered")
        recent = await progress_of(uow, now + timedelta(days=2), vehicle_id=keys.li_car)
        old = await progress_of(uow, now + timedelta(days=4), vehicle_id=keys.li_car)
    assert recent is not None
    assert recent.stage == "delivered"
    assert old is None


@pytest.mark.parametrize(("agreed", "status", "total"), [(True, "agreed", 780_00), (False, "declined", 100_00)])
async def test_an_answer_to_an_extra_item_is_recorded_consent_and_the_repair_goes_on(
    store: Store, now: datetime, agreed: bool, status: str, total: int
) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        answered = await answer_proposal(uow, now, vehicle_id=keys.wang_car, agreed=agreed, channel="web", user="u1")
        order = await uow.work_orders.find("WO-2")
        (consent,) = await rows(uow, tables.consents)
        (stored,) = await rows(uow, tables.proposals)
    assert (answered.status, stored.status, stored.answered_user) == (status, status, "u1")
    assert (consent.given, consent.kind, consent.customer_id) == (agreed, "extra_item", keys.wang)
    assert order is not None
    assert (order.stage, order.total_fen) == ("in_repair", total)


async def test_nothing_is_decided_twice(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await answer_proposal(uow, now, vehicle_id=keys.wang_car, agreed=True, channel="web", user="u1")
        with pytest.raises(NothingToDecide):
            await answer_proposal(uow, now, vehicle_id=keys.wang_car, agreed=False, channel="web", user="u1")
        with pytest.raises(NothingToDecide):
            await answer_proposal(uow, now, vehicle_id=keys.li_car, agreed=True, channel="web", user="u1")


async def test_a_new_extra_item_waits_for_consent(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await propose_extra_item(uow, now, number="WO-1", item="雨刮", reason="老化", price_fen=120_00)
        found = await progress_of(uow, now, vehicle_id=keys.li_car)
    assert found is not None
    assert found.stage == "awaiting_consent"
    assert found.proposal is not None
    assert found.proposal.item == "雨刮"


async def test_a_maintenance_without_a_list_of_items_counts_as_the_basic_one(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        visit = {"vehicle_id": keys.wang_car, "done_on": now.date(), "mileage_km": 61_000, "summary": "更换空调滤芯"}
        await uow.connection.execute(tables.service_history.insert().values(service_type="maintenance", **visit))
        due = {item.code for item in await recommendations(uow, now, vehicle_id=keys.wang_car)}
    assert not {"service", "cabin_filter"} & due


async def test_what_is_due_follows_from_the_history(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        due = await recommendations(uow, now, vehicle_id=keys.wang_car)
    assert [item.code for item in due][:1] == ["service"]
    assert {"spark_plugs", "gearbox_oil"} <= {item.code for item in due}
