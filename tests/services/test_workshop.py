"""What agents do on the workshop board, and what the board shows of it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.business.refusals import (
    ChangedMeanwhile,
    ConsentWaits,
    InvalidValue,
    NothingToDecide,
    PromiseMissing,
    ReasonMissing,
    UnknownWorkOrder,
    WorkOrderOpen,
    WrongStep,
)
from bot.services import workshop
from bot.services.booking import book_appointment
from bot.services.progress import answer_proposal
from bot.services.receiving import Reception, look_up, receive
from bot.services.work_orders import update_work_order
from bot.services.workshop_board import Card, board, panel
from bot.store import tables
from bot.store.engine import Store
from tests.services.dealership import WANG, WANG_PHONE, fill, rows
from tests.services.workshops import request_for, set_up

LIN, ZHOU = "林顾问", "周顾问"


async def card(uow: Any, now: datetime, number: str) -> Card:
    """The card of a work order on the board."""
    found = await board(uow, now)
    return next(each for cards in found.cards.values() for each in cards if each.standing.order.number == number)


async def seen(uow: Any, now: datetime, number: str = "WO-1") -> str:
    return (await card(uow, now, number)).seen


async def audited(uow: Any) -> list[tuple[str, str, str]]:
    found = await rows(uow, tables.audit_log)
    return [(row.actor, row.action, row.subject) for row in found if row.subject_kind == "work_order"]


async def test_the_board_shows_each_order_at_its_stage(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        found = await board(uow, now)
    shown = {stage: [each.standing.order.number for each in cards] for stage, cards in found.cards.items()}
    assert shown == {"in_repair": ["WO-1"], "awaiting_consent": ["WO-2"]}
    (asked,) = found.cards["awaiting_consent"]
    assert (asked.standing.surname, asked.standing.waiting and asked.standing.waiting.item) == ("王", "前刹车片")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("WO-1", ["WO-1"]), ("wo-1", ["WO-1"]), ("粤B66D88", ["WO-2"]), ("粤b·66d88", ["WO-2"]), ("8K3", ["WO-1"]),
        ("王", ["WO-2"]), ("李女士", ["WO-1"]), ("9002", ["WO-2"]), ("1", ["WO-1"]), ("%", ["WO-1", "WO-2"]),
        ("nobody", []),
    ],
)  # fmt: skip
async def test_orders_are_found_by_number_plate_and_customer(
    store: Store, now: datetime, words: str, numbers: list[str]
) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        found = await board(uow, now, words=words)
    assert sorted(each.standing.order.number for cards in found.cards.values() for each in cards) == numbers


async def test_a_move_is_logged_and_audited_under_the_agents_name(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        token = await seen(uow, now)
        order = await workshop.move(uow, now, number="WO-1", stage="质检", seen=token, agent=LIN)
        (entry,) = await uow.work_orders.entries(order.id)
        assert (order.stage, entry.by, entry.stage) == ("inspection", LIN, "inspection")
        assert await audited(uow) == [(LIN, "stage", "WO-1")]


async def test_a_double_click_is_one_move(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        token = await seen(uow, now)
        for _ in range(2):
            order = await workshop.move(uow, now, number="WO-1", stage="inspection", seen=token, agent=LIN)
        assert len(await uow.work_orders.entries(order.id)) == 1


async def test_a_page_older_than_somebody_elses_change_is_told_who_it_was(store: Store, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    async with store.transaction() as uow:
        await fill(uow, now)
        token = await seen(uow, now)
        await workshop.move(uow, later, number="WO-1", stage="inspection", seen=token, agent=ZHOU)
        with pytest.raises(ChangedMeanwhile) as refused:
            await workshop.move(uow, later, number="WO-1", stage="washing", seen=token, agent=LIN)
        with pytest.raises(ChangedMeanwhile):
            await workshop.promise(
                uow, later, number="WO-1", promised_at=later + timedelta(hours=3), reason="等件", seen=token, agent=LIN
            )
        assert (await card(uow, later, "WO-1")).standing.order.stage == "inspection"
    assert (refused.value.by, refused.value.at) == (ZHOU, later)


async def test_wrong_moves_change_nothing(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        first, second = await seen(uow, now), await seen(uow, now, "WO-2")
        refused: list[tuple[type[Exception], str, str, str]] = [
            (WrongStep, "WO-1", "delivered", first),
            (WrongStep, "WO-1", "received", first),
            (ReasonMissing, "WO-1", "awaiting_parts", first),
            (PromiseMissing, "WO-2", "in_repair", second),
            (InvalidValue, "WO-1", "flying", first),
            (InvalidValue, "WO-1", "inspection", "nonsense"),
            (UnknownWorkOrder, "WO-9", "ready", first),
        ]
        for kind, number, stage, token in refused:
            with pytest.raises(kind):
                await workshop.move(uow, now, number=number, stage=stage, seen=token, agent=LIN)
        assert not await rows(uow, tables.work_order_log)
        assert not await audited(uow)


async def test_a_first_promise_needs_no_reason_and_a_moved_one_does(store: Store, now: datetime) -> None:
    noon, evening = now + timedelta(hours=3), now + timedelta(hours=8)
    async with store.transaction() as uow:
        await fill(uow, now)
        first = {"number": "WO-2", "promised_at": noon, "seen": await seen(uow, now, "WO-2"), "agent": LIN}
        assert (await workshop.promise(uow, now, reason="", **first)).promised_at == noon
        again = {**first, "promised_at": evening, "seen": await seen(uow, now, "WO-2")}
        with pytest.raises(ReasonMissing):
            await workshop.promise(uow, now, reason=" 。", **again)
        moved = await workshop.promise(uow, now, reason="等技师。", **again)
        with pytest.raises(InvalidValue):
            await workshop.promise(uow, now, reason="早", **{**again, "promised_at": now})
        with pytest.raises(InvalidValue):
            await workshop.promise(uow, now, reason="晚", **{**again, "promised_at": now + timedelta(days=400)})
        told = await uow.work_orders.promised_times(moved.id)
    assert (moved.promised_at, moved.reason) == (evening, "等技师")
    assert told == [(noon, ""), (evening, "等技师")]


async def test_parts_are_waited_for_with_a_date_and_a_new_promise(store: Store, now: datetime) -> None:
    parts_at, promised = now + timedelta(days=1), now + timedelta(days=1, hours=4)
    async with store.transaction() as uow:
        await fill(uow, now)
        wish: dict[str, Any] = {"number": "WO-1", "seen": await seen(uow, now), "agent": LIN}
        wish |= {"parts": "压缩机缺货", "parts_at": parts_at, "promised_at": promised}
        with pytest.raises(ReasonMissing):
            await workshop.wait_for_parts(uow, now, **{**wish, "parts": " "})
        with pytest.raises(PromiseMissing):
            await workshop.wait_for_parts(uow, now, **{**wish, "promised_at": None})
        with pytest.raises(InvalidValue):
            await workshop.wait_for_parts(uow, now, **{**wish, "promised_at": parts_at - timedelta(minutes=1)})
        order = await workshop.wait_for_parts(uow, now, **wish)
    assert (order.stage, order.parts_at, order.promised_at, order.delay_reason) == (
        "awaiting_parts", parts_at, promised, "压缩机缺货",
    )  # fmt: skip


async def test_an_extra_item_is_proposed_once_and_blocks_the_end_of_the_repair(store: Store, now: datetime) -> None:
    wipers: dict[str, Any] = {"number": "WO-1", "item": "雨刮", "reason": "老化。", "price_fen": 120_00, "minutes": 10}
    async with store.transaction() as uow:
        await fill(uow, now)
        token = await seen(uow, now)
        for _ in range(2):
            proposal = await workshop.propose(uow, now, **wipers, seen=token, agent=LIN)
        (shown,) = (await card(uow, now, "WO-1")).standing.proposals
        with pytest.raises(ConsentWaits):
            await _to_ready(uow, now)
    assert (proposal.id, proposal.reason, shown.proposed_by) == (shown.id, "老化", LIN)


async def _to_ready(uow: Any, now: datetime) -> None:
    await workshop.move(uow, now, number="WO-1", stage="in_repair", seen=await seen(uow, now), agent=LIN)
    await workshop.move(uow, now, number="WO-1", stage="ready", seen=await seen(uow, now), agent=LIN)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"item": " "}, InvalidValue), ({"reason": ""}, ReasonMissing), ({"price_fen": -1}, InvalidValue),
        ({"price_fen": 10**12}, InvalidValue), ({"minutes": 0}, InvalidValue),
    ],
)  # fmt: skip
async def test_a_proposal_says_what_why_price_and_time(
    store: Store, now: datetime, wrong: dict[str, Any], kind: type[Exception]
) -> None:
    item: dict[str, Any] = {"item": "雨刮", "reason": "老化", "price_fen": 120_00, "minutes": 10, **wrong}
    async with store.transaction() as uow:
        await fill(uow, now)
        with pytest.raises(kind):
            await workshop.propose(uow, now, number="WO-1", **item, seen=await seen(uow, now), agent=LIN)


async def test_a_decision_on_the_telephone_is_consent_with_who_heard_it(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        (item,) = (await card(uow, now, "WO-2")).standing.proposals
        call: dict[str, Any] = {"number": "WO-2", "proposal_id": item.id, "agreed": True, "agent": LIN}
        with pytest.raises(ReasonMissing):
            await workshop.decide_by_telephone(uow, now, **call, note=" ")
        with pytest.raises(NothingToDecide):
            await workshop.decide_by_telephone(uow, now, **{**call, "number": "WO-1"}, note="同意")
        answered = await workshop.decide_by_telephone(uow, now, **call, note="车主来电同意")
        with pytest.raises(NothingToDecide):
            await workshop.decide_by_telephone(uow, now, **call, note="再来一次")
        (consent,) = await rows(uow, tables.consents)
        (shown,) = (await card(uow, now, "WO-2")).standing.proposals
        order = await uow.work_orders.find("WO-2")
    assert answered.status == shown.status == "agreed"
    assert (shown.answered_channel, shown.answered_by, shown.answer_note) == ("phone", LIN, "车主来电同意")
    assert (consent.channel, consent.customer_id, consent.given, consent.time) == ("phone", keys.wang, True, now)
    assert LIN in consent.wording
    assert order is not None
    assert (order.stage, order.total_fen, order.told_stage) == ("in_repair", 780_00, None)


async def test_a_decision_in_the_chat_is_shown_with_who_when_and_where(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await answer_proposal(uow, now, vehicle_id=keys.wang_car, agreed=False, channel="wechat", user="u1")
        (shown,) = (await panel(uow, now, number="WO-2", agent=LIN)).file.proposals
    assert (shown.status, shown.answered_at, shown.answered_channel, shown.answered_by) == (
        "declined", now, "wechat", None,
    )  # fmt: skip


async def test_hand_over_keeps_what_the_customer_is_told_and_the_cars_history(store: Store, now: datetime) -> None:
    words = workshop.HandOver("更换空调滤芯", 320_00, "轮胎下次检查", "50000 公里保养", 39_000)
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await workshop.move(uow, now, number="WO-1", stage="ready", seen=await seen(uow, now), agent=LIN)
        done = {"number": "WO-1", "seen": await seen(uow, now), "agent": LIN}
        with pytest.raises(InvalidValue):
            await workshop.move(uow, now, stage="delivered", **done)
        with pytest.raises(InvalidValue):
            await workshop.hand_over(uow, now, words=workshop.HandOver(" ", 0), **done)
        for _ in range(2):
            order = await workshop.hand_over(uow, now, words=words, **done)
        (visit,) = await rows(uow, tables.service_history)
        car = await uow.vehicles.get(keys.li_car)
    assert (order.stage, order.total_fen, order.advice, order.adviser) == ("delivered", 320_00, "轮胎下次检查", LIN)
    assert (visit.number, visit.summary, visit.cost_fen) == ("WO-1", "更换空调滤芯", 320_00)
    assert car is not None
    assert car.mileage_km == 39_000


async def test_odd_figures_at_the_hand_over_are_to_be_looked_at_again(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        extra = {"work_order_id": 1, "item": "雨刮", "reason": "老化", "price_fen": 300_00, "status": "agreed"}
        await uow.connection.execute(sa.insert(tables.proposals).values(**extra, proposed_at=now))
        await uow.connection.execute(sa.update(tables.work_orders).values(mileage_km=38_000))
        await workshop.move(uow, now, number="WO-1", stage="ready", seen=await seen(uow, now), agent=LIN)
        done = {"number": "WO-1", "seen": await seen(uow, now), "agent": LIN}
        for odd in (workshop.HandOver("保养", 10_00), workshop.HandOver("保养", 400_00, mileage_km=100)):
            with pytest.raises(InvalidValue, match="less_than"):
                await workshop.hand_over(uow, now, words=odd, **done)
        sure = workshop.HandOver("保养", 10_00, mileage_km=100, sure=True)
        order = await workshop.hand_over(uow, now, words=sure, **done)
        car = await uow.vehicles.get(keys.li_car)
    assert car is not None
    assert (car.mileage_km, order.total_fen) == (100, 10_00)


async def test_a_note_is_news_of_the_stage_but_not_for_the_customer(store: Store, now: datetime) -> None:
    later = now + timedelta(hours=1)
    async with store.transaction() as uow:
        await fill(uow, now)
        await workshop.note_down(uow, later, number="WO-1", note="等技师空档", agent=LIN)
        shown = await panel(uow, later, number="WO-1", agent=LIN)
    assert shown.card.standing.news_at == later
    assert [(entry.note, entry.by) for entry in shown.file.log] == [("等技师空档", LIN)]
    assert shown.telling.conversation is None


async def test_a_stage_without_news_for_its_norm_is_late_on_the_board(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        await update_work_order(uow, now, number="WO-2", stage="precheck")
        later = now + timedelta(minutes=16)
        found = await board(uow, later)
        assert (await card(uow, later, "WO-2")).freshness.why == "norm"
    assert found.late == 1


async def test_what_anybody_changes_gives_the_board_another_version(store: Store, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        versions = [(await board(uow, now)).version]
        await update_work_order(uow, later, number="WO-1", note="等件")
        versions.append((await board(uow, later)).version)
        await answer_proposal(uow, later, vehicle_id=keys.wang_car, agreed=True, channel="web", user="u1")
        versions.append((await board(uow, later)).version)
        versions.append((await board(uow, later)).version)
    assert len(set(versions)) == 3
    assert versions[2] == versions[3]


async def test_a_car_that_arrives_for_its_appointment_gets_a_work_order(store: Store, now: datetime) -> None:
    await set_up(store)
    start = now.replace(hour=14)
    async with store.transaction() as uow:
        booked = await book_appointment(uow, now, request_for(start, "粤B12345", "u1"))
        expected = (await board(uow, now)).expected
        arrival = await look_up(uow, now, plate="粤b12345", agent=LIN)
        assert [visit.number for visit in expected] == [booked.number]
        assert arrival.visit is not None
        order = await receive(
            uow, now, reception=Reception("粤B12345", "保养", 12_000, visit=arrival.visit.number), agent=LIN
        )
        visit = await uow.appointments.get(booked.number)
        assert (await board(uow, now)).expected == []
        with pytest.raises(WorkOrderOpen):
            await receive(uow, now, reception=Reception("粤B12345", "保养"), agent=ZHOU)
    assert visit is not None
    assert visit.status == "arrived"
    assert (order.stage, order.adviser, order.mileage_km, order.work) == ("received", LIN, 12_000, "保养")


async def test_an_unknown_car_is_registered_with_its_owner_or_for_a_known_phone(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        with pytest.raises(InvalidValue):
            await look_up(uow, now, plate="hello", agent=LIN)
        with pytest.raises(InvalidValue):
            await receive(uow, now, reception=Reception("粤B99999", "保养"), agent=LIN)
        new = Reception("粤B99999", "保养", surname="孙", title="先生", phone="13511112222", model="高尔夫")
        order = await receive(uow, now, reception=new, agent=LIN)
        second = await receive(
            uow, now, reception=Reception("粤B77777", "检查", phone=WANG_PHONE, model="途岳"), agent=LIN
        )
        person = await uow.customers.by_phone("13511112222")
    assert person is not None
    assert (person.surname, order.customer_id, order.model) == ("孙", person.id, "高尔夫")
    assert second.customer_id == keys.wang


async def test_a_car_in_the_workshop_is_not_received_twice(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        assert (await look_up(uow, now, plate=WANG, agent=LIN)).open_order == "WO-2"
        with pytest.raises(WorkOrderOpen):
            await receive(uow, now, reception=Reception(WANG, "保养"), agent=LIN)


async def test_of_two_agents_who_move_the_same_card_at_once_one_wins_and_the_other_hears_who(
    store: Store, now: datetime
) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        token = await seen(uow, now)

    async def by(agent: str, stage: str, at: datetime) -> str:
        try:
            async with store.transaction() as uow:
                await workshop.move(uow, at, number="WO-1", stage=stage, seen=token, agent=agent)
        except ChangedMeanwhile as stale:
            return f"after {stale.by}"
        return "moved"

    later = now + timedelta(seconds=1)
    told = await asyncio.gather(by(LIN, "inspection", later), by(ZHOU, "washing", later + timedelta(seconds=1)))
    assert sorted(told) in ([f"after {LIN}", "moved"], [f"after {ZHOU}", "moved"])


async def test_a_car_received_by_two_agents_at_once_gets_one_order(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)

    async def by(agent: str) -> str:
        try:
            async with store.transaction() as uow:
                return (await receive(uow, now, reception=Reception("粤B5T678", "保养"), agent=agent)).number
        except WorkOrderOpen as refusal:
            return refusal.number

    first, second = await asyncio.gather(by(LIN), by(ZHOU))
    assert first == second
