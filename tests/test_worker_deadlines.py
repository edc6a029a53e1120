"""The worker warns before a promise falls due and alerts after, each once, whatever runs beside it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.phrases import Phrases
from bot.messages.inbox import Inbox
from bot.services import handoffs
from bot.services.booking import book_appointment
from bot.services.complaints import file_complaint
from bot.services.desk_notices import switch_targets
from bot.services.rescues import open_rescue, update_rescue
from bot.store import tables
from bot.store.engine import Store
from bot.worker import Worker
from tests.messages.fakes import StandingClock
from tests.services.dealership import fill, rows
from tests.services.workshops import request_for, set_up

PHRASE = Phrases(Path(__file__).parents[1] / "domain.yml")
ME: dict[str, Any] = {"channel": "web", "user": "u1"}
AGENT = "小周"


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


async def work(store: Store, at: datetime) -> tuple[int, int]:
    """How many promises were warned of and escalated."""
    did = await Worker(store, StandingClock(at), PHRASE).run_once()
    return did["warnings"], did["escalations"]


async def noted(store: Store) -> list[tuple[str, str, str]]:
    """What supervisors find in the audit log: warning or alert, about what, which promise or why."""
    async with store.reading() as uow:
        found = [row for row in await rows(uow, tables.audit_log) if row.action in ("warning", "alert")]
    return [(row.action, row.subject_kind, row.detail) for row in found]


async def notices(store: Store) -> list[Any]:
    """What the agents' group is told about promises."""
    async with store.reading() as uow:
        found = await rows(uow, tables.desk_notices)
    return [row for row in found if row.kind.startswith("deadline") and row.target == "telegram"]


async def told(store: Store) -> list[tuple[str, str, str | None]]:
    return [(row.kind, row.urgency, row.payload["deadline"]) for row in await notices(store)]


async def said(store: Store) -> list[str]:
    async with store.reading() as uow:
        return [row.text for row in await rows(uow, tables.messages) if row.sender in ("bot", "system")]


@pytest.fixture
async def dealer(store: Store, now: datetime) -> Store:
    async with store.transaction() as uow:
        await fill(uow, now)
        await uow.connection.execute(tables.work_orders.update().values(promised_at=None))
        await uow.conversations.ensure("web", "u1", now)
        await switch_targets(uow, ["telegram"])
        await uow.settings.put("agent_gone_minutes", "0")
    return store


async def asked(store: Store, at: datetime, urgency: str = "normal") -> int:
    async with store.transaction() as uow:
        return (await handoffs.request_handoff(uow, at, **ME, reason="wants_person", urgency=urgency)).id


async def claimed(store: Store, at: datetime) -> int:
    key = await asked(store, at)
    async with store.transaction() as uow:
        await handoffs.claim(uow, at, handoff_id=key, agent=AGENT)
    return key


async def test_an_answer_owed_is_warned_of_and_then_escalated_each_once(dealer: Store, now: datetime) -> None:
    key = await claimed(dealer, now)
    assert await work(dealer, now + minutes(44)) == (0, 0)
    assert await work(dealer, now + minutes(45)) == (1, 0)
    assert await work(dealer, now + minutes(59)) == (0, 0)
    assert await work(dealer, now + minutes(60)) == (0, 1)
    assert await work(dealer, now + minutes(90)) == (0, 0)
    assert await noted(dealer) == [("warning", "handoff", "answer"), ("alert", "handoff", "answer")]
    assert await told(dealer) == [("deadline_warned", "normal", "answer"), ("deadline_broken", "normal", "answer")]
    assert await said(dealer) == [], "the agent who has the conversation speaks"
    assert {row.handoff_id for row in await notices(dealer)} == {key}


async def test_a_reply_in_time_leaves_nothing_to_warn_of(dealer: Store, now: datetime) -> None:
    key = await claimed(dealer, now)
    async with dealer.transaction() as uow:
        await handoffs.reply(uow, now + minutes(30), handoff_id=key, agent=AGENT, text="您好")
    assert await work(dealer, now + timedelta(hours=5)) == (0, 0)
    assert await noted(dealer) == []


async def test_what_is_dropped_is_neither_warned_of_nor_escalated(dealer: Store, now: datetime) -> None:
    key = await claimed(dealer, now)
    async with dealer.transaction() as uow:
        await handoffs.release(uow, now + minutes(50), handoff_id=key, agent=AGENT)
    assert await work(dealer, now + minutes(50)) == (0, 0)
    assert await work(dealer, now + timedelta(days=1)) == (0, 0)


async def test_a_customer_who_writes_to_a_silent_agent_is_not_forgotten(dealer: Store, now: datetime) -> None:
    key = await claimed(dealer, now)
    async with dealer.transaction() as uow:
        await handoffs.reply(uow, now, handoff_id=key, agent=AGENT, text="您好")
    await Inbox(dealer, StandingClock(now + minutes(5))).receive(**ME, text="在吗")
    assert await work(dealer, now + minutes(13)) == (1, 0)
    assert await work(dealer, now + minutes(15)) == (0, 1)
    assert await work(dealer, now + minutes(50)) == (1, 0)
    assert await work(dealer, now + minutes(65)) == (0, 1)
    assert [detail for action, _, detail in await noted(dealer) if action == "alert"] == ["acknowledgement", "answer"]


