"""The worker: each kind of due work once, whatever runs beside it and whatever fails."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.business.appointments import Reminder
from bot.business.conversations import Conversation
from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.services.booking import book_appointment
from bot.services.complaints import file_complaint, update_complaint
from bot.services.progress import answer_proposal
from bot.services.rescues import open_rescue, update_rescue
from bot.services.work_orders import open_work_order, propose_extra_item, update_work_order
from bot.store import tables
from bot.store.engine import Store
from bot.worker import Worker
from tests.messages.fakes import StandingClock
from tests.services.dealership import fill, rows
from tests.services.workshops import request_for, set_up

ROOT = Path(__file__).parents[1]
PHRASE = Phrases(ROOT / "domain.yml")
ME = {"channel": "web", "user": "u1"}
KINDS = ("reminders", "handoffs", "complaints", "late_rescues", "rescue_news", "stages", "repairs", "surveys")
NOTHING = dict.fromkeys(KINDS, 0)


def done(**counts: int) -> dict[str, int]:
    return {**NOTHING, **counts}


def worker(store: Store, at: datetime, **options: Any) -> Worker:
    return Worker(store, StandingClock(at), PHRASE, **options)


async def work(store: Store, at: datetime, **options: Any) -> dict[str, int]:
    """What was done but for warnings and escalations, which tests/test_worker_deadlines.py is about."""
    return of_these(await worker(store, at, **options).run_once())


def of_these(did: dict[str, int]) -> dict[str, int]:
    return {kind: did[kind] for kind in KINDS}


async def said(store: Store) -> list[tuple[str, str]]:
    """Sender and text of everything said unasked, in order."""
    async with store.reading() as uow:
        return [(row.sender, row.text) for row in await rows(uow, tables.messages)]


async def alerts(store: Store) -> list[tuple[str, str]]:
    async with store.reading() as uow:
        found = [row for row in await rows(uow, tables.audit_log) if row.action == "alert"]
    return [(row.subject_kind, row.detail) for row in found]


async def dealership(store: Store, now: datetime) -> None:
    """Li, who has written on the web as u1 and is known, and has a car in repair."""
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.conversations.ensure("web", "u1", now)
        await uow.customers.bind(keys.li, "web", "u1", now)
        # Only what a test is about falls due.
        told = {"promised_at": None, "told_stage": tables.work_orders.c.stage}
        await uow.connection.execute(sa.update(tables.work_orders).values(told))
        await uow.connection.execute(sa.update(tables.proposals).values(told_at=now))


async def handed_over(store: Store, at: datetime, user: str = "u1", urgency: str = "normal") -> int:
    async with store.transaction() as uow:
        receipt = await handoffs.request_handoff(
            uow, at, channel="web", user=user, reason="wants_person", urgency=urgency
        )
    return receipt.id


async def visit(store: Store, now: datetime, plate: str = "粤B12345", user: str = "u1") -> datetime:
    start = (now + timedelta(days=2)).replace(hour=10)
    async with store.transaction() as uow:
        await book_appointment(uow, now, request_for(start, plate, user, reminder=Reminder("web", 24)))
    return start


async def test_a_reminder_is_stored_once_with_its_words(store: Store, now: datetime) -> None:
    await set_up(store)
    start = await visit(store, now)
    at = start - timedelta(hours=24)
    assert await work(store, at) == done(reminders=1)
    assert await work(store, at) == NOTHING
    ((sender, text),) = await said(store)
    assert sender == "bot"
    assert text.startswith("李女士您好，温馨提醒：您预约了3月12日（周四）10:00到店（粤B12345，maintenance，预约号A-")
    async with store.reading() as uow:
        (row,) = await rows(uow, tables.messages)
    assert (row.state, row.time, row.custom["expires_at"]) == ("sent", at, start.isoformat())


async def test_words_for_a_platform_wait_for_its_sender(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        request = request_for((now + timedelta(days=2)).replace(hour=10), reminder=Reminder("wechat", 24))
        appointment = await book_appointment(uow, now, request)
        changed = sa.update(tables.appointments).values(channel="wechat", user="openid")
        await uow.connection.execute(changed)
    told: list[Conversation] = []
    assert await work(store, appointment.start - timedelta(hours=1), tell=told.append) == done(reminders=1)
    async with store.reading() as uow:
        (row,) = await rows(uow, tables.messages)
    assert row.state == "queued"
    assert [(each.channel, each.user) for each in told] == [("wechat", "openid")]


async def test_who_waits_an_hour_of_work_for_a_person_is_owed_a_call_back(store: Store, now: datetime) -> None:
    await dealership(store, now)
    key = await handed_over(store, now)
    assert await work(store, now + timedelta(minutes=59)) == NOTHING
    assert await work(store, now + timedelta(minutes=61)) == done(handoffs=1)
    assert await work(store, now + timedelta(minutes=62)) == NOTHING
    assert await said(store) == [("system", PHRASE("utter_callback_owed"))]
    assert await alerts(store) == [("handoff", "unanswered")]
    async with store.reading() as uow:
        (owed,) = await handoffs.owed_call_backs(uow)
        conversation = await uow.conversations.find("web", "u1")
    assert (owed.handoff.id, owed.handoff.told_at, owed.phone) == (key, now + timedelta(minutes=61), "13800138001")
    assert conversation is not None
    assert conversation.owner == "queue"


async def test_a_stranger_is_asked_where_to_call(store: Store, now: datetime) -> None:
    await dealership(store, now)
    await handed_over(store, now, "stranger")
    await work(store, now + timedelta(hours=1))
    assert await said(store) == [("system", PHRASE("utter_callback_owed_ask_phone"))]


@pytest.mark.parametrize(
    ("asked", "due"),
    [((11, 30), (13, 30)), ((17, 0), (33, 0)), ((23, 0), (33, 30)), ((2, 0), (9, 30))],
    ids=["over lunch", "to the next morning", "at night", "before opening"],
)
async def test_lunch_and_night_do_not_count_as_waiting_for_a_person(
    store: Store, now: datetime, asked: tuple[int, int], due: tuple[int, int]
) -> None:
    midnight = now.replace(hour=0)
    await dealership(store, midnight)
    await handed_over(store, midnight + timedelta(hours=asked[0], minutes=asked[1]))
    moment = midnight + timedelta(hours=due[0], minutes=due[1])
    assert await work(store, moment - timedelta(minutes=1)) == NOTHING
    assert await work(store, moment) == done(handoffs=1)


async def test_a_holiday_does_not_count_as_waiting_for_a_person(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        tomorrow = (now + timedelta(days=1)).date()
        await uow.connection.execute(tables.calendar_days.insert().values(day=tomorrow, kind="closed"))
    await handed_over(store, now.replace(hour=17))
    assert await work(store, (now + timedelta(days=1)).replace(hour=17)) == NOTHING
    assert await work(store, (now + timedelta(days=2)).replace(hour=9)) == done(handoffs=1)


async def test_danger_waits_ten_minutes_also_at_night(store: Store, now: datetime) -> None:
    night = now.replace(hour=2)
    await dealership(store, night)
    await handed_over(store, night, urgency="danger")
    assert await work(store, night + timedelta(minutes=9)) == NOTHING
    assert await work(store, night + timedelta(minutes=10)) == done(handoffs=1)
    assert await said(store) == [("system", PHRASE("utter_callback_owed_danger"))]


async def test_a_claimed_hand_off_is_left_alone(store: Store, now: datetime) -> None:
    await dealership(store, now)
    key = await handed_over(store, now)
    async with store.transaction() as uow:
        await uow.settings.put("agent_gone_minutes", "0")
        await handoffs.claim(uow, now, handoff_id=key, agent="anna")
    assert await work(store, now + timedelta(days=1)) == NOTHING


async def test_a_late_complaint_is_reported_and_the_customer_told_once(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        filed = await file_complaint(uow, now, channel="web", user="u1", text="等太久了")
        answered = await file_complaint(uow, now, channel="web", user="u2", text="太贵了")
        await update_complaint(uow, now, number=answered.number, by="anna", status="answered", solution="说明价格")
    assert await work(store, filed.deadline) == NOTHING
    late = filed.deadline + timedelta(minutes=1)
    assert await work(store, late) == done(complaints=1)
    assert await work(store, late) == NOTHING
    said_to_customer = PHRASE("utter_complaint_late", number=filed.number, owner=filed.owner)
    assert await said(store) == [("bot", said_to_customer)]
    assert await alerts(store) == [("complaint", "answer"), ("complaint", "late")]


async def test_a_caller_for_help_hears_every_thirty_minutes_and_of_a_late_arrangement_once(
    store: Store, now: datetime
) -> None:
    night = now.replace(hour=2)
    await dealership(store, now)
    async with store.transaction() as uow:
        number = (await open_rescue(uow, night, **ME, text="抛锚了", place="深南大道123号")).number
    assert await work(store, night + timedelta(minutes=9)) == NOTHING
    assert await work(store, night + timedelta(minutes=10)) == done(late_rescues=1)
    assert await work(store, night + timedelta(minutes=29)) == NOTHING
    assert await work(store, night + timedelta(minutes=30)) == done(rescue_news=1)
    assert await work(store, night + timedelta(minutes=59)) == NOTHING
    assert await work(store, night + timedelta(minutes=61)) == done(rescue_news=1)
    assert await work(store, night + timedelta(minutes=90)) == done(rescue_news=1)
    assert [text for _, text in await said(store)] == [
        PHRASE("utter_rescue_late", number=number),
        *[PHRASE("utter_rescue_news", number=number)] * 3,
    ]
    assert await alerts(store) == [("rescue", "not_arranged")]
    async with store.transaction() as uow:
        await update_rescue(uow, night, number=number, status="arranged", by="anna")
    assert await work(store, night + timedelta(hours=3)) == NOTHING


async def test_who_waits_for_help_and_a_person_hears_one_apology_of_both(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        number = (await open_rescue(uow, now, **ME, text="抛锚了", place="深南大道123号")).number
        await handoffs.request_handoff(uow, now, **ME, reason=f"rescue {number}", urgency="danger")
    later = now + timedelta(minutes=11)
    assert await work(store, later) == done(handoffs=1, late_rescues=1)
    assert [text for _, text in await said(store)] == [PHRASE("utter_rescue_late", number=number)]
    assert sorted(await alerts(store)) == [("handoff", "unanswered"), ("rescue", "not_arranged")]


async def test_news_missed_while_nothing_ran_is_said_once_and_asks_for_what_is_needed(
    store: Store, now: datetime
) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        number = (await open_rescue(uow, now, channel="web", user="u1", text="抛锚了")).number
    later = now + timedelta(minutes=95)
    assert await work(store, later) == done(late_rescues=1)
    assert await work(store, now + timedelta(minutes=119)) == NOTHING
    assert await work(store, now + timedelta(minutes=120)) == done(rescue_news=1)
    ask = PHRASE("utter_rescue_ask_place")
    assert [text for _, text in await said(store)] == [
        PHRASE("utter_rescue_late", number=number) + ask,
        PHRASE("utter_rescue_news", number=number) + ask,
    ]


async def test_a_ticket_nobody_closes_does_not_send_for_ever(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        number = (await open_rescue(uow, now, **ME, text="抛锚了", place="深南大道123号")).number
    for minutes in range(0, 12 * 60, 30):
        await work(store, now + timedelta(minutes=minutes))
    texts = [text for _, text in await said(store)]
    assert len(texts) == 12
    assert texts[-1] == PHRASE("utter_rescue_news_last", number=number)
    assert await alerts(store) == [("rescue", "not_arranged"), ("rescue", "still_open")]


async def test_a_ticket_found_days_later_is_reported_without_words(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await open_rescue(uow, now, **ME, text="抛锚了")
    assert (await work(store, now + timedelta(days=3)))["late_rescues"] == 1
    assert await said(store) == []


async def test_a_late_repair_is_apologised_for_with_the_reason_and_again_for_a_newer_promise(
    store: Store, now: datetime
) -> None:
    await dealership(store, now)
    promised = now + timedelta(hours=2)
    async with store.transaction() as uow:
        await update_work_order(uow, now, number="WO-1", promised_at=promised)
    assert await work(store, promised + timedelta(minutes=14)) == NOTHING
    late = promised + timedelta(minutes=15)
    assert await work(store, late) == done(repairs=1)
    assert await work(store, late + timedelta(minutes=29)) == NOTHING
    again = promised + timedelta(hours=3)
    async with store.transaction() as uow:
        await update_work_order(uow, late, number="WO-1", promised_at=again, note="配件晚到")
    assert await work(store, again + timedelta(minutes=15)) == done(repairs=1)
    first, second = [text for _, text in await said(store)]
    assert first.startswith("李女士您好，非常抱歉，您的速腾（WO-1）没有按原定的3月10日（周二）11:00完成")
    assert "原因是配件晚到" in second
    assert await alerts(store) == [("work_order", "late")] * 2


async def late_repair(store: Store, now: datetime, promised: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await update_work_order(uow, now, number="WO-1", promised_at=promised)


async def told_of(store: Store, start: datetime, *minutes: int) -> list[int]:
    """After which of these minutes the worker told something of a repair."""
    return [each for each in minutes if (await work(store, start + timedelta(minutes=each)))["repairs"]]


async def test_while_no_new_time_is_promised_there_is_news_every_half_hour_and_at_last_a_person_calls(
    store: Store, now: datetime
) -> None:
    promised = now.replace(hour=14)
    await late_repair(store, now, promised)
    assert await told_of(store, promised, *range(0, 24 * 60, 15)) == [15, 45, 75, 105, 135, 165]
    texts = [text for _, text in await said(store)]
    assert "非常抱歉，您的速腾（WO-1）没有按原定的3月10日（周二）14:00完成" in texts[0]
    assert all("WO-1）还没有完工，现在的阶段是“维修中”" in text for text in texts[1:5])
    assert "请主管安排服务顾问给您打电话" in texts[5]
    assert await alerts(store) == [("work_order", "late"), ("work_order", "still_late")]


async def test_news_of_a_late_repair_rests_while_the_dealer_is_closed(store: Store, now: datetime) -> None:
    promised = now.replace(hour=16, minute=30)
    await late_repair(store, now, promised)
    until_opening = int((now.replace(hour=8, minute=30) + timedelta(days=1) - promised).total_seconds()) // 60
    assert await told_of(store, promised, *range(0, until_opening, 15)) == [15, 45]
    assert await told_of(store, promised, *range(until_opening, until_opening + 240, 15)) == [
        until_opening + minutes for minutes in (15, 45, 75, 105)
    ]


@pytest.mark.parametrize("change", ["promise", "ready"])
async def test_a_new_promise_or_a_ready_car_ends_the_news(store: Store, now: datetime, change: str) -> None:
    promised = now.replace(hour=14)
    await late_repair(store, now, promised)
    assert await told_of(store, promised, 15, 45) == [15, 45]
    at = promised + timedelta(minutes=50)
    async with store.transaction() as uow:
        if change == "ready":
            await update_work_order(uow, at, number="WO-1", stage="ready")
        else:
            await update_work_order(uow, at, number="WO-1", promised_at=promised + timedelta(hours=3))
    assert await told_of(store, promised, 75, 105, 135, 165, 179) == []


async def test_who_could_be_told_only_hours_later_hears_of_the_delay_and_of_the_call_at_once(
    store: Store, now: datetime
) -> None:
    promised = now.replace(hour=9, minute=30)
    await late_repair(store, now, promised)
    assert await told_of(store, promised, 7 * 60, 8 * 60, 25 * 60) == [7 * 60]
    ((_, text),) = await said(store)
    assert "没有按原定的" in text
    assert "请主管安排服务顾问给您打电话" in text


async def test_an_imported_promise_long_past_is_no_news_later_either(store: Store, now: datetime) -> None:
    await late_repair(store, now, now)
    assert await told_of(store, now, 2 * 24 * 60, 3 * 24 * 60) == []


@pytest.mark.parametrize("stage", ["ready", "delivered"])
async def test_a_finished_repair_needs_no_apology(store: Store, now: datetime, stage: str) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await update_work_order(uow, now, number="WO-1", stage=stage, promised_at=now)
    assert await work(store, now + timedelta(hours=1)) == done(stages=1)
    assert await work(store, now + timedelta(hours=2)) == NOTHING
    assert not any("抱歉" in text for _, text in await said(store))


async def test_only_a_customer_who_is_known_hears_of_a_late_repair(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await update_work_order(uow, now, number="WO-2", promised_at=now)
    assert await work(store, now + timedelta(hours=1)) == done(repairs=1)
    assert await said(store) == []


async def test_a_promise_long_past_such_as_an_imported_one_is_no_news(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await update_work_order(uow, now, number="WO-1", promised_at=now)
    assert await work(store, now + timedelta(days=2)) == NOTHING


async def change(store: Store, at: datetime, **values: Any) -> None:
    """The workshop reports on Li's car."""
    async with store.transaction() as uow:
        await update_work_order(uow, at, number="WO-1", **values)


