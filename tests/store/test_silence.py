"""A database host that vanishes without a word: connections are not closed, nothing answers any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable

import pytest

from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store, database_url
from bot.store.notices import Notices
from bot.wiring import Bot
from tests.durability.front import Front
from tests.messages.fakes import NOON, EchoEngine
from tests.running import client_of, settings_for

pytestmark = [pytest.mark.parametrize("database_url", ["postgresql"], indirect=True), pytest.mark.timeout(60)]

_PATIENCE = 1.0


@pytest.fixture
async def front(database_url: str) -> AsyncIterator[Front]:
    """What stands between the bot and the server."""
    async with Front([_port(database_url)]) as standing:
        yield standing


@pytest.fixture
def url(front: Front, database_url: str) -> str:
    """The address of the database through the front."""
    return database_url.replace(f":{_port(database_url)}/", f":{front.port}/")


def _port(url: str) -> int:
    port = database_url(url).port
    assert port is not None
    return port


async def _write(store: Store, front: Front | None = None) -> None:
    """Two statements; `front` falls silent between them."""
    async with store.transaction() as uow:
        await uow.settings.put("key", "1")
        if front is not None:
            await front.vanish()
        await uow.settings.put("key", "2")


async def _read(store: Store) -> str | None:
    async with store.reading() as uow:
        return await uow.settings.get("key")


async def _refused(doing: Awaitable[object]) -> float:
    """After how many seconds it was refused."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await doing
    return time.monotonic() - began


async def test_a_silent_database_is_unavailable_in_time_and_used_again_when_it_speaks(url: str, front: Front) -> None:
    store = Store(url, busy_seconds=_PATIENCE)
    await store.start()
    await asyncio.gather(*(_write(store) for _ in range(4)))
    assert await _refused(_write(store, front)) < _PATIENCE + 2
    seconds = await asyncio.gather(*(_refused(_read(store)) for _ in range(30)))
    assert max(seconds) < 3 * _PATIENCE + 2
    await front.return_()
    await _write(store)
    assert await _read(store) == "2"
    await store.close()


async def test_news_of_other_copies_come_again_after_a_silence(url: str, front: Front, database_url: str) -> None:
    heard: asyncio.Queue[int] = asyncio.Queue()
    missed: asyncio.Queue[str] = asyncio.Queue()
    store, other = Store(url), Store(database_url)
    await other.start()
    notices = Notices(store, heard.put_nowait, missed.put_nowait, ask_every=0.2)
    await notices.start()
    assert await asyncio.wait_for(missed.get(), 10) == "back"
    await front.vanish()
    await asyncio.sleep(6)
    await front.return_()
    assert await asyncio.wait_for(missed.get(), 15) == "back"
    async with other.transaction() as uow:
        conversation = await uow.conversations.ensure("web", "li", NOON)
        await uow.conversations.announce(conversation.id)
    assert await asyncio.wait_for(heard.get(), 5) == conversation.id
    await notices.stop()
    await other.close()


async def test_a_customer_is_told_within_seconds_and_answered_afterwards(url: str, front: Front) -> None:
    bot = Bot(settings_for(url), EchoEngine())
    bot.store._busy_seconds = _PATIENCE
    await bot.start()
    async with client_of(bot) as client:
        said = {"sender": "ann", "message": "你好", "message_id": "1"}
        await front.vanish()
        began = time.monotonic()
        answer = await client.post("/webhooks/rest/webhook", json=said)
        assert (answer.status_code, time.monotonic() - began < 3 * _PATIENCE + 2) == (503, True)
        assert "not available" in answer.json()["title"] + answer.json().get("detail", "")
        await front.return_()
        answer = await client.post("/webhooks/rest/webhook", json=said)
        assert [each["text"] for each in answer.json()] == ["1:你好"]
    await bot.stop()