async def test_who_is_owed_a_call_back_is_not_reported_twice(dealer: Store, now: datetime) -> None:
    await asked(dealer, now)
    assert await work(dealer, now + minutes(46)) == (1, 0)
    did = await Worker(dealer, StandingClock(now + minutes(61)), PHRASE).run_once()
    assert (did["handoffs"], did["escalations"]) == (1, 0)
    assert await work(dealer, now + minutes(62)) == (0, 0)
    assert await noted(dealer) == [("warning", "handoff", "answer"), ("alert", "handoff", "unanswered")]
    async with dealer.reading() as uow:
        (answer,) = [row for row in await rows(uow, tables.deadlines) if row.kind == "answer"]
    assert (answer.escalated_at, answer.met_at) == (now + minutes(61), None)


async def test_danger_is_warned_of_after_eight_minutes(dealer: Store, now: datetime) -> None:
    await asked(dealer, now, "danger")
    assert await work(dealer, now + minutes(8)) == (1, 0)
    assert await told(dealer) == [("deadline_warned", "danger", "danger_handoff")]
    assert await work(dealer, now + minutes(10)) == (0, 0)
    assert ("alert", "handoff", "unanswered") in await noted(dealer)


async def test_late_help_is_reported_once_and_late_news_after_it_was_arranged(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        first = (await open_rescue(uow, now, **ME, text="抛锚了")).number
    for later in (9, 11, 24, 31):
        await work(dealer, now + minutes(later))
    assert [each for each in await noted(dealer) if each[0] == "alert"] == [("alert", "rescue", "not_arranged")]
    async with dealer.transaction() as uow:
        await update_rescue(uow, now + minutes(40), number=first, status="closed", by=AGENT)
        second = (await open_rescue(uow, now + minutes(60), **ME, text="又抛锚了")).number
        await update_rescue(uow, now + minutes(65), number=second, status="arranged", by=AGENT)
    assert await work(dealer, now + minutes(90)) == (0, 1)
    assert (await noted(dealer))[-1] == ("alert", "rescue", "rescue_news")


async def test_a_late_complaint_is_warned_of_and_reported_once(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        filed = await file_complaint(uow, now, **ME, text="等太久了")
    assert await work(dealer, filed.deadline - timedelta(hours=1)) == (1, 1)
    assert await work(dealer, filed.deadline + minutes(1)) == (0, 0)
    assert await noted(dealer) == [
        ("warning", "complaint", "complaint_1"),
        ("alert", "complaint", "answer"),
        ("alert", "complaint", "late"),
    ]
    assert {urgency for _, urgency, _ in await told(dealer)} == {"complaint"}


async def test_a_visit_nobody_has_looked_at_is_escalated_after_two_working_hours(store: Store, now: datetime) -> None:
    await set_up(store)
    evening = now.replace(hour=16, minute=30)
    async with store.transaction() as uow:
        await switch_targets(uow, ["telegram"])
        request = request_for((now + timedelta(days=3)).replace(hour=10), needs_check=True)
        number = (await book_appointment(uow, evening, request)).number
    morning = (now + timedelta(days=1)).replace(hour=9, minute=0)
    assert await work(store, morning - minutes(1)) == (0, 0)
    assert await work(store, morning) == (1, 0)
    assert await work(store, morning + minutes(30)) == (0, 1)
    assert [row.payload["number"] for row in await notices(store)] == [number, number]


async def test_after_a_standstill_a_late_promise_is_escalated_without_a_warning(dealer: Store, now: datetime) -> None:
    await claimed(dealer, now)
    assert await work(dealer, now + timedelta(days=2)) == (0, 1)
    assert [action for action, _, _ in await noted(dealer)] == ["alert"]


@pytest.mark.parametrize("later", [45, 60], ids=["warning", "escalation"])
async def test_several_workers_at_once_act_once(dealer: Store, database_url: str, now: datetime, later: int) -> None:
    await claimed(dealer, now)
    others = [Store(database_url) for _ in range(3)]
    for each in others:
        await each.start()
    try:
        did = await asyncio.gather(*(work(each, now + minutes(later)) for each in (dealer, *others)))
    finally:
        for each in others:
            await each.close()
    assert sum(warned + escalated for warned, escalated in did) == 1
    assert len(await noted(dealer)) == len(await told(dealer)) == 1


async def test_a_reply_at_the_same_moment_never_waits_for_the_worker_for_ever(
    dealer: Store, database_url: str, now: datetime
) -> None:
    key = await claimed(dealer, now)
    other = Store(database_url)
    await other.start()

    async def reply() -> None:
        async with other.transaction() as uow:
            await handoffs.reply(uow, now + minutes(60), handoff_id=key, agent=AGENT, text="您好")

    try:
        await asyncio.wait_for(asyncio.gather(reply(), work(dealer, now + minutes(60))), 20)
    finally:
        await other.close()
    async with dealer.reading() as uow:
        (answer,) = [row for row in await rows(uow, tables.deadlines) if row.kind == "answer"]
    assert answer.met_at == now + minutes(60)
