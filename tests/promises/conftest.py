"""Two copies of the bot without the trained model, on both databases: a Friday at ten, workers run by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.messages.fakes import EchoEngine
from tests.promises.scenes import Copies
from tests.running import running_bot, settings_for


@pytest.fixture
async def copies(database_url: str) -> AsyncIterator[Copies]:
    async with AsyncExitStack() as stack:
        engines = [EchoEngine(), EchoEngine()]
        settings = settings_for(database_url, BOT_DEMO="0")
        bots = [await stack.enter_async_context(running_bot(settings, each)) for each in engines]
        yield Copies(bots, engines)
