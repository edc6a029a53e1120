"""Database away, wrong password, missing, of another version, in the way: each has its sentence."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sqlite3
import struct
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import asyncpg

from bot.doctor.database import DatabaseReport, report_on_database
from bot.services.clock import set_clock_once
from bot.store.engine import Store
from tests import postgres
from tests.doctor.surgery import faults, good, notes, settings_of, the_fault


async def report(folder: Path, url: str) -> DatabaseReport:
    return await report_on_database(settings_of(folder, BOT_DATABASE_URL=url))


async def test_tables_of_this_version_are_good_on_both_databases(tmp_path: Path, database_url: str) -> None:
    found = await report(tmp_path, database_url)
    assert faults(found.findings) == []
    assert "its tables are those of this version" in good(found.findings)[0]
    assert found.is_polled is False


async def test_missing_tables_are_made_at_the_start_and_not_by_the_doctor(
    tmp_path: Path, empty_database_url: str
) -> None:
    for _ in range(2):
        found = (await report(tmp_path, empty_database_url)).findings
        assert faults(found) == []
        assert "first start makes" in notes(found)[0]
    assert list(tmp_path.iterdir()) == []


async def test_a_bot_of_ours_that_polls_is_seen(tmp_path: Path, database_url: str) -> None:
    now = datetime.now(timezone.utc)
    store = Store(database_url)
    await store.start()
    async with store.transaction() as uow:
        await uow.leases.acquire("telegram-polling", "it", now + timedelta(seconds=60), now)
    await store.close()
    assert (await report(tmp_path, database_url)).is_polled is True


async def test_a_clock_that_was_moved_is_a_note(tmp_path: Path, database_url: str) -> None:
    now = datetime.now(timezone.utc)
    store = Store(database_url)
    await store.start()
    async with store.transaction() as uow:
        await set_clock_once(uow, now, now + timedelta(hours=30, minutes=5))
    await store.close()
    assert any(
        "30 h 5 min ahead of real time" in each for each in notes((await report(tmp_path, database_url)).findings)
    )


async def test_tables_of_a_newer_version_are_a_fault(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    with sqlite3.connect(tmp_path / "bot.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version of this program (9999)" in the_fault(
        (await report(tmp_path, f"sqlite:///{tmp_path}/bot.db")).findings
    )


async def test_tables_of_an_older_version_are_a_note(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    with sqlite3.connect(tmp_path / "bot.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "make a back-up first" in notes((await report(tmp_path, f"sqlite:///{tmp_path}/bot.db")).findings)[0]


async def test_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("this is a letter, not a database\n" * 100)
    assert "no SQLite database" in the_fault((await report(tmp_path, f"sqlite:///{tmp_path}/bot.db")).findings)


async def test_file_that_another_program_holds_is_a_fault(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("CREATE TABLE held (id)")
    holder.execute("BEGIN EXCLUSIVE")
    assert "Another program holds" in the_fault((await report(tmp_path, f"sqlite:///{tmp_path}/bot.db")).findings)
    holder.close()


async def test_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("/proc/nowhere", f"{tmp_path}/file"):
        assert "cannot be written" in the_fault((await report(tmp_path, f"sqlite:///{folder}/bot.db")).findings)
    assert "is a folder" in the_fault((await report(tmp_path, f"sqlite:///{tmp_path}")).findings)


async def test_server_that_is_away_is_a_fault(tmp_path: Path) -> None:
    found = await report(tmp_path, "postgresql://bot:hidden-word@127.0.0.1:9/bot")
    assert "refuses the connection" in the_fault(found.findings)
    assert "hidden-word" not in the_fault(found.findings)
    assert found.is_polled is None


async def test_server_that_never_answers_is_a_fault(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = await report(tmp_path, f"postgresql://bot@127.0.0.1:{silent.getsockname()[1]}/bot")
    assert "does not answer in time" in the_fault(found.findings)


async def test_name_of_a_server_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be resolved" in the_fault((await report(tmp_path, "postgresql://bot@nowhere.invalid/bot")).findings)


async def test_database_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    found = await report(tmp_path, f"{postgres.server_url()}/there_is_none")
    assert "does not exist: create it" in the_fault(found.findings)


async def test_user_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    url = postgres.server_url().replace("bot@", "stranger@")
    assert "does not let this user in" in the_fault((await report(tmp_path, f"{url}/postgres")).findings)


async def test_wrong_password_is_a_fault_and_not_shown(tmp_path: Path) -> None:
    async with refusing_server("28P01", 'password authentication failed for user "bot"') as port:
        found = await report(tmp_path, f"postgresql://bot:hidden-word@127.0.0.1:{port}/bot")
    assert the_fault(found.findings).startswith("The database does not accept the password")
    assert "hidden-word" not in the_fault(found.findings)


async def test_user_who_may_not_create_the_tables_is_a_fault(tmp_path: Path) -> None:
    name = f"guest_{uuid.uuid4().hex[:8]}"
    owner = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    await owner.execute(f'CREATE ROLE "{name}" LOGIN')
    try:
        url = postgres.server_url().replace("bot@", f"{name}@")
        assert "may not create the tables" in the_fault((await report(tmp_path, f"{url}/{name}")).findings)
    finally:
        await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await owner.execute(f'DROP ROLE "{name}"')
        await owner.close()


@asynccontextmanager
async def refusing_server(code: str, message: str) -> AsyncIterator[int]:
    """A server that speaks PostgreSQL just enough to refuse with this SQLSTATE; its port."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (first := await reader.readexactly(8))[4:] == struct.pack("!i", 80877103):
            writer.write(b"N")  # no TLS here
        await reader.readexactly(struct.unpack("!i", first[:4])[0] - 8)
        fields = b"".join(
            kind + value.encode() + b"\0" for kind, value in ((b"S", "FATAL"), (b"C", code), (b"M", message))
        )
        writer.write(b"E" + struct.pack("!i", len(fields) + 5) + fields + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
