"""Telegram's webhook: the secret is asked for, an update is stored before 200, nothing makes it a 5xx but the store."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.business.conversations import Incoming
from bot.channels.telegram_webhook import SECRET_HEADER
from bot.messages.inbox import Delivery, Inbox
from bot.services.unavailable import StoreUnavailable
from bot.wiring import Bot
from tests.channels.telegram_bot import LI, ON_SQLITE, SECRET, bot_on, settings_on, until
from tests.messages.fakes import EchoEngine
from tests.platforms.telegram_api import FakeTelegram
from tests.running import Served, client_of

pytestmark = ON_SQLITE
PATH = "/channels/telegram"
SIGNED = {SECRET_HEADER: SECRET}
WEBHOOK = {
    "TELEGRAM_MODE": "webhook",
    "TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:9",
    "TELEGRAM_WEBHOOK_SECRET": SECRET,
}


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def engine() -> EchoEngine:
    return EchoEngine()


@pytest.fixture
async def bot(fake: FakeTelegram, database_url: str, engine: EchoEngine) -> AsyncIterator[Bot]:
    async with bot_on(fake, database_url, engine, **WEBHOOK) as running:
        yield running


@pytest.fixture
async def client(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bot) as client:
        yield client


def update(number: int = 1, text: str = "你好") -> dict[str, Any]:
    sender = {"id": LI, "is_bot": False, "first_name": "李"}
    message = {"message_id": number, "date": 1, "chat": {"id": LI, "type": "private"}, "from": sender, "text": text}
    return {"update_id": number, "message": message}


async def test_updates_come_through_the_webhook_until_they_are_taken(
    fake: FakeTelegram, database_url: str, engine: EchoEngine
) -> None:
    served = Served(settings_on(fake, database_url, **WEBHOOK), engine)
    telegram = served.settings.telegram
    assert telegram is not None
    served.settings = replace(served.settings, telegram=replace(telegram, webhook_url=served.url))
    fake.lose_webhook_answers(2)
    for number in range(5):
        fake.text(LI, str(number))
    await asyncio.to_thread(served.start)
    try:
        await fake.wait_sent(5, LI)
        await until(lambda: fake.pending() == 0)
    finally:
        await asyncio.to_thread(served.stop)
    assert fake.texts(LI) == [f"{number + 1}:{number}" for number in range(5)]


async def test_webhook_is_announced_with_its_secret(fake: FakeTelegram, bot: Bot) -> None:
    await until(lambda: fake.webhook.url == "http://127.0.0.1:9/channels/telegram")
    assert fake.webhook._secret == SECRET
    assert fake.queue.allowed == {"message", "edited_message", "callback_query", "my_chat_member"}


async def test_webhook_is_announced_when_the_api_is_back(fake: FakeTelegram, database_url: str) -> None:
    fake.down(None)
    async with bot_on(fake, database_url, **WEBHOOK) as bot:
        await until(lambda: "cannot be reached" in (bot.channels["telegram"].trouble or ""))
        fake.up()
        await until(lambda: bool(fake.webhook.url))
        await until(lambda: bot.channels["telegram"].trouble is None)


async def test_same_update_twice_acts_once(fake: FakeTelegram, client: httpx.AsyncClient, engine: EchoEngine) -> None:
    fake.meet(LI)
    for _ in range(3):
        assert (await client.post(PATH, json=update(), headers=SIGNED)).status_code == 200
    await fake.wait_sent(1, LI)
    assert len(engine.turns) == 1


async def test_wrong_secret_is_refused(client: httpx.AsyncClient, engine: EchoEngine) -> None:
    for secret in ("wrong", "秘密".encode(), "", SECRET + "x"):
        assert (await client.post(PATH, json=update(), headers={SECRET_HEADER: secret})).status_code == 403
    assert (await client.post(PATH, json=update())).status_code == 403
    assert engine.turns == []


async def test_store_that_is_away_lets_telegram_repeat_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(inbox: Inbox, incoming: Incoming) -> Delivery:
        raise StoreUnavailable("away")

    monkeypatch.setattr(Inbox, "take", away)
    assert (await client.post(PATH, json=update(), headers=SIGNED)).status_code == 503


async def test_update_that_cannot_be_stored_is_not_repeated_for_ever(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(inbox: Inbox, incoming: Incoming) -> Delivery:
        raise ValueError("unforeseen")

    monkeypatch.setattr(Inbox, "take", breaks)
    assert (await client.post(PATH, json=update(), headers=SIGNED)).status_code == 200


NONSENSE = [
    (b"", 400),
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[]", 400),
    (b"{}", 400),
    (b'{"update_id": "7"}', 400),
    (b'{"update_id": true}', 400),
    (b"[" * 100_000, 400),
    (b'{"update_id": 7}', 200),
    (b'{"update_id": 7, "message": []}', 200),
    (b'{"update_id": 7, "poll": {"id": "1"}}', 200),
    (b" " * 300_000, 413),
]


async def test_nonsense_is_never_a_5xx(client: httpx.AsyncClient) -> None:
    statuses = [(await client.post(PATH, content=body, headers=SIGNED)).status_code for body, _ in NONSENSE]
    assert statuses == [status for _, status in NONSENSE]


async def test_mutated_updates_are_never_a_5xx(client: httpx.AsyncClient) -> None:
    chance, whole = random.Random(3), json.dumps(update()).encode()
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        assert (await client.post(PATH, content=bytes(body), headers=SIGNED)).status_code in (200, 400)


async def test_there_is_no_webhook_while_polling(fake: FakeTelegram, database_url: str) -> None:
    async with bot_on(fake, database_url) as bot, client_of(bot) as client:
        assert (await client.post(PATH, json=update(), headers=SIGNED)).status_code == 404
