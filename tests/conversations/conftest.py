"""The trained model, loaded once for all conversations; a bot on a database of its own for each."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.training import train
from tests.conversations.player import Player, open_player, settings_for
from tests.conversations.shared_engine import SharedEngine


@pytest.fixture(scope="session")
def loaded_engine() -> Iterator[EmbeddedEngine]:
    """The model of the project as it is now (BOT_TEST_MODEL names another file or folder), loaded."""
    engine = EmbeddedEngine(Path(os.environ.get("BOT_TEST_MODEL") or train()))
    asyncio.run(engine.start())
    yield engine
    asyncio.run(engine.stop())


@pytest.fixture
async def new_player(
    loaded_engine: EmbeddedEngine, sqlite_template: Path, tmp_path: Path
) -> AsyncIterator[Callable[[datetime], Awaitable[Player]]]:
    """Opens a bot whose business clock begins at the given moment."""
    players: list[Player] = []

    async def open_one(clock: datetime) -> Player:
        path = tmp_path / "bot.db"
        shutil.copy(sqlite_template, path)
        settings = settings_for(f"sqlite:///{path}", clock, tmp_path)
        players.append(await open_player(settings, SharedEngine(loaded_engine)))
        return players[-1]

    yield open_one
    for player in players:
        await player.bot.stop()
