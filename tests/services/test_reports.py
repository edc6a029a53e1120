"""The manager's figures, counted from records with known numbers on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.business.refusals import InvalidValue
from bot.business.reports import AgentLoad, spread_of
from bot.services import handoffs
from bot.services.reports import CAME, DUE, LAST, Report, report_of, sentences_of, sheet_of
from bot.services.workshop_basics import fill_basics
from bot.store.engine import Store
from tests.services.week import EVIL, HE, LIN, Week

NOW = datetime(2026, 11, 20, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY, YESTERDAY, WEEK = {LAST}, {LAST - 1}, range(LAST + 1)


async def counted(store: Store, day: date = NOW.date()) -> Report:
    async with store.transaction() as uow:
        await Week(uow, NOW).fill()
    async with store.reading() as uow:
        return await report_of(uow, NOW, day=day)


async def test_bookings_are_counted_by_channel_and_kind(store: Store) -> None:
    report = await counted(store)
    assert [report.by_channel.on(days) for days in (TODAY, YESTERDAY, WEEK)] == [3, 2, 5]
    assert [report.by_channel.on(TODAY, channel) for channel in ("wechat", "desk", "rest")] == [2, 0, 0]
    assert report.by_kind.on(WEEK, "maintenance") == 2


async def test_who_was_due_came_or_did_not(store: Store) -> None:
    visits = (await counted(store)).visits
    assert [(visits.on(days, *CAME), visits.on(days, *DUE)) for days in (TODAY, YESTERDAY)] == [(1, 2), (1, 2)]


async def test_handoffs_are_grouped_by_reason(store: Store) -> None:
    handoffs = (await counted(store)).handoffs
    reasons = {reason: handoffs.on(TODAY, reason) for reason in handoffs.kinds()}
    assert reasons == {"wants_person": 2, "wants_manager": 1, "rescue": 1, "agent": 0}
    assert handoffs.on(YESTERDAY, "agent") == 1


async def test_first_answers_and_resolutions_in_both_kinds_of_minutes(store: Store) -> None:
    report = await counted(store)
    today = [each for each in report.first_answers if each.day == LAST]
    before = [each for each in report.first_answers if each.day == LAST - 1]
    assert spread_of(each.calendar for each in today).median == 20
    assert spread_of(each.calendar for each in today).slow == 30
    assert [(each.calendar, each.working) for each in before] == [(80, 20)]
    assert sorted(each.calendar for each in report.resolutions) == [25, 40]


async def test_promises_count_on_the_day_they_were_made(store: Store) -> None:
    report = await counted(store)
    assert {kind: report.kept.on(TODAY, kind) for kind in report.kept.kinds()} == {"answer": 1, "complaint_3": 1}
    assert [report.broken.on(TODAY, "answer"), report.broken.on(TODAY)] == [1, 1]
    assert report.broken.on(YESTERDAY, "rescue_news") == 1


async def test_complaints_and_opinions(store: Store) -> None:
    report = await counted(store)
    assert [report.complaints.on(TODAY, "3"), report.complaints.on(WEEK)] == [1, 4]
    assert (report.complaints_open, report.complaints_late) == ({1: 2, 3: 1}, {1: 1, 3: 0})
    assert [report.scores.on(TODAY, "10"), report.scores.on(TODAY), report.scores.on(WEEK)] == [1, 2, 3]
    assert report.asked.on(YESTERDAY) == 4


async def test_the_load_of_agents(store: Store) -> None:
    load = (await counted(store)).load
    lin = AgentLoad(LIN, "adviser", "", available=True, open=1, answered=2, first_answer=20)
    assert {each.name: each for each in load}[LIN] == lin
    assert {each.name: each.open for each in load} == {LIN: 1, HE: 2}


async def test_a_chosen_day_is_counted_as_it_was(store: Store) -> None:
    report = await counted(store, NOW.date() - timedelta(days=1))
    assert [report.by_channel.on(TODAY), report.misread.on(TODAY), report.misread.on(WEEK)] == [2, 1, 1]


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(1, 1, 1), date.max])
async def test_a_day_to_come_is_refused(store: Store, day: date) -> None:
    with pytest.raises(InvalidValue):
        await counted(store, day)


async def test_sentences_not_understood_come_without_the_person_and_are_audited(store: Store) -> None:
    report = await counted(store)
    assert report.misread.kinds() == ("fragment", "out_of_scope")
    async with store.transaction() as uow:
        said = await sentences_of(uow, NOW, day=NOW.date(), actor=LIN)
        read = await uow.audit.about("sentences", "2026-11-20")
    assert [(each.intent, each.text) for each in said] == [
        ("fragment", "我叫〈姓名〉,打〈手机号〉"),
        ("fragment", f"那个啥 {EVIL} 〈车牌〉"),
        ("out_of_scope", "写首诗"),
    ]
    assert [(entry.actor, entry.action) for entry in read] == [(LIN, "read")]


@pytest.mark.parametrize(("noun", "count"), [("bookings", 5), ("handoffs", 6), ("complaints", 4), ("surveys", 4)])
async def test_records_of_some_days_are_exported_and_audited(store: Store, noun: str, count: int) -> None:
    await counted(store)
    days = {"first": date(2026, 11, 14), "last": date(2026, 11, 20)}
    async with store.transaction() as uow:
        rows = await sheet_of(uow, NOW, noun=noun, actor=LIN, **days)
        written = await uow.audit.about(noun, "2026-11-14..2026-11-20")
    assert (len(rows), [entry.action for entry in written]) == (count, ["export"])


Wish = Callable[[Any], Awaitable[Any]]


@pytest.mark.parametrize(
    ("noun", "first", "last"),
    [
        ("customers", date(2026, 11, 1), date(2026, 11, 2)),
        ("bookings", date(2026, 11, 2), date(2026, 11, 1)),
        ("bookings", date(2020, 1, 1), date(2026, 11, 1)),
        ("bookings", date(9999, 12, 1), date.max),
    ],
)
async def test_a_file_that_cannot_be_is_refused(store: Store, noun: str, first: date, last: date) -> None:
    async with store.transaction() as uow:
        with pytest.raises(InvalidValue):
            await sheet_of(uow, NOW, noun=noun, first=first, last=last, actor=LIN)


async def test_who_really_answered_first_and_when_it_was_first_taken_outlast_a_transfer(store: Store) -> None:
    asked, days = NOW - timedelta(minutes=30), {"first": NOW.date(), "last": NOW.date()}
    by = {"login": "x", "role": "adviser", "password_hash": "-"}
    async with store.transaction() as uow:
        await uow.agents.add(NOW, **{**by, "login": "lin", "name": LIN})
        receipt = await handoffs.request_handoff(uow, asked, channel="web", user="u1", reason="wants_person")
        await handoffs.claim(uow, asked + timedelta(minutes=5), handoff_id=receipt.id, agent=LIN)
        await handoffs.reply(uow, asked + timedelta(minutes=7), handoff_id=receipt.id, agent=LIN, text="您好")
        await handoffs.pass_on(uow, asked + timedelta(minutes=20), handoff_id=receipt.id, agent=LIN, to=HE)
        await handoffs.reply(uow, asked + timedelta(minutes=21), handoff_id=receipt.id, agent=HE, text="您好")
        found = (await report_of(uow, NOW, day=NOW.date())).first_answers
        rows = await sheet_of(uow, NOW, noun="handoffs", actor=LIN, **days)
    assert [(each.agent, each.calendar) for each in found] == [(LIN, 7)]
    assert [(row["owner"], row["claimed_at"]) for row in rows] == [(HE, asked + timedelta(minutes=5))]
    assert "first_claim" not in rows[0]


async def test_what_an_agent_booked_for_somebody_who_has_a_chat_came_by_the_desk(store: Store) -> None:
    days = {"first": NOW.date(), "last": NOW.date()}
    async with store.transaction() as uow:
        week = Week(uow, NOW)
        await fill_basics(uow)
        await week.appointment(NOW, NOW + timedelta(days=1), "booked", "wechat", "maintenance")
        await uow.audit.write(NOW, actor=LIN, action="book", kind="appointment", subject="A-1")
        counted_by = (await report_of(uow, NOW, day=NOW.date())).by_channel
        rows = await sheet_of(uow, NOW, noun="bookings", actor=LIN, **days)
    assert [counted_by.on(TODAY, "desk"), counted_by.on(TODAY)] == [1, 1]
    assert [row["channel"] for row in rows] == ["desk"]
