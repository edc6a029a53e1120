"""What every test may ask for: a store on both databases, a fixed moment, the session's PostgreSQL server."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from bot import wiring
from bot.store.engine import Store
from tests import postgres

ZONE = ZoneInfo("Asia/Shanghai")
DATABASES = ("sqlite", "postgresql")
HERE = Path(__file__).parent
# These run on both databases every time; what stands on them runs on SQLite, and on PostgreSQL by `make test-long`.
ON_BOTH = ("store", "services", "promises")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ.setdefault("BOT_TEST_SESSION", str(os.getpid()))
        postgres.folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop_server()
        os.environ.pop("BOT_TEST_SESSION", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(HERE).parts[0]
        if "postgresql" in item.name and place not in ON_BOTH:
            item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # thousands of tests stay for ever: the collector need not walk through them again and again


@pytest.fixture(scope="session", autouse=True)
def demo_password_hashed_once() -> Iterator[None]:
    """A hash takes long on purpose; the demo's password is hashed once, not for every bot."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "password_hash", cache(wiring.password_hash))
        yield


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning: 2026-03-10 09:00."""
    return datetime(2026, 3, 10, 9, tzinfo=ZONE)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables."""
    path = tmp_path_factory.mktemp("template") / "bot.db"
    asyncio.run(_start_once(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The name of an empty PostgreSQL database with all tables, on the session's server."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    asyncio.run(_make_database(name))
    asyncio.run(_start_once(f"{postgres.server_url()}/{name}"))
    return name


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own with all tables and no rows, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "bot.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(_make_database(name, template))
    yield f"{postgres.server_url()}/{name}"
    asyncio.run(_drop_database(name))


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table; on SQLite neither file nor folder exists yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/bot.db"
        return
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(_make_database(name))
    yield f"{postgres.server_url()}/{name}"
    asyncio.run(_drop_database(name))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A started store with all tables and no rows, on SQLite and on PostgreSQL."""
    opened = Store(database_url)
    await opened.start()
    yield opened
    await opened.close()


async def _start_once(url: str) -> None:
    store = Store(url)
    await store.start()
    await store.close()


async def _make_database(name: str, template: str = "template0") -> None:
    connection = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()


async def _drop_database(name: str) -> None:
    connection = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
