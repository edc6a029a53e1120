"""What one process commits, another hears of."""

import asyncio

import pytest

from bot.store.engine import Store
from bot.store.notices import Notices
from tests.messages.fakes import NOON


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_news_reach_the_other_process_after_the_commit(store: Store, database_url: str) -> None:
    heard: asyncio.Queue[int] = asyncio.Queue()
    other = Store(database_url)
    await other.start()
    notices = Notices(other, heard.put_nowait, lambda _topic: None)
    await notices.start()
    await asyncio.sleep(0.5)
    async with store.transaction() as uow:
        conversation = await uow.conversations.ensure("web", "li", NOON)
        await uow.conversations.announce(conversation.id)
        await asyncio.sleep(0.1)
        assert heard.empty()
    assert await asyncio.wait_for(heard.get(), 5) == conversation.id
    await notices.stop()
    await other.close()