async def test_each_change_of_the_repair_is_told_once_with_the_promise_and_what_comes_next(
    store: Store, now: datetime
) -> None:
    await dealership(store, now)
    promised = now.replace(hour=16)
    await change(store, now, stage="awaiting_parts", note="压缩机在途")
    assert await work(store, now) == done(stages=1)
    await change(store, now, stage="in_repair", promised_at=promised)
    assert await work(store, now) == done(stages=1)
    assert await work(store, now) == NOTHING
    for stage in ("ready", "delivered"):
        await change(store, now, stage=stage)
        assert await work(store, now) == done(stages=1)
    assert await work(store, now + timedelta(days=1)) == done(surveys=1)
    senders, texts = zip(*await said(store), strict=True)
    assert set(senders) == {"bot"}
    parts, repair, ready, delivered, _survey = texts
    assert parts.startswith("李女士您好，您的速腾（WO-1）正在等待配件，原因是压缩机在途，让您久等了。下一步：")
    assert repair.startswith("李女士您好，您的速腾（WO-1）正在维修中。预计3月10日（周二）16:00完成。下一步是质检和洗车")
    assert "已经完工" in ready
    assert "已经交车" in delivered


async def test_the_workshops_own_steps_pass_quietly_and_back_again_is_no_news(store: Store, now: datetime) -> None:
    await dealership(store, now)
    for stage in ("inspection", "in_repair", "inspection", "washing"):
        await change(store, now, stage=stage)
        assert await work(store, now) == NOTHING
    assert await said(store) == []


