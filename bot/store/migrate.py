"""Brings a database's tables up to date, whoever else is starting at the same moment."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x0B07_0001  # a number of ours among PostgreSQL's advisory locks
_TRIES = 100


def migration_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this package, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def bring_up_to_date(engine: AsyncEngine) -> None:
    """Run the migrations that are missing, all or none, in one transaction."""
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        await _use_write_ahead_log(engine)
    async with engine.connect() as connection:
        if await connection.run_sync(_is_current):
            return
    async with engine.execution_options(writes=True).begin() as connection:
        if not is_sqlite:
            # On SQLite the BEGIN IMMEDIATE of this transaction is the lock.
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        await connection.run_sync(_upgrade)


def _is_current(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def _upgrade(connection: Connection) -> None:
    if not _is_current(connection):
        command.upgrade(migration_config(connection), "head")


async def _use_write_ahead_log(engine: AsyncEngine) -> None:
    """Switch the file to WAL, once for ever; SQLite answers "locked" at once while others are switching too."""
    for attempt in range(_TRIES):
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_switch)
            return
        except sqlite3.OperationalError:
            if attempt == _TRIES - 1:
                raise
            await asyncio.sleep(0.05)


def _switch(connection: Connection) -> None:
    # On the bare connection: the mode cannot change inside a transaction, and SQLAlchemy would begin one.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
