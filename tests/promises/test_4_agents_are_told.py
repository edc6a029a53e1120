"""Promise 4: agents are notified, also with the page closed.

The Telegram group itself is tried in tests/channels/test_telegram_group.py, the webhook in test_desk_webhook.py, the
browser's notification in tests/browser/desk/test_notify.py; here: that what each of them sends is stored with the
request itself, so that no crash comes between, and that it is sent once by whichever copy lives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.services import handoffs
from bot.wiring import Bot
from tests.channels.telegram_agents import GROUP, desk_on, notice_states, said_by_agents
from tests.channels.telegram_agents import asked as asked_on_telegram
from tests.channels.telegram_bot import LI, until
from tests.platforms.telegram_api import FakeTelegram
from tests.promises.scenes import Copies, api_post, asked, notices


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


async def test_every_change_that_concerns_agents_is_stored_with_it(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await api_post(copies.other, number, "claim", agent="小周")
    async with copies.one.store.transaction() as uow:
        await handoffs.return_to_queue(uow, copies.one.clock.now(), handoff_id=number)
    await asked(copies.other, urgency="danger")
    assert await notices(copies.one) == ["handoff_waiting", "handoff_left", "handoff_waiting"]


async def test_a_request_that_is_rolled_back_is_told_to_nobody(copies: Copies) -> None:
    async def ask_and_break_off() -> None:
        async with copies.one.store.transaction() as uow:
            now = copies.one.clock.now()
            await handoffs.request_handoff(uow, now, channel="web", user="li", reason="wants_person")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await ask_and_break_off()
    assert await notices(copies.other) == []


async def test_two_copies_tell_the_group_once_with_no_page_open(fake: FakeTelegram, database_url: str) -> None:
    fake.meet(LI)
    async with desk_on(fake, database_url) as one, desk_on(fake, database_url) as other:
        await asked_on_telegram(one)
        await fake.wait_sent(1, GROUP)
        await until_told(other)
        assert len(fake.sent(GROUP)) == 1


async def test_what_a_dead_copy_has_not_told_is_told_by_the_next(fake: FakeTelegram, database_url: str) -> None:
    """The request is stored while nobody is there to send: then a copy starts, and the group hears."""
    fake.meet(LI)
    async with desk_on(fake, database_url) as bot:
        store, now = bot.store, bot.clock.now()
        fake.down = True
        async with store.transaction() as uow:
            await handoffs.request_handoff(uow, now, channel="telegram", user=str(LI), reason="wants_person")
    fake.down = False
    async with desk_on(fake, database_url) as next_one:
        await fake.wait_sent(1, GROUP)
        await until_told(next_one)
        assert await said_by_agents(next_one) == []


async def until_told(bot: Bot) -> None:
    async def told() -> bool:
        return [state for _, state in await notice_states(bot)] == ["sent"]

    await until(told, 20)
