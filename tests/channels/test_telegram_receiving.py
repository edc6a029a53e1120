"""Telegram by polling: nothing is confirmed before it is stored, nothing acts twice, one copy asks for all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bot.business.conversations import Incoming
from bot.channels.lease import Lease
from bot.channels.telegram import TelegramChannel
from bot.messages.inbox import Delivery, Inbox
from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store
from bot.wiring import Bot
from tests.channels.telegram_bot import LI, ON_SQLITE, bot_on, last_of_customer, messages_of, settings_on, until
from tests.messages.fakes import EchoEngine
from tests.platforms.telegram_api import TOKEN, FakeTelegram
from tests.running import running_bot

pytestmark = ON_SQLITE


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def engine() -> EchoEngine:
    return EchoEngine()


@pytest.fixture
async def bot(fake: FakeTelegram, database_url: str, engine: EchoEngine) -> AsyncIterator[Bot]:
    async with bot_on(fake, database_url, engine) as running:
        yield running


def channel_of(bot: Bot) -> TelegramChannel:
    channel = bot.channels["telegram"]
    assert isinstance(channel, TelegramChannel)
    return channel


async def test_text_is_answered_and_confirmed(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(LI, "你好")
    (sent,) = await fake.wait_sent(1, LI)
    assert (sent.text, sent.reply_markup, "parse_mode" in sent.more) == ("1:你好", None, False)
    await until(lambda: fake.pending() == 0)
    assert (await last_of_customer(bot)).platform_id is not None


async def test_three_hundred_updates_are_answered_in_order_for_each_person(fake: FakeTelegram, bot: Bot) -> None:
    people = range(1, 31)
    for number in range(10):
        for user in people:
            fake.text(user, str(number))
    await fake.wait_sent(300, timeout=20)
    for user in people:
        assert fake.texts(user) == [f"{number + 1}:{number}" for number in range(10)]


async def test_update_delivered_again_after_a_crash_acts_once(
    fake: FakeTelegram, database_url: str, engine: EchoEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Inbox.take

    async def die(inbox: Inbox, incoming: Incoming) -> Delivery:
        await take(inbox, incoming)
        raise StoreUnavailable("the process dies between storing and confirming")

    monkeypatch.setattr(Inbox, "take", die)
    fake.text(LI, "约保养")
    settings = replace(settings_on(fake, database_url), claim_seconds=0.5, sweep_seconds=0.2)
    async with running_bot(settings, engine) as bot:
        await until(lambda: stored(bot, 1))
    assert fake.pending() == 1
    monkeypatch.setattr(Inbox, "take", take)
    async with running_bot(settings, engine):
        await until(lambda: fake.pending() == 0)
        await fake.wait_sent(1, LI)
        await asyncio.sleep(0.2)
    assert fake.texts(LI) == ["1:约保养"]
    assert len(engine.turns) == 1


async def stored(bot: Bot, count: int) -> bool:
    return len(await messages_of(bot)) >= count


async def test_nothing_is_confirmed_while_the_store_is_away(
    fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Inbox.take

    async def away(inbox: Inbox, incoming: Incoming) -> Delivery:
        if incoming.user == "3":
            raise StoreUnavailable("away")
        return await take(inbox, incoming)

    monkeypatch.setattr(Inbox, "take", away)
    for user in (1, 2, 3):
        fake.text(user, "你好")
    await fake.wait_sent(1, 1)
    await asyncio.sleep(1.3)
    assert fake.pending() == 3
    monkeypatch.setattr(Inbox, "take", take)
    await fake.wait_sent(1, 3)
    await until(lambda: fake.pending() == 0)
    assert [fake.texts(user) for user in (1, 2, 3)] == [["1:你好"]] * 3


async def test_polling_goes_on_after_a_conflict_while_the_database_fails(
    fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, failed = Lease.renew, asyncio.Event()

    async def fail(lease: Lease) -> bool:
        if fake.refusals("getUpdates"):
            failed.set()
        raise OSError("no way to the database")

    monkeypatch.setattr(Lease, "renew", fail)
    fake.fail(409, method="getUpdates", description="Conflict: terminated by other getUpdates request")
    fake.text(LI, "你好")
    await asyncio.wait_for(failed.wait(), 10)
    monkeypatch.setattr(Lease, "renew", renew)
    await fake.wait_sent(1, LI)
    fake.text(LI, "在吗")
    await fake.wait_sent(2, LI)


async def test_update_that_cannot_be_stored_is_left_out_after_three_tries(
    fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    take, tries = Inbox.take, 0

    async def break_on_poison(inbox: Inbox, incoming: Incoming) -> Delivery:
        nonlocal tries
        if incoming.text == "毒":
            tries += 1
            raise ValueError("毒")
        return await take(inbox, incoming)

    monkeypatch.setattr(Inbox, "take", break_on_poison)
    number = fake.text(LI, "毒")
    fake.unreadable()
    fake.text(LI, "好")
    await fake.wait_sent(1, LI)
    await until(lambda: fake.pending() == 0)
    assert (fake.texts(LI), tries) == (["1:好"], 3)
    assert f"Update {number} is left out" in caplog.text
    assert "毒" not in caplog.text


async def test_another_poller_is_named_in_a_plain_sentence(
    fake: FakeTelegram, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail(409, 2, method="getUpdates", description="Conflict: terminated by other getUpdates request")
    fake.text(LI, "你好")
    await until(lambda: "Another program polls this Telegram bot" in (channel_of(bot).trouble or ""))
    fake.text(LI, "你好")
    await fake.wait_sent(2, LI)
    assert channel_of(bot).trouble is None
    assert caplog.text.count("Another program polls") == 1


async def test_wrong_token_is_named_in_a_plain_sentence_and_never_shown(
    fake: FakeTelegram, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with bot_on(fake, database_url, TELEGRAM_BOT_TOKEN="99:wrong-token-here") as bot:
        await until(lambda: "TELEGRAM_BOT_TOKEN" in (channel_of(bot).trouble or ""))
    assert "wrong-token-here" not in caplog.text


async def test_api_that_is_away_at_the_start_is_tried_again(
    fake: FakeTelegram, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.down(None)
    async with bot_on(fake, database_url) as bot:
        await until(lambda: "cannot be reached" in (channel_of(bot).trouble or ""))
        fake.up()
        fake.text(LI, "你好")
        await fake.wait_sent(1, LI)
        assert channel_of(bot).trouble is None
    assert TOKEN not in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text


@pytest.mark.parametrize("fault", ["fail", "cut", "garble"])
async def test_poll_that_fails_is_asked_again(fake: FakeTelegram, bot: Bot, fault: str) -> None:
    getattr(fake, fault)(method="getUpdates")
    fake.text(LI, "一")
    fake.text(LI, "二")
    await fake.wait_sent(2, LI)
    assert fake.texts(LI) == ["1:一", "2:二"]


async def test_webhook_that_was_set_before_is_taken_away(fake: FakeTelegram, database_url: str) -> None:
    await fake.webhook.set("http://127.0.0.1:9/nobody", "", 1)
    fake.text(LI, "你好")
    async with bot_on(fake, database_url):
        await fake.wait_sent(1, LI)


async def test_what_was_stored_is_confirmed_when_the_bot_stops(fake: FakeTelegram, database_url: str) -> None:
    async with bot_on(fake, database_url):
        fake.text(LI, "你好")
        await fake.wait_sent(1, LI)
    assert fake.pending() == 0


async def test_bot_that_starts_after_a_crash_asks_at_once(fake: FakeTelegram, database_url: str) -> None:
    store = Store(database_url)
    await store.start()
    real = datetime.now(timezone.utc)
    async with store.transaction() as uow:
        await uow.leases.acquire("telegram-polling", "a dead process", real + timedelta(minutes=1), real)
    await store.close()
    async with bot_on(fake, database_url):
        fake.text(LI, "你好")
        await fake.wait_sent(1, LI, timeout=3)


async def test_ids_that_begin_anew_are_taken(fake: FakeTelegram, bot: Bot) -> None:
    fake.text(LI, "你好")
    await fake.wait_sent(1, LI)
    await until(lambda: fake.pending() == 0)
    await asyncio.sleep(0.2)
    message = {
        "message_id": 77,
        "date": 1,
        "chat": {"id": LI, "type": "private"},
        "from": {"id": LI, "is_bot": False},
        "text": "又来",
    }
    fake.raw("message", message, LI, update_id=5)
    await fake.wait_sent(2, LI)


async def test_channel_is_off_without_a_token(database_url: str) -> None:
    async with FakeTelegram() as fake:
        settings = settings_on(fake, database_url)
    async with running_bot(replace(settings, telegram=None), EchoEngine()) as bot:
        assert "telegram" not in bot.channels