async def test_of_several_changes_only_the_one_that_holds_is_told(store: Store, now: datetime) -> None:
    await dealership(store, now)
    for stage in ("awaiting_parts", "in_repair", "inspection", "washing", "ready"):
        await change(store, now, stage=stage)
    assert await work(store, now) == done(stages=1)
    ((_, text),) = await said(store)
    assert "已经完工" in text


async def test_a_promise_that_is_given_put_off_or_brought_forward_is_told_with_its_reason(
    store: Store, now: datetime
) -> None:
    await dealership(store, now)
    moves = ((15, None), (17, "等待配件到货"), (16, "配件提前到货"), (16, None))
    for hour, note in moves:
        await change(store, now, promised_at=now.replace(hour=hour), note=note)
        await work(store, now)
    texts = [text for _, text in await said(store)]
    assert len(texts) == 3, "the last one was no change"
    assert "现在的阶段是“维修中”。预计3月10日（周二）15:00完成。下一步是“质检”" in texts[0]
    assert "非常抱歉，完成时间要推迟到3月10日（周二）17:00，原因是等待配件到货。" in texts[1]
    assert "完成时间提前到3月10日（周二）16:00。" in texts[2]


@pytest.mark.parametrize(("stage", "at_night"), [("awaiting_parts", False), ("delivered", False), ("ready", True)])
async def test_at_night_only_a_ready_car_is_told(store: Store, now: datetime, stage: str, at_night: bool) -> None:
    await dealership(store, now)
    night = now.replace(hour=21)
    await change(store, night, stage=stage)
    assert await work(store, night) == (done(stages=1) if at_night else NOTHING)
    opening = (now + timedelta(days=1)).replace(hour=8, minute=30)
    assert await work(store, opening) == (NOTHING if at_night else done(stages=1))
    assert len(await said(store)) == 1


