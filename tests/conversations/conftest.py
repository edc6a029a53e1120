"""The trained model, loaded once for all conversations; a bot on a database of its own for each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bench.processes import stock_rasa, wait_until
from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.remote import RemoteEngine
from bot.dialogue.training import train
from bot.store import tables
from bot.store.engine import Store
from tests.conversations.player import Player, open_player, settings_for
from tests.conversations.shared_engine import SharedEngine
from tests.demo_copies import copy_demo


@pytest.fixture(scope="session")
def loaded_engine() -> Iterator[EmbeddedEngine]:
    """The model of the project as it is now (BOT_TEST_MODEL names another file or folder), loaded."""
    engine = EmbeddedEngine(Path(os.environ.get("BOT_TEST_MODEL") or train()))
    asyncio.run(engine.start())
    yield engine
    asyncio.run(engine.stop())


@dataclass(frozen=True)
class Stock:
    """A stock Rasa server with its action server, and the database they share with the bot."""

    url: str
    database: str

    async def empty(self) -> None:
        """No row is left in any table."""
        store = Store(self.database)
        await store.start()
        async with store.transaction() as uow:
            for table in reversed(tables.metadata.sorted_tables):
                await uow.connection.execute(sa.delete(table))
        await store.close()


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """`rasa run` and `rasa run actions` with the model of the project."""
    folder = tmp_path_factory.mktemp("stock")
    database = f"sqlite:///{folder / 'bot.db'}"
    model = Path(os.environ.get("BOT_TEST_MODEL") or train())
    tracker_store = "bot.dialogue.tracker_store.StoredTrackers"
    clock = "2026-11-23T09:10:00+08:00"
    with stock_rasa(folder, model, database, clock, tracker_store, "actions") as (servers, port):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _has_model(url), *servers)
        yield Stock(url, database)


def _has_model(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/status").status_code == 200
    return False


Opener = Callable[[datetime], Awaitable[Player]]


@pytest.fixture
async def new_player(loaded_engine: EmbeddedEngine, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens a bot whose business clock begins at the given moment."""
    players: list[Player] = []

    async def open_one(clock: datetime) -> Player:
        path = tmp_path / "bot.db"
        shutil.copy(sqlite_template, path)
        settings = settings_for(f"sqlite:///{path}", clock, tmp_path)
        await copy_demo(settings)
        players.append(await open_player(settings, SharedEngine(loaded_engine)))
        return players[-1]

    yield open_one
    for player in players:
        await player.bot.stop()


@pytest.fixture
async def new_player_of_stock(stock: Stock, tmp_path: Path) -> AsyncIterator[Opener]:
    """The same with the stock servers behind it."""
    players: list[Player] = []

    async def open_one(clock: datetime) -> Player:
        await stock.empty()
        players.append(await open_player(settings_for(stock.database, clock, tmp_path), RemoteEngine(stock.url)))
        return players[-1]

    yield open_one
    for player in players:
        await player.bot.stop()
