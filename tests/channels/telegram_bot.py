"""A bot on a fake Telegram: short waits, an echoing dialogue, and looks at what became of messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.business.conversations import Message
from bot.settings import Settings
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine
from tests.platforms.telegram_api import FakeTelegram
from tests.running import running_bot, settings_for

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LI = 1001
SECRET = "a-secret-for-the-webhook"


def settings_on(fake: FakeTelegram, database_url: str, request_seconds: float = 1.0, **more: str) -> Settings:
    """Settings with the channel on, by polling."""
    given = {
        "BOT_DEMO": "0",
        "BOT_WORKER": "0",
        "TELEGRAM_BOT_TOKEN": fake.token,
        "TELEGRAM_API_BASE_URL": fake.url,
        "TELEGRAM_PER_SECOND": "1000",
        **more,
    }
    settings = settings_for(database_url, **given)
    assert settings.telegram is not None
    return replace(settings, telegram=replace(settings.telegram, poll_seconds=5, request_seconds=request_seconds))


@asynccontextmanager
async def bot_on(
    fake: FakeTelegram, database_url: str, engine: EchoEngine | None = None, **more: Any
) -> AsyncIterator[Bot]:
    """A started bot."""
    async with running_bot(settings_on(fake, database_url, **more), engine) as bot:
        yield bot


async def until(true: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until it is true."""

    async def wait() -> None:
        while True:
            found = true()
            if found is True or (found is not False and await found):
                return
            await asyncio.sleep(0.02)

    await asyncio.wait_for(wait(), seconds)


async def messages_of(bot: Bot, user: int = LI) -> list[Message]:
    """All that was said, from both sides."""
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.find("telegram", str(user))
        return [] if conversation is None else await uow.messages.after(conversation.id, limit=1000)


async def last_of_customer(bot: Bot, user: int = LI) -> Message:
    """The customer's last message, once there is one and it is done."""

    async def done() -> bool:
        theirs = [message for message in await messages_of(bot, user) if message.sender == "customer"]
        return bool(theirs) and all(message.state == "done" for message in theirs)

    await until(done)
    return [message for message in await messages_of(bot, user) if message.sender == "customer"][-1]


async def states(bot: Bot, user: int = LI) -> list[str]:
    """The states of what the bot said."""
    return [message.state for message in await messages_of(bot, user) if message.sender != "customer"]


async def unreachable(bot: Bot, user: int = LI) -> str | None:
    """Why the person cannot be written to."""
    async with bot.store.connection() as connection:
        rows = await connection.exec_driver_sql(
            f"SELECT unreachable FROM conversations WHERE channel = 'telegram' AND \"user\" = '{user}'"
        )
        found: str | None = rows.scalar_one()
        return found
