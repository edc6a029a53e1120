"""Promises that run: who begins, keeps and ends them; never set back by what the bot says."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.messages.inbox import Inbox
from bot.services import deadlines, handoffs, overdue
from bot.services.booking import book_appointment, cancel_appointment, change_details
from bot.services.complaints import file_complaint, update_complaint
from bot.services.privacy import delete_person
from bot.services.rescues import open_rescue, update_rescue
from bot.services.work_orders import open_work_order, update_work_order
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork
from tests.messages.fakes import StandingClock
from tests.services.dealership import LI, fill, rows
from tests.services.workshops import request_for, set_up

ME: dict[str, Any] = {"channel": "web", "user": "u1"}
AGENT = "小周"
HOUR = timedelta(hours=1)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


async def asked(uow: UnitOfWork, now: datetime, urgency: str = "normal") -> int:
    return (await handoffs.request_handoff(uow, now, **ME, reason="wants_person", urgency=urgency)).id


async def promised(uow: UnitOfWork, kind: str | None = None) -> list[Any]:
    """The rows of the store, of one kind if that is given."""
    return [row for row in await rows(uow, tables.deadlines) if kind in (None, row.kind)]


async def running(uow: UnitOfWork) -> list[tuple[str, str, datetime]]:
    found = [row for row in await promised(uow) if row.met_at is None and row.dropped_at is None]
    return sorted((row.subject_kind, row.kind, row.due_at) for row in found)


async def talk(uow: UnitOfWork) -> int:
    conversation = await uow.conversations.find("web", "u1")
    assert conversation is not None
    return conversation.id


async def write(store: Store, at: datetime, text: str = "在吗") -> None:
    await Inbox(store, StandingClock(at)).receive(**ME, text=text)


@pytest.fixture
async def dealer(store: Store, now: datetime) -> Store:
    async with store.transaction() as uow:
        await fill(uow, now)
    return store


async def test_asking_for_a_person_is_acknowledged_at_once_and_to_be_answered_by_one(
    dealer: Store, now: datetime
) -> None:
    async with dealer.transaction() as uow:
        await asked(uow, now)
        assert await running(uow) == [("handoff", "answer", now + HOUR)]
        (heard,) = await promised(uow, "acknowledgement")
    assert (heard.met_at, heard.due_at) == (now, now + minutes(10))


async def test_the_answer_counts_from_the_first_request_whatever_bot_and_system_say(
    dealer: Store, now: datetime
) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        for later, sender in ((5, "bot"), (20, "system"), (40, "bot")):
            at = now + minutes(later)
            await uow.messages.add(await talk(uow), sender=sender, text="请稍候", state="sent", time=at)
            await asked(uow, at)
        await handoffs.claim(uow, now + minutes(50), handoff_id=key, agent=AGENT)
        await handoffs.note(uow, now + minutes(51), handoff_id=key, agent=AGENT, text="稍后回复")
        assert await running(uow) == [("handoff", "answer", now + HOUR)]
        await handoffs.reply(uow, now + minutes(55), handoff_id=key, agent=AGENT, text="您好")
        assert await running(uow) == []
        handoff = await uow.handoffs.get(key)
        (answer,) = await promised(uow, "answer")
    assert handoff is not None
    assert handoff.answered_at == answer.met_at == now + minutes(55)


async def test_only_the_first_reply_is_when_the_customer_was_answered(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        for later in (3, 9):
            await handoffs.reply(uow, now + minutes(later), handoff_id=key, agent=AGENT, text="您好")
        handoff = await uow.handoffs.get(key)
    assert handoff is not None
    assert handoff.answered_at == now + minutes(3)


async def test_what_the_customer_writes_to_an_agent_starts_clocks_once_until_the_next_words(
    dealer: Store, now: datetime
) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
    await write(dealer, now + minutes(2))  # nobody has it yet: the first request counts
    async with dealer.transaction() as uow:
        await handoffs.claim(uow, now + minutes(3), handoff_id=key, agent=AGENT)
    await write(dealer, now + minutes(4))  # still unanswered: the first request counts
    async with dealer.transaction() as uow:
        assert await running(uow) == [("handoff", "answer", now + HOUR)]
        await handoffs.reply(uow, now + minutes(5), handoff_id=key, agent=AGENT, text="您好")
    await write(dealer, now + minutes(30))
    await write(dealer, now + minutes(35), "还在吗")
    async with dealer.transaction() as uow:
        due = now + minutes(40)
        assert await running(uow) == [
            ("conversation", "acknowledgement", due),
            ("conversation", "answer", now + minutes(90)),
        ]
        shown = await deadlines.running_in(uow, [await talk(uow)])
        assert [each.kind for each in shown[await talk(uow)]] == ["acknowledgement", "answer"]
        await handoffs.reply(uow, now + minutes(41), handoff_id=key, agent=AGENT, text="在的")
        assert await running(uow) == []


@pytest.mark.parametrize("how", ["release", "resolve"])
async def test_giving_back_ends_what_was_still_to_be_answered(dealer: Store, now: datetime, how: str) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        await handoffs.reply(uow, now, handoff_id=key, agent=AGENT, text="您好")
    await write(dealer, now + minutes(1))
    async with dealer.transaction() as uow:
        end: dict[str, Any] = {"handoff_id": key, "agent": AGENT}
        if how == "release":
            await handoffs.release(uow, now + minutes(2), **end)
        else:
            await handoffs.resolve(uow, now + minutes(2), **end, reason="已解答")
        assert await running(uow) == []
    await write(dealer, now + minutes(3))
    async with dealer.reading() as uow:
        assert await running(uow) == [], "the bot answers now"


async def test_thanks_start_no_clock(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        await handoffs.reply(uow, now, handoff_id=key, agent=AGENT, text="您好，已经安排好了")
    await write(dealer, now + minutes(1), "好的，谢谢")
    async with dealer.reading() as uow:
        assert await running(uow) == []


async def test_an_agent_who_steps_in_unasked_owes_nothing_until_the_customer_writes(
    dealer: Store, now: datetime
) -> None:
    await write(dealer, now)
    async with dealer.transaction() as uow:
        await handoffs.take_over(uow, now, conversation_id=await talk(uow), agent=AGENT)
        assert await promised(uow) == []
    await write(dealer, now + minutes(1))
    async with dealer.reading() as uow:
        assert [kind for _, kind, _ in await running(uow)] == ["acknowledgement", "answer"]


async def test_danger_asks_for_a_person_within_ten_minutes_and_the_answer_too(dealer: Store, now: datetime) -> None:
    night = now.replace(hour=2)
    async with dealer.transaction() as uow:
        key = await asked(uow, night, "danger")
        assert await running(uow) == [
            ("handoff", "answer", night.replace(hour=9, minute=30)),
            ("handoff", "danger_handoff", night + minutes(10)),
        ]
        await handoffs.claim(uow, night + minutes(4), handoff_id=key, agent=AGENT)
        assert [kind for _, kind, _ in await running(uow)] == ["answer"]
        await handoffs.return_to_queue(uow, night + minutes(30), handoff_id=key)
        assert ("handoff", "danger_handoff", night + minutes(10)) in await running(uow)


async def test_who_had_an_answer_and_is_left_waits_from_then(dealer: Store, now: datetime) -> None:
    left = now + 3 * HOUR + HOUR
    async with dealer.transaction() as uow:
        key = await asked(uow, now)
        await handoffs.reply(uow, now, handoff_id=key, agent=AGENT, text="您好")
        await handoffs.return_to_queue(uow, left, handoff_id=key)
        assert await running(uow) == [("handoff", "answer", left + HOUR)]
        assert await handoffs.unanswered(uow, left + 2 * HOUR) == [], "they need no word about a call-back"


async def test_a_visit_booked_by_chat_is_confirmed_at_once(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        await book_appointment(uow, now, request_for(now + timedelta(days=1)))
        assert await running(uow) == []
        (booking,) = await promised(uow, "online_booking")
    assert (booking.met_at, booking.due_at) == (now, now + 2 * HOUR)


async def test_a_visit_to_be_checked_waits_for_a_person(store: Store, now: datetime) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    start = now + timedelta(days=1)
    async with store.transaction() as uow:
        checked, cancelled = [
            await book_appointment(uow, now, request_for(start + days, "粤B12345", user, needs_check=True))
            for days, user in ((timedelta(0), "u1"), (timedelta(1), "u2"))
        ]
        assert await running(uow) == [("appointment", "online_booking", now + 2 * HOUR)] * 2
        await change_details(uow, now + HOUR, number=checked.number, changes={"note": "等等"})
        assert len(await running(uow)) == 2
        await change_details(uow, now + HOUR, number=checked.number, changes={"needs_check": False})
        await cancel_appointment(uow, now + HOUR, number=cancelled.number, reason="x", by_staff=True)
        assert await running(uow) == []
        found = {(row.met_at is not None, row.dropped_at is not None) for row in await promised(uow)}
    assert found == {(True, False), (False, True)}


async def test_a_complaint_has_its_level_and_the_next_news(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        complaint = await file_complaint(uow, now, **ME, text="等太久了")
        assert await running(uow) == [
            ("complaint", "answer", now + HOUR),
            ("complaint", "complaint_1", complaint.deadline),
        ]
        await update_complaint(uow, now + minutes(5), number=complaint.number, by=AGENT, note="已联系车间")
        assert len(await running(uow)) == 2, "a note is for agents"
        await update_complaint(
            uow, now + minutes(30), number=complaint.number, by=AGENT, status="answered", solution="免费检查"
        )
        assert await running(uow) == []
        await update_complaint(uow, now + HOUR, number=complaint.number, by=AGENT, status="open")
        assert await running(uow) == [("complaint", "complaint_1", complaint.deadline)]


async def test_media_want_the_first_reaction_in_two_hours(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        await file_complaint(uow, now, **ME, text="我要发到抖音曝光你们")
        assert [kind for _, kind, _ in await running(uow)] == ["complaint_3", "media_reaction"]
        assert (await promised(uow, "media_reaction"))[0].due_at == now + 2 * HOUR


async def test_who_complained_and_is_written_to_by_an_agent_has_heard(dealer: Store, now: datetime) -> None:
    async with dealer.transaction() as uow:
        await uow.conversations.ensure("web", "u1", now)
        await file_complaint(uow, now, **ME, text="等太久了")
        key = await asked(uow, now, "complaint")
        await handoffs.reply(uow, now + minutes(9), handoff_id=key, agent=AGENT, text="非常抱歉")
        assert [kind for _, kind, _ in await running(uow)] == ["complaint_1"]


async def test_a_rescue_is_arranged_in_ten_minutes_with_news_every_thirty(dealer: Store, now: datetime) -> None:
    night = now.replace(hour=3)
    async with dealer.transaction() as uow:
        await uow.conversations.ensure("web", "u1", night)
        number = (await open_rescue(uow, night, **ME, text="抛锚了")).number
        key = await asked(uow, night, "danger")
        assert ("rescue", "rescue_arranged", night + minutes(10)) in await running(uow)
        await uow.messages.add(await talk(uow), sender="bot", text="正在安排", state="sent", time=night + minutes(5))
        assert ("rescue", "rescue_news", night + minutes(30)) in await running(uow), "the bot's news are none"
        await update_rescue(uow, night + minutes(8), number=number, status="arranged", by=AGENT)
        assert "rescue_arranged" not in [kind for _, kind, _ in await running(uow)]
        await handoffs.reply(uow, night + minutes(9), handoff_id=key, agent=AGENT, text="拖车已出发")
        assert await running(uow) == [("rescue", "rescue_news", night + minutes(39))]
        await update_rescue(uow, night + minutes(60), number=number, status="closed", by=AGENT)
        assert await running(uow) == []


async def test_the_workshops_promised_time_runs_until_the_car_is_ready(dealer: Store, now: datetime) -> None:
    first, second = now.replace(hour=16), now.replace(hour=17)
    async with dealer.transaction() as uow:
        number = (await open_work_order(uow, now, plate=LI, work="保养", promised_at=first)).number
        assert await running(uow) == [("work_order", "promised_time", first)]
        await update_work_order(uow, now + HOUR, number=number, promised_at=second, note="等待配件")
        assert await running(uow) == [("work_order", "promised_time", second)]
        await update_work_order(uow, now + 2 * HOUR, number=number, stage="inspection")
        assert len(await running(uow)) == 1
        await update_work_order(uow, now + 3 * HOUR, number=number, stage="ready")
        assert await running(uow) == []
        counted = await deadlines.kept_and_broken(uow, now, now + timedelta(days=1))
    assert counted == [("promised_time", 1, 0, 0)]


async def test_starting_twice_changes_nothing_also_at_once(dealer: Store, now: datetime) -> None:
    about: dict[str, Any] = {"kind": "answer", "subject_kind": "conversation", "subject_id": 1}

    async def begin(later: int) -> None:
        async with dealer.transaction() as uow:
            await deadlines.start(uow, now + minutes(later), **about)

    await asyncio.gather(*(begin(each) for each in range(5)))
    async with dealer.transaction() as uow:
        (row,) = await promised(uow)
        await deadlines.start(uow, now + HOUR, **about)
        assert [each.due_at for each in (await deadlines.running(uow, "conversation", [1, 2]))[1]] == [row.due_at]
        await deadlines.meet(uow, now + HOUR, **about)
        await deadlines.start(uow, now + HOUR, **about)
        assert len(await promised(uow)) == 2


async def test_kept_broken_and_running_promises_are_counted_by_the_day_they_were_made(
    dealer: Store, now: datetime
) -> None:
    about: dict[str, Any] = {"kind": "answer", "subject_kind": "conversation"}
    async with dealer.transaction() as uow:
        for key in range(1, 7):
            await deadlines.start(uow, now, **about, subject_id=key)
        await deadlines.start(uow, now - timedelta(days=1), **about, subject_id=7)
        await deadlines.meet(uow, now + minutes(60), **about, subject_id=1)  # in time
        await deadlines.meet(uow, now + minutes(61), **about, subject_id=2)  # late
        await deadlines.drop(uow, now + minutes(20), **about, subject_id=3)  # needed no more: neither
        await deadlines.drop(uow, now + minutes(70), **about, subject_id=4)  # given up when late
        key = next(row.id for row in await promised(uow) if row.subject_id == 5)
        await overdue.escalate(uow, now + minutes(60), key)  # runs, but is reported as late
        counted = await deadlines.kept_and_broken(uow, now, now + timedelta(days=1))
    assert counted == [("answer", 1, 3, 1)]


async def test_a_deleted_person_is_promised_nothing_any_more(dealer: Store, now: datetime) -> None:
    await set_up(dealer)
    async with dealer.transaction() as uow:
        await uow.conversations.ensure("web", "u1", now)
        await book_appointment(uow, now, request_for(now + timedelta(days=1), needs_check=True))
        await file_complaint(uow, now, **ME, text="等太久了")
        await file_complaint(uow, now, channel="web", user="u2", text="太贵了")
        await open_rescue(uow, now, **ME, text="抛锚了")
        await asked(uow, now)
        await delete_person(uow, now, **ME)
        left = {(row.subject_kind, row.kind) for row in await promised(uow)}
    assert left == {("complaint", "answer"), ("complaint", "complaint_1")}
