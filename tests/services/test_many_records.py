"""The manager's figures come quickly, however much was said: 100,000 messages, 20,000 hand-offs and promises."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.services.reports import report_of, sentences_of
from bot.store import tables
from bot.store.engine import Store
from tests.machine import slowness
from tests.services.week import LIN, Week

NOW = datetime(2026, 11, 20, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
PEOPLE, MESSAGES, MATTERS = 2_000, 100_000, 20_000
QUICK = 1.0  # seconds, on whatever machine runs the tests; `make bench` says what it takes on an idle one


async def insert(uow: Any, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 2_000):
        await uow.connection.execute(sa.insert(table), rows[start : start + 2_000])


def message(number: int, conversation: int) -> dict[str, Any]:
    speaks = "agent" if number % 10 == 0 else "bot" if number % 10 < 5 else "customer"
    return {
        "conversation_id": conversation,
        "sender": speaks,
        "agent": LIN if speaks == "agent" else None,
        "text": "您好，请问什么时候可以到店保养" * 8,
        "state": "done" if speaks == "customer" else "sent",
        "time": NOW - timedelta(minutes=(MESSAGES - number) / 2),
        "intent": "fragment" if number % 30 == 9 else None,
    }


def handoff(number: int, conversation: int) -> dict[str, Any]:
    asked = NOW - timedelta(minutes=10 * number + 60)
    return {
        "conversation_id": conversation, "channel": "web", "user": "x", "reason": "wants_person", "owner": LIN,
        "status": "resolved", "requested_at": asked, "claimed_at": asked + timedelta(minutes=5),
        "answered_at": asked + timedelta(minutes=9), "closed_at": asked + timedelta(minutes=50),
    }  # fmt: skip


def promise(number: int) -> dict[str, Any]:
    begun = NOW - timedelta(minutes=10 * number)
    due = begun + timedelta(minutes=60)
    ends = {"met_at": begun + timedelta(minutes=9 if number % 5 else 90)}
    return {
        "kind": "answer",
        "subject_kind": "handoff",
        "subject_id": 10**6 + number,
        "started_at": begun,
        "due_at": due,
        **ends,
    }


@pytest.mark.long
@pytest.mark.alone
async def test_a_report_of_many_records_is_quick(store: Store) -> None:
    async with store.transaction() as uow:
        await Week(uow, NOW).fill()
        people = [{"channel": "web", "user": f"p{n}", "created_at": NOW} for n in range(PEOPLE)]
        await insert(uow, tables.conversations, people)
        ids = list((await uow.connection.execute(sa.select(tables.conversations.c.id))).scalars())
        await insert(uow, tables.messages, [message(n, ids[n % PEOPLE]) for n in range(MESSAGES)])
        await insert(uow, tables.handoffs, [handoff(n, ids[n % PEOPLE]) for n in range(MATTERS)])
        await insert(uow, tables.deadlines, [promise(n) for n in range(MATTERS)])
    took = []
    for _ in range(5):
        began = time.perf_counter()
        async with store.reading() as uow:
            report = await report_of(uow, NOW, day=NOW.date())
            await uow.reports.sentences(NOW - timedelta(days=7), NOW, 30)
        took.append(time.perf_counter() - began)
    assert report.misread.on(range(7)) > 600
    assert min(took) <= QUICK * slowness(), took
    async with store.transaction() as uow:
        assert len(await sentences_of(uow, NOW, day=NOW.date(), actor=LIN)) > 600