async def test_an_apology_tells_the_stage_too(store: Store, now: datetime) -> None:
    promised = now.replace(hour=14)
    await late_repair(store, now, promised)
    late = promised + timedelta(minutes=15)
    await change(store, late, stage="awaiting_parts", note="压缩机在途")
    assert await work(store, late) == done(repairs=1)
    assert await work(store, late) == NOTHING
    ((_, text),) = await said(store)
    assert "原因是压缩机在途。现在的阶段是“等待配件”" in text


async def test_news_that_still_wait_for_the_customer_to_write_give_way_to_newer_ones(
    store: Store, now: datetime
) -> None:
    await dealership(store, now)
    for stage in ("awaiting_parts", "in_repair"):
        await change(store, now, stage=stage)
        await work(store, now)
        async with store.transaction() as uow:
            still = tables.messages.c.state == "sent"
            await uow.connection.execute(sa.update(tables.messages).where(still).values(state="waiting"))
    await change(store, now, stage="ready")
    await work(store, now)
    async with store.reading() as uow:
        found = [(row.state, row.error, row.custom["call"]) for row in await rows(uow, tables.messages)]
    assert found == [("failed", "outdated", False), ("failed", "outdated", False), ("sent", None, True)]


async def test_while_people_own_the_conversation_news_come_from_the_system(store: Store, now: datetime) -> None:
    await dealership(store, now)
    await handed_over(store, now)
    await change(store, now, stage="ready")
    assert await work(store, now) == done(stages=1)
    ((sender, _),) = await said(store)
    assert sender == "system"


