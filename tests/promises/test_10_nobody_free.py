"""Promise 10: nobody free in time: the customer is told, a call-back ticket exists, a supervisor is alerted."""

from __future__ import annotations

import asyncio

import pytest

from bot.services import handoffs
from tests.desk.desks import at_desk
from tests.promises.scenes import (
    LI,
    Copies,
    api_post,
    asked,
    audited,
    desk_post,
    key_of,
    notices,
    said,
    worker_of,
)

PHONE, MASKED = "13800138001", "138****8001"
TOO_LATE = 61


async def line(copies: Copies) -> str:
    """The customer's line in the queue, as the other copy's desk draws it."""
    async with at_desk(copies.other, "adviser") as zhou:
        return (await zhou.get("/desk/queue/list?show=all")).text


async def test_two_workers_at_once_tell_the_customer_and_the_supervisor_once(copies: Copies) -> None:
    await asked(copies.one, phone=PHONE)
    await copies.advance(TOO_LATE)
    await asyncio.gather(*(worker_of(bot).run_once() for bot in copies.bots))
    await copies.work()
    words = [text for sender, text in await said(copies.one) if sender == "system"]
    assert len(words) == 1
    assert "回电" in words[0]
    assert await audited(copies.one, "alert") == [("handoff", "bot", "unanswered")]
    assert (await notices(copies.one)).count("call_back_owed") == 1


async def test_the_ticket_stands_in_the_queue_with_the_masked_phone_until_somebody_answers(copies: Copies) -> None:
    number = (await asked(copies.one, phone=PHONE)).id
    await copies.advance(TOO_LATE - 5)
    await copies.work()
    assert "需回电" not in await line(copies)
    await copies.advance(5)
    await copies.work()
    async with copies.one.store.reading() as uow:
        (owed,) = await handoffs.owed_call_backs(uow)
    assert (owed.handoff.id, owed.phone) == (number, PHONE)
    drawn = await line(copies)
    assert f"需回电 {MASKED}" in drawn
    assert PHONE not in drawn
    await api_post(copies.one, number, "claim", agent="小周")
    assert "需回电" in await line(copies), "claimed is not called back yet"
    await api_post(copies.other, number, "reply", agent="小周", text="您好，刚才给您打过电话")
    assert "需回电" not in await line(copies)


async def test_who_has_left_no_number_is_asked_for_it_and_the_ticket_gets_it(copies: Copies) -> None:
    await asked(copies.one)
    await copies.advance(TOO_LATE)
    await copies.work()
    assert "手机号" in (await said(copies.one))[-1][1]
    delivery = await copies.other.context.inbox.receive(channel="web", user=LI, text=PHONE)
    assert delivery.claim is not None
    future = copies.other.context.router.expect(delivery.message_id)
    copies.other.context.router.run(delivery.claim)
    await asyncio.wait_for(future, 10)
    assert f"需回电 {MASKED}" in await line(copies)


async def test_called_back_and_settled_the_ticket_is_gone(copies: Copies) -> None:
    await asked(copies.one, phone=PHONE)
    await copies.advance(TOO_LATE)
    await copies.work()
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as zhou:
        await desk_post(zhou, key, "claim")
        await desk_post(zhou, key, "resolve", reason="已回电")
    async with copies.other.store.reading() as uow:
        assert await handoffs.owed_call_backs(uow) == []
    assert "需回电" not in await line(copies)


@pytest.mark.parametrize("minutes", [9, 11])
async def test_danger_waits_ten_minutes_by_day_and_night(copies: Copies, minutes: int) -> None:
    await copies.advance(12 * 60)
    await asked(copies.one, urgency="danger", phone=PHONE)
    await copies.advance(minutes)
    await copies.work()
    assert bool(await audited(copies.one, "alert")) == (minutes > 10)


async def test_at_night_nobody_is_late_before_the_first_hour_of_the_morning(copies: Copies) -> None:
    await copies.advance(12 * 60)  # 22:00
    await asked(copies.one, phone=PHONE)
    await copies.advance(11 * 60)  # 09:00
    await copies.work()
    assert await audited(copies.one, "alert") == []
    await copies.advance(35)
    await copies.work()
    assert [detail for _, _, detail in await audited(copies.one, "alert")] == ["unanswered"]
