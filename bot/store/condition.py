"""What state a database is in, seen from outside: nothing is created, migrated or locked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.store.engine import database_url
from bot.store.migrate import migration_config


@dataclass(frozen=True)
class Condition:
    """`revision` is None without tables; `is_known`: this program has its migration; `ahead`: the server's clock."""

    product: str
    version: tuple[int, ...]
    revision: str | None = None
    newest: str = ""
    is_known: bool = True
    may_create: bool = True
    ahead: timedelta = timedelta(0)

    @property
    def is_current(self) -> bool:
        """Whether the tables are those of this program."""
        return self.revision == self.newest


class Unusable(Exception):
    """The database cannot be used; `code` is PostgreSQL's SQLSTATE, or timeout, refused, name, network, locked,
    no database, other."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL; None for PostgreSQL."""
    parsed = database_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


async def condition_of(url: str, seconds: float) -> Condition:
    """Look at it, waiting `seconds` at most for each answer; raises Unusable. An SQLite file must exist."""
    is_sqlite = sqlite_file(url) is not None
    limits: dict[str, Any] = {"timeout": seconds} if is_sqlite else {"timeout": seconds, "command_timeout": seconds}
    engine = create_async_engine(database_url(url), poolclass=NullPool, connect_args=limits)
    try:
        async with engine.connect() as connection:
            found: Condition = await connection.run_sync(_look)
            return found
    except Exception as error:
        raise _unusable(error) from error
    finally:
        await engine.dispose()


def _look(connection: Connection) -> Condition:
    script = ScriptDirectory.from_config(migration_config())
    revision = MigrationContext.configure(connection).get_current_revision()
    newest = script.get_current_head() or ""
    known = revision is None or _has(script, revision)
    version = tuple(connection.dialect.server_version_info or ())
    if connection.dialect.name == "sqlite":
        return Condition("SQLite", version, revision, newest, known)
    now = connection.scalar(sa.text("SELECT clock_timestamp()"))
    ahead = now - datetime.now(timezone.utc) if isinstance(now, datetime) else timedelta(0)
    may = connection.scalar(sa.text("SELECT has_schema_privilege(current_schema(), 'CREATE')"))
    return Condition("PostgreSQL", version, revision, newest, known, bool(may), ahead)


def _has(script: ScriptDirectory, revision: str) -> bool:
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False


def _unusable(error: Exception) -> Unusable:
    """By what lies under the error: the drivers raise bare, SQLAlchemy wraps."""
    chain: list[BaseException] = [error]
    while (below := getattr(chain[-1], "orig", None) or chain[-1].__cause__) is not None and below not in chain:
        chain.append(below)
    detail = (str(chain[-1]).splitlines() or [""])[0]
    state = next((state for each in chain if (state := getattr(each, "sqlstate", None))), None)
    return Unusable(str(state or "") or _kind(chain, detail), detail)


def _kind(chain: list[BaseException], detail: str) -> str:
    if any(isinstance(each, asyncio.TimeoutError) for each in chain):
        return "timeout"
    if any(isinstance(each, ConnectionRefusedError) for each in chain) or "Connect call failed" in detail:
        return "refused"
    if any(type(each).__name__ == "gaierror" for each in chain):
        return "name"
    if "locked" in detail or "busy" in detail:
        return "locked"
    if "not a database" in detail or "malformed" in detail:
        return "no database"
    return "network" if any(isinstance(each, OSError) for each in chain) else "other"
