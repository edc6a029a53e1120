"""What the Telegram channel does with the store, on SQLite and on PostgreSQL with two copies of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.channels.lease import Lease
from tests.channels.telegram_bot import LI, bot_on, messages_of, unreachable, until
from tests.messages.fakes import EchoEngine
from tests.platforms.telegram_api import FakeTelegram


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


async def test_two_copies_ask_as_one(fake: FakeTelegram, database_url: str) -> None:
    engines = EchoEngine(), EchoEngine()
    async with bot_on(fake, database_url, engines[0]) as first:
        async with bot_on(fake, database_url, engines[1]):
            for number in range(40):
                fake.text(number % 4 + 1, str(number // 4))
            await fake.wait_sent(40)
            await asyncio.sleep(0.5)
        assert fake.counters().get("status 409", 0) == 0
        assert first.channels["telegram"].trouble is None
        fake.text(9, "还在吗")
        await fake.wait_sent(1, 9)
    assert sum(len(engine.turns) for engine in engines) == 41
    for user in range(1, 5):
        assert fake.texts(user) == [f"{number + 1}:{number}" for number in range(10)]


async def test_copy_that_dies_is_followed_by_the_other(
    fake: FakeTelegram, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.Lease", partial(Lease, seconds=1.0))
    async with bot_on(fake, database_url) as first:
        fake.text(LI, "一")
        await fake.wait_sent(1, LI)
        async with bot_on(fake, database_url):
            polling = first.channels["telegram"]._polling  # type: ignore[attr-defined]
            polling._lease._keeper.cancel()
            polling._stopping.set()
            fake.text(LI, "二")
            await fake.wait_sent(2, LI, timeout=15)
    assert fake.texts(LI) == ["1:一", "2:二"]


async def test_tap_edit_media_and_blocking(fake: FakeTelegram, database_url: str) -> None:
    engine = EchoEngine()
    engine.buttons = [{"title": "好的", "payload": "/affirm"}]
    async with bot_on(fake, database_url, engine) as bot:
        fake.text(LI, "好\x00吗")
        await fake.wait_sent(1, LI)
        fake.tap(LI)
        await fake.wait_sent(2, LI)
        asked = min(number for chat, number in fake.record.messages if chat == LI)
        fake.edited(LI, "不\x00好", asked)
        fake.photo(LI)
        fake.callback(LI, fake.sent(LI)[0].message_id, "999999999999999999:0")
        fake.location(LI)
        await fake.wait_sent(4, LI)
        fake.blocked(LI)
        await until(lambda: fake.pending() == 0)
        await asyncio.sleep(0.2)
        theirs = [message for message in await messages_of(bot) if message.sender == "customer"]
        assert [message.kind for message in theirs] == ["text", "choice", "image", "location"]
        assert (theirs[0].text, theirs[0].details) == ("好 吗", {"edited": "不 好"})
        assert await unreachable(bot) == "blocked"
    assert [turn.text for turn in engine.turns] == ["好 吗", "/affirm"]
