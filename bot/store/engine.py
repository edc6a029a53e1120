"""The Store: opens the dealer's database, brings its tables up to date and hands out units of work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as SqlTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.business.refusals import Refusal
from bot.services.unavailable import StoreUnavailable
from bot.store.migrate import bring_up_to_date
from bot.store.quick_sqlite import QuickDbapi
from bot.store.unit_of_work import UnitOfWork

# PostgreSQL: connection lost, read-only after a failover, rolled back to be tried again, resources used up, lock not
# to be had, stopped by the server (it shuts down, starts, or a time limit is over), troubles of its own or its disk.
_PASSING_TROUBLES = ("08", "25006", "40", "53", "55P03", "57", "58", "XX")
# What comes bare while a connection is opened, whether no host has the name or the server starts or takes no more.
_NOT_CONNECTED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_CONNECTED_WITHIN = 5.0


class Store:
    """One database, for one event loop; `start` before use, `close` at the end (else the process hangs).

    Nobody waits longer than `busy_seconds` for a lock, nor on PostgreSQL for an answer: a host that has vanished
    without a word is unavailable then.
    """

    def __init__(
        self, url: str, timezone: str = "Asia/Shanghai", pool_size: int = 8, busy_seconds: float = 8.0
    ) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.zone = ZoneInfo(timezone)
        self._pool_size = pool_size
        self._busy_seconds = busy_seconds
        self._engine: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        # Writers of one process queue here, in order, instead of in SQLite's busy loop, which sleeps and is unfair.
        self._turn: asyncio.Lock | None = None

    async def start(self) -> None:
        """Open the database and bring its tables up to date; safe when several processes start at once.

        Raises StoreUnavailable when the database is locked, away, or no database at all.
        """
        if self._engine is not None:
            return
        if self.is_sqlite and self.url.database not in (None, "", ":memory:"):
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = self._open()
        # A migration takes the time it takes, and another copy's is waited for.
        patient = engine if self.is_sqlite else self._open(patient=True)
        try:
            with _unavailable(), _connecting():
                await bring_up_to_date(patient)
        except BaseException:
            await engine.dispose()
            raise
        finally:
            if patient is not engine:
                await patient.dispose()
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        # One statement sees one state anyway; without BEGIN and COMMIT a reader saves PostgreSQL two round trips.
        self._reader = engine if self.is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turn = asyncio.Lock() if self.is_sqlite else None

    async def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            await self._engine.dispose()
        self._engine = self._writer = self._reader = self._turn = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that writes: committed on a clean exit, rolled back on an exception.

        A Refusal whose `keeps_changes` is true commits what was written before it is raised on.
        Raises StoreUnavailable when the database is locked, full or away.
        """
        if self._writer is None:
            raise RuntimeError("the store is not started")
        with _unavailable():
            if self._turn is None:
                async with self._write(self._writer) as uow:
                    yield uow
            else:
                async with self._turn, self._write(self._writer) as uow:
                    yield uow

    @asynccontextmanager
    async def _write(self, engine: AsyncEngine) -> AsyncIterator[UnitOfWork]:
        async with _connected(engine) as connection:
            await connection.begin()
            try:
                yield UnitOfWork(connection)
            except Refusal as refusal:
                await (connection.commit() if refusal.keeps_changes else connection.rollback())
                raise
            except BaseException:
                await asyncio.shield(connection.rollback())
                raise
            await connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that only reads, beside any writer."""
        if self._reader is None:
            raise RuntimeError("the store is not started")
        with _unavailable():
            async with _connected(self._reader) as connection:
                yield UnitOfWork(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection outside any unit of work, for LISTEN/NOTIFY and health checks."""
        if self._reader is None:
            raise RuntimeError("the store is not started")
        async with self._reader.connect() as connection:
            yield connection

    def _open(self, patient: bool = False) -> AsyncEngine:
        options: dict[str, Any] = {
            "poolclass": AsyncAdaptedQueuePool,
            "pool_size": self._pool_size,
            "max_overflow": self._pool_size,
            "json_serializer": partial(json.dumps, ensure_ascii=False),
            "hide_parameters": True,  # errors end in logs, and parameters are people's words and numbers
        }
        if not self.is_sqlite:
            options["pool_pre_ping"] = False
            options["pool_recycle"] = 1800
            options["pool_timeout"] = 2 * self._busy_seconds  # those before have then had their answer or none
            limits = {"timeout": min(_CONNECTED_WITHIN, self._busy_seconds)}
            options["connect_args"] = limits if patient else {**limits, "command_timeout": self._busy_seconds}
        if self.is_sqlite:
            options["module"] = QuickDbapi()
            options["max_overflow"] = 0  # a connection is a thread: opening one costs more than waiting for another
        engine = create_async_engine(self.url, **options)
        engine.sync_engine.dialect.zone = self.zone
        if self.is_sqlite:
            sa.event.listen(engine.sync_engine, "connect", partial(_prepare_sqlite, int(self._busy_seconds * 1000)))
            sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return engine


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection of the pool; raises StoreUnavailable when none can be opened."""
    async with AsyncExitStack() as stack:
        with _connecting():
            connection = await stack.enter_async_context(engine.connect())
        yield connection


@contextmanager
def _connecting() -> Iterator[None]:
    """Whatever hinders a connection as StoreUnavailable."""
    try:
        yield
    except _NOT_CONNECTED as error:
        raise StoreUnavailable(str(error)) from error


@contextmanager
def _unavailable() -> Iterator[None]:
    """The database's own troubles as StoreUnavailable; a wrong statement or a broken constraint stays what it is."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(str(error.orig)) from error
    except DBAPIError as error:
        code = str(getattr(error.orig, "pgcode", None) or "")
        spoiled = any(words in str(error.orig) for words in ("malformed", "not a database"))
        if error.connection_invalidated or spoiled or code.startswith(_PASSING_TROUBLES):
            raise StoreUnavailable(str(error.orig)) from error
        raise
    except (ConnectionError, SqlTimeout, asyncio.TimeoutError, asyncpg.InternalClientError) as error:
        raise StoreUnavailable(str(error)) from error


def database_url(url: str) -> URL:
    """The URL with our driver: sqlite:///path, postgres://… and postgresql://… are understood; raises ValueError."""
    parsed = make_url(url)
    name = parsed.drivername.split("+")[0]
    if name == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if name in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+asyncpg")
    raise ValueError(f"BOT_DATABASE_URL must begin with sqlite:///, postgresql:// or postgres://, not {name}://")


def _prepare_sqlite(busy_ms: int, connection: Any, _record: Any) -> None:
    """Set up a new SQLite connection; transactions are begun by us, not by the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {busy_ms}")
    cursor.execute("PRAGMA foreign_keys = ON")
    # With a write-ahead log, NORMAL loses nothing when the process dies and never damages the file; a power cut may
    # take the last moments with it. FULL waits for the disk at every commit; who needs that runs PostgreSQL.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _refuse_closed(connection: Any, _record: Any, _fairy: Any) -> None:
    """Have the pool replace a connection that the server has closed, without asking the server each time."""
    if connection._connection.is_closed():
        raise sa.exc.DisconnectionError("the server has closed this connection")


def _begin_sqlite(connection: Any) -> None:
    """Take the write lock at once where something will be written, so that no transaction fails half-way as busy."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
