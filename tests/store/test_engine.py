"""The store on both databases: tables, transactions, moments."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from bot.business.refusals import IdentityMismatch
from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store
from bot.store.engine import database_url as parse_url
from bot.store.tables import bays, metadata, settings, window_holds


async def test_the_migrated_tables_are_the_declared_ones(store: Store) -> None:
    async with store.connection() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def _settings(store: Store) -> list[str]:
    async with store.reading() as uow:
        return list((await uow.connection.execute(sa.select(settings.c.key))).scalars())


async def _write_and_fail(store: Store, key: str, failure: Exception) -> None:
    async with store.transaction() as uow:
        await uow.connection.execute(settings.insert().values(key=key, value="1"))
        raise failure


async def test_a_clean_exit_commits_and_an_exception_rolls_back(store: Store) -> None:
    async with store.transaction() as uow:
        await uow.connection.execute(settings.insert().values(key="kept", value="1"))
    with pytest.raises(ZeroDivisionError):
        await _write_and_fail(store, "lost", ZeroDivisionError())
    assert await _settings(store) == ["kept"]


async def test_a_refusal_that_keeps_changes_commits_them(store: Store) -> None:
    with pytest.raises(IdentityMismatch):
        await _write_and_fail(store, "counted", IdentityMismatch(tries_left=2))
    assert await _settings(store) == ["counted"]


async def test_a_cancelled_writer_leaves_no_lock_behind(store: Store) -> None:
    entered = asyncio.Event()

    async def stuck() -> None:
        async with store.transaction() as uow:
            await uow.connection.execute(settings.insert().values(key="lost", value="1"))
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(stuck())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as uow:
        await uow.connection.execute(settings.insert().values(key="kept", value="1"))
    assert await _settings(store) == ["kept"]


async def test_moments_come_back_in_the_zone_of_the_dealer(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await uow.connection.execute(bays.insert().values(id=1, name="1"))
        await uow.connection.execute(sa.text("INSERT INTO technicians (id, name) VALUES (1, 'a')"))
        await uow.connection.execute(
            sa.text("INSERT INTO service_types (code, name, minutes) VALUES ('maintenance', '保养', 60)")
        )
        hold = {
            "holder": "web:1",
            "starts_at": now.astimezone(timezone.utc),
            "ends_at": now,
            "expires_at": now,
            "bay_id": 1,
            "technician_id": 1,
            "service_type": "maintenance",
        }
        await uow.connection.execute(window_holds.insert().values(hold))
    async with store.reading() as uow:
        read = (await uow.connection.execute(sa.select(window_holds.c.starts_at))).scalar_one()
        found = await uow.connection.execute(sa.select(window_holds.c.id).where(window_holds.c.starts_at == now))
        assert found.scalar() == 1
    assert read == now
    assert str(read.tzinfo) == "Asia/Shanghai"


async def test_a_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="time zone"):
        async with store.reading() as uow:
            await uow.connection.execute(
                sa.select(window_holds.c.id).where(window_holds.c.starts_at == datetime(2026, 3, 10))  # noqa: DTZ001
            )


async def test_foreign_keys_are_on(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.transaction() as uow:
            await uow.connection.execute(sa.text("INSERT INTO technician_skills VALUES (99, 'nothing')"))


def test_several_processes_may_start_on_an_empty_database(empty_database_url: str) -> None:
    program = (
        "import asyncio,sys\nfrom bot.store.engine import Store\n"
        "async def main():\n s=Store(sys.argv[1]); await s.start(); await s.close()\nasyncio.run(main())"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, empty_database_url]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]


def test_only_the_two_databases_are_known() -> None:
    assert parse_url("postgres://me@host/db").drivername == "postgresql+asyncpg"
    assert parse_url("sqlite:///var/bot.db").drivername == "sqlite+aiosqlite"
    with pytest.raises(ValueError, match="BOT_DATABASE_URL"):
        parse_url("mysql://host/db")


async def test_writers_cancelled_at_any_moment_leave_the_store_usable(store: Store) -> None:
    async def write(number: int) -> None:
        async with store.transaction() as uow:
            await uow.settings.put(f"key {number % 5}", str(number))
            await uow.connection.execute(sa.select(settings.c.key))

    for number in range(60):
        tasks = [asyncio.create_task(write(number)) for _ in range(3)]
        await asyncio.sleep(0.0002 * (number % 12))
        tasks[number % 3].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(each) for each in done} <= {type(None), asyncio.CancelledError}
    async with store.transaction() as uow:
        await uow.settings.put("kept", "1")
    assert "kept" in await _settings(store)


async def test_readers_cancelled_again_and_again_give_their_connections_back(store: Store) -> None:
    """A page that goes away cancels what it reads at every step of the event loop, until that has ended."""
    for first in range(1, 40):
        reading, steps = asyncio.create_task(_settings(store)), 0
        while not reading.done():
            steps += 1
            if steps >= first:
                reading.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(reading, return_exceptions=True)
    assert store._engine is not None
    pool = store._engine.sync_engine.pool
    until = time.monotonic() + 10
    while pool.checkedout() and time.monotonic() < until:  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
    assert await _settings(store) == []


async def test_a_database_that_was_away_is_found_again(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("a file is never away")
    async with store.transaction() as uow:
        await uow.settings.put("kept", "1")
    killer = await asyncpg.connect(store.url.set(drivername="postgresql").render_as_string())
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    await killer.close()
    with contextlib.suppress(StoreUnavailable):
        await _settings(store)
    assert await _settings(store) == ["kept"]
    async with store.transaction() as uow:
        await uow.settings.put("kept", "2")


async def test_a_locked_file_is_told_as_unavailable(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "bot.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", busy_seconds=0.2)
    await store.start()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreUnavailable, match="locked"):
            async with store.transaction() as uow:
                await uow.settings.put("lost", "1")
        assert await _settings(store) == []
    finally:
        other.close()
    async with store.transaction() as uow:
        await uow.settings.put("kept", "1")
    await store.close()
