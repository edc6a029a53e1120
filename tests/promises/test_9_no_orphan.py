"""Promise 9: a crash, a shutdown or an agent who is gone leaves nobody who waits for no one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from bot.services import handoffs
from bot.services.left_behind import MINUTES
from tests.channels.telegram_agents import asked as asked_on_telegram
from tests.channels.telegram_bot import LI, bot_on, messages_of, until
from tests.desk.desks import at_desk
from tests.platforms.telegram_api import FakeTelegram
from tests.promises.scenes import (
    Copies,
    api_post,
    asked,
    audited,
    desk_post,
    handoffs_of,
    key_of,
    notices,
    owner_of,
    said,
    worker_of,
    write,
)

AGENT = "小周"


async def claimed(copies: Copies, answered: bool = True) -> int:
    """A hand-off in the hands of an agent of the desk."""
    first = await asked(copies.one)
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as zhou:
        await desk_post(zhou, key, "claim")
        if answered:
            await desk_post(zhou, key, "reply", text="您好", once="a-click-0001")
    return first.id


async def test_a_customer_whose_agent_is_gone_waits_for_colleagues_from_the_first_request(copies: Copies) -> None:
    await claimed(copies)
    (before,) = await handoffs_of(copies.one)
    await write(copies.one, "那我什么时候来取车")
    await copies.advance(59)
    await copies.work()
    assert await owner_of(copies.one) == ("agent", AGENT)
    await copies.advance(2)
    await asyncio.gather(*(worker_of(bot).run_once() for bot in copies.bots))
    assert await owner_of(copies.other) == ("queue", None)
    (after,) = await handoffs_of(copies.one)
    assert (after.status, after.requested_at) == ("waiting", before.requested_at)
    assert (await notices(copies.one)).count("handoff_left") == 1
    assert ("handoff", "bot", "agent_gone") in await audited(copies.one, "alert")
    assert [sender for sender, _ in await said(copies.one)] == ["agent", "customer"], "the customer is not disturbed"


async def test_an_agent_who_is_there_keeps_what_is_theirs(copies: Copies) -> None:
    await claimed(copies)
    await write(copies.one, "那我什么时候来取车")
    await copies.advance(50)
    async with copies.other.store.transaction() as uow:
        agent = await uow.agents.by_name(AGENT)
        await uow.agents.change(agent.id, copies.other.clock.now(), seen_at=copies.other.clock.now())
    await copies.advance(30)
    await copies.work()
    assert await owner_of(copies.one) == ("agent", AGENT)


async def test_nobody_is_taken_from_an_agent_while_nobody_waits(copies: Copies) -> None:
    await claimed(copies)
    await copies.advance(5 * 60)
    await copies.work()
    assert await owner_of(copies.one) == ("agent", AGENT)
    await write(copies.one, "还在吗")
    await copies.work()
    assert await owner_of(copies.one) == ("agent", AGENT), "the agent hears it and may come back"
    await copies.advance(16)
    await copies.work()
    assert await owner_of(copies.one) == ("queue", None)


async def test_a_night_is_not_counted(copies: Copies) -> None:
    await copies.advance(7 * 60)  # 17:00
    await claimed(copies)
    await write(copies.one, "明天几点开门")
    await copies.advance(15 * 60 + 45)  # 08:45
    await copies.work()
    assert await owner_of(copies.one) == ("agent", AGENT)
    await copies.advance(20)
    await copies.work()
    assert await owner_of(copies.one) == ("queue", None)


async def test_in_danger_ten_minutes_are_enough(copies: Copies) -> None:
    number = (await asked(copies.one, urgency="danger")).id
    await api_post(copies.one, number, "claim", agent=AGENT)
    await copies.advance(11)
    await copies.work()
    assert await owner_of(copies.one) == ("queue", None)


@pytest.mark.parametrize(("minutes", "owner"), [("0", "agent"), ("20", "queue"), ("oft", "agent")])
async def test_the_dealer_says_how_long(copies: Copies, minutes: str, owner: str) -> None:
    async with copies.one.store.transaction() as uow:
        await uow.settings.put(MINUTES, minutes)
    await claimed(copies, answered=False)
    await copies.advance(25)
    await copies.work()
    assert (await owner_of(copies.one))[0] == owner


async def test_what_somebody_who_may_no_longer_sign_in_has_is_given_back_at_once(copies: Copies) -> None:
    await claimed(copies)
    async with copies.one.store.transaction() as uow:
        agent = await uow.agents.by_name(AGENT)
        await uow.agents.change(agent.id, copies.one.clock.now(), active=False)
    await copies.work()
    assert await owner_of(copies.one) == ("queue", None)


async def test_an_agent_who_answers_at_that_very_moment_keeps_it_or_gets_it_back(copies: Copies) -> None:
    number = await claimed(copies)
    await write(copies.one, "在吗")
    await copies.advance(61)
    await asyncio.gather(
        worker_of(copies.one).run_once(),
        api_post(copies.other, number, "reply", agent=AGENT, text="我在"),
        worker_of(copies.other).run_once(),
    )
    assert await owner_of(copies.one) == ("agent", AGENT)
    assert ("agent", "我在") in await said(copies.one)


async def test_a_claim_that_dies_before_its_commit_leaves_the_customer_in_the_queue(copies: Copies) -> None:
    number = (await asked(copies.one)).id

    async def claim_and_die() -> None:
        async with copies.one.store.transaction() as uow:
            await handoffs.claim(uow, copies.one.clock.now(), handoff_id=number, agent=AGENT)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await claim_and_die()
    assert await owner_of(copies.other) == ("queue", None)
    assert (await api_post(copies.other, number, "claim", agent="小王")).status_code == 200


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


async def test_a_reply_stored_by_a_copy_that_is_killed_before_it_sends_goes_out_once(
    fake: FakeTelegram, database_url: str
) -> None:
    """kill -9 between the commit of an agent's words and their sending; the next copies send them, once."""
    fake.meet(LI)
    async with bot_on(fake, database_url) as first:
        number = await asked_on_telegram(first)
    command = (sys.executable, "-W", "ignore", "-m", "tests.promises.dying", database_url, str(number))
    died = await asyncio.create_subprocess_exec(*command)
    assert await asyncio.wait_for(died.wait(), 60) == -9
    assert fake.texts(LI) == []
    async with bot_on(fake, database_url) as one, bot_on(fake, database_url) as other:
        await fake.wait_sent(1, LI)

        async def noted() -> bool:
            return [each.state for each in await messages_of(other)] == ["sent"]

        await until(noted)
        assert one.store is not other.store
        await asyncio.sleep(0.5)
    assert fake.texts(LI) == ["您好，我是小周"]