async def test_who_is_known_to_nobody_hears_nothing_and_not_later_either(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await update_work_order(uow, now, number="WO-2", stage="ready")
    assert await work(store, now) == done(stages=1)
    assert await work(store, now) == NOTHING
    assert await said(store) == []


async def test_extra_items_are_asked_for_one_after_the_other_with_their_buttons(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        for item in ("雨刮", "空调滤芯"):
            await propose_extra_item(uow, now, number="WO-1", item=item, reason="老化", price_fen=120_00)
    assert await work(store, now) == done(stages=1)
    assert await work(store, now) == NOTHING
    async with store.transaction() as uow:
        (row,) = await rows(uow, tables.messages)
        assert "有一项内容需要您确认。技师检查后提出一个增项：雨刮。老化。费用120元" in row.text
        assert [button["payload"] for button in row.buttons] == [
            '/approve_extra{"plate":"粤B8K321"}',
            '/decline_extra{"plate":"粤B8K321"}',
            "/request_human",
        ]
        vehicle = (await uow.vehicles.by_plate("粤B8K321")).id
        await answer_proposal(uow, now, vehicle_id=vehicle, agreed=True, **ME)
    assert await work(store, now) == done(stages=1)
    async with store.transaction() as uow:
        await answer_proposal(uow, now, vehicle_id=vehicle, agreed=False, **ME)
    assert await work(store, now) == NOTHING, "the answer has told that the repair goes on"
    assert ["空调滤芯" in text for _, text in await said(store)] == [False, True]


async def test_a_new_work_order_is_told_as_received(store: Store, now: datetime) -> None:
    await dealership(store, now)
    async with store.transaction() as uow:
        await open_work_order(uow, now, plate="粤B5T678", work="更换轮胎", promised_at=now.replace(hour=15))
    assert await work(store, now) == done(stages=1)
    ((_, text),) = await said(store)
    assert "您的途观L（WO-" in text
    assert "已经接车，感谢您的信任。预计3月10日（周二）15:00完成。下一步：技师先做预检" in text


async def everything_due(store: Store, now: datetime) -> datetime:
    """Two of each kind; when all of it is due."""
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    await dealership(store, now)
    start = await visit(store, now, "粤B00001", "v1")
    await visit(store, now, "粤B00002", "v2")
    at = start - timedelta(hours=1)
    for user in ("w1", "w2"):
        await handed_over(store, at - timedelta(days=1), user)
        async with store.transaction() as uow:
            await file_complaint(uow, now, channel="web", user=user, text="等太久了")
            await open_rescue(uow, at - timedelta(hours=2), channel="web", user=user, text="抛锚了")
    async with store.transaction() as uow:
        for number in ("WO-1", "WO-2"):
            await update_work_order(uow, now, number=number, promised_at=at - timedelta(hours=1))
    return at


async def test_two_workers_at_once_do_everything_once(store: Store, now: datetime, database_url: str) -> None:
    at = await everything_due(store, now)
    other = Store(database_url)
    await other.start()
    try:
        counts = await asyncio.gather(*(work(each, at) for each in (store, other, store, other)))
    finally:
        await other.close()
    total = {kind: sum(each[kind] for each in counts) for kind in NOTHING}
    assert total == done(reminders=2, handoffs=2, complaints=2, late_rescues=2, repairs=2)
    texts = [text for _, text in await said(store)]
    assert len(texts) == 9, "WO-2's customer is not known to anybody"
    assert len(set(texts)) == 8, "only the two call-backs read the same"
    assert await work(store, at) == NOTHING


async def test_one_rows_failure_stops_no_other_and_is_tried_again_later(
    store: Store, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    at = await everything_due(store, now)
    broken = {"粤B00001"}

    class Phrase(Phrases):
        def __call__(self, name: str, **values: object) -> str:
            if any(plate in str(values.get("what")) for plate in broken):
                raise KeyError(str(values))
            return super().__call__(name, **values)

    here = Worker(store, StandingClock(at), Phrase(ROOT / "domain.yml"))
    assert (await here.run_once())["reminders"] == 1
    assert "KeyError" in caplog.text
    assert "粤B" not in caplog.text
    broken.clear()
    assert of_these(await here.run_once()) == NOTHING, "it rests a while"
    assert await work(store, at) == done(reminders=1), "it was not marked"


async def test_a_database_that_is_away_is_no_end(now: datetime, tmp_path: Path) -> None:
    assert await work(Store(f"sqlite:///{tmp_path}/never-started.db"), now) == NOTHING


async def test_a_started_worker_looks_again_and_again_until_it_is_stopped(store: Store, now: datetime) -> None:
    await dealership(store, now)
    clock = StandingClock(now)
    here = Worker(store, clock, PHRASE, every=0.01)
    await here.start()
    await handed_over(store, now)
    clock.time = now + timedelta(hours=2)
    for _ in range(300):
        if await said(store):
            break
        await asyncio.sleep(0.01)
    await here.stop()
    await here.stop()
    assert await said(store) == [("system", PHRASE("utter_callback_owed"))]


async def test_the_command_says_when_it_is_ready_and_ends_on_sigterm(database_url: str) -> None:
    environment = {
        **os.environ,
        "BOT_DATABASE_URL": database_url,
        "BOT_API_TOKEN": "a-token-for-tests",
        "BOT_SECRET_KEY": "a-secret-for-tests",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "worker", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    lines = []
    while line := (await asyncio.wait_for(process.stderr.readline(), 60)).decode():
        lines.append(line)
        if "worker: ready" in line:
            process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 30) == 0, "".join(lines)
    assert sum("worker: ready" in line for line in lines) == 1
    assert not any("Traceback" in line for line in lines)
