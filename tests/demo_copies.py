"""The demo dealership in a test's database: filled in once for each moment at which bots begin, then copied."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from bot.settings import Settings
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine

# Where the store keeps how far the business clock is from real time (bot/services/clock.py): the next bot begins at its
# own moment, not at the first one's and what has passed since.
_FORGET_CLOCK = "DELETE FROM settings WHERE key = 'clock_offset_seconds'"
# By kind of database, moment and secret key: what was taken from the first of them.
_filled: dict[tuple[type, str, str], Any] = {}


async def copy_demo(settings: Settings) -> None:
    """Put what a bot of these settings fills in at its first start into its database, if that is empty."""
    if not (settings.demo and settings.clock):
        return
    kind = SqliteFile if settings.database_url.startswith("sqlite") else PostgresRows
    database = kind(settings.database_url)
    if not await database.is_empty():
        return
    key = (kind, settings.clock.isoformat(), settings.secret_key)
    if key in _filled:
        await database.put(_filled[key])
        return
    bot = Bot(replace(settings, telegram=None, wechat=None, webhook=None, worker=False), EchoEngine())
    await bot.start()
    await bot.stop()
    _filled[key] = await database.take()


class SqliteFile:
    """A database in a file, copied as a whole."""

    def __init__(self, url: str) -> None:
        self._path = Path(make_url(url).database or "")

    async def is_empty(self) -> bool:
        """Whether the tables are there, and nothing in them."""
        if not self._path.is_file():
            return False
        with closing(sqlite3.connect(self._path)) as database:
            of_ours = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
            names = [name for (name,) in database.execute(of_ours)]
            rows = (database.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in names)
            return bool(names) and not any(rows)

    async def take(self) -> bytes:
        """The file."""
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute(_FORGET_CLOCK)
        return self._path.read_bytes()

    async def put(self, taken: bytes) -> None:
        """Write the file."""
        self._path.write_bytes(taken)


class PostgresRows:
    """A database on the tests' server, copied table by table."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def is_empty(self) -> bool:
        """Whether the tables are there, and nothing in them."""
        return bool(await self._do(_are_empty))

    async def take(self) -> tuple[Mapping[str, bytes], Mapping[str, int]]:
        """The rows of each table that has any, in PostgreSQL's own form, and where each sequence stands."""
        rows, sequences = await self._do(_take)
        return rows, sequences

    async def put(self, taken: tuple[Mapping[str, bytes], Mapping[str, int]]) -> None:
        """Fill in rows, with no check of what they refer to, and set the sequences."""
        await self._do(lambda connection: _put(connection, *taken))

    async def _do(self, what: Any) -> Any:
        connection = await asyncpg.connect(self._url)
        try:
            return await what(connection)
        finally:
            await connection.close()


async def _tables(connection: Any) -> list[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [row["tablename"] for row in rows if row["tablename"] != "alembic_version"]


async def _are_empty(connection: Any) -> bool:
    names = await _tables(connection)
    anything = " OR ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in names)
    return bool(names) and not await connection.fetchval(f"SELECT {anything}")


async def _take(connection: Any) -> tuple[Mapping[str, bytes], Mapping[str, int]]:
    await connection.execute(_FORGET_CLOCK)
    rows: dict[str, bytes] = {}
    for name in await _tables(connection):
        if await connection.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{name}")'):
            copied = BytesIO()
            await connection.copy_from_table(name, output=copied, format="binary")
            rows[name] = copied.getvalue()
    used = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
    return rows, dict(await connection.fetch(used))


async def _put(connection: Any, rows: Mapping[str, bytes], sequences: Mapping[str, int]) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for name, copied in rows.items():
            await connection.copy_to_table(name, source=BytesIO(copied), format="binary")
        for name, value in sequences.items():
            await connection.execute("SELECT setval(quote_ident($1)::regclass, $2)", name, value)
