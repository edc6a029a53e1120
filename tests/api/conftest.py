"""The API of a bot whose dialogue echoes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.wiring import Bot
from tests.running import AUTHORIZED, client_of, running_bot, settings_for


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


@pytest.fixture
async def stranger(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the token."""
    async with client_of(bot) as client:
        yield client


@pytest.fixture
async def client(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token."""
    async with client_of(bot, headers=AUTHORIZED) as client:
        yield client
