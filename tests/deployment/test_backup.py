"""Back-up and restore with the commands of the deployment pages, word for word, on filled databases."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import sqlalchemy as sa

from bot.services.demo import fill_demo
from bot.services.workshop_basics import fill_basics
from bot.store.engine import Store
from tests import postgres
from tests.deployment.pages import PAGES, tried

# Stands for the containers' engine: what is to run in the database's container runs here; the rest is noted down.
_DOCKER = """#!/bin/sh
if [ "$1 $2 $3 $4" = "compose exec -T postgres" ]; then shift 4; exec "$@"; fi
echo "docker $*" >> "$NOTES"
"""
_SUDO = '#!/bin/sh\nif [ "$1" = -u ]; then shift 2; fi\nexec "$@"\n'
_SYSTEMCTL = '#!/bin/sh\necho "systemctl $*" >> "$NOTES"\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The folder the commands run in, with stand-ins for docker, sudo and systemctl."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, script in (("docker", _DOCKER), ("sudo", _SUDO), ("systemctl", _SYSTEMCTL)):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    return tmp_path


def run(machine: Path, commands: str, **environ: str) -> str:
    """Run the commands as they stand on the page, only in another folder; what the stand-ins noted."""
    notes = machine / "notes"
    notes.write_text("")
    script = "set -euo pipefail\n" + commands.replace("/opt/dealer-bot", str(machine))
    path = f"{machine / 'programs'}:{Path(postgres._binary('pg_dump')).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=machine,
        env={**os.environ, "PATH": path, "NOTES": str(notes), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return notes.read_text()


def of_that_day(commands: str, machine: Path) -> str:
    """The restore with the day of the back-up that was just made."""
    (made,) = [each for folder in ("backup", "var/backup") for each in (machine / folder).glob("bot-*.d*")]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    return re.sub(r"bot-\d{4}-\d\d-\d\d\.\w+", made.name, commands)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    await store.start()
    try:
        yield store
    finally:
        await store.close()


async def fill(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill_basics(uow)
        await fill_demo(uow, now)


async def rows(store: Store) -> dict[str, list[str]]:
    """All that is stored, by table."""
    async with store.reading() as uow:
        names = await uow.connection.run_sync(lambda connection: sa.inspect(connection).get_table_names())
        found = {name: (await uow.connection.execute(sa.text(f'SELECT * FROM "{name}"'))).all() for name in names}
    return {name: sorted(str(row) for row in each) for name, each in found.items()}


async def spoil(store: Store) -> None:
    """What happens after the back-up and must be undone by the restore."""
    async with store.transaction() as uow:
        await uow.connection.execute(sa.text("UPDATE appointments SET plate = 'gone'"))
        await uow.connection.execute(sa.text("CREATE TABLE of_a_newer_version (id INTEGER)"))


@pytest.mark.parametrize("page", PAGES)
async def test_sqlite_comes_back_as_it_was_backed_up_while_running(page: str, machine: Path, now: datetime) -> None:
    commands = tried(page)
    (machine / "var").mkdir()
    url = f"sqlite:///{machine}/var/bot.db"
    async with opened(url) as store:
        await fill(store, now)
        assert (machine / "var" / "bot.db-wal").stat().st_size  # not all of it is in the file itself
        before = await rows(store)
        await asyncio.to_thread(run, machine, commands["sqlite backup"])
        await spoil(store)
    noted = run(machine, of_that_day(commands["sqlite restore"], machine))
    assert noted.splitlines() == ["systemctl stop dealer-bot", "systemctl start dealer-bot"]
    async with opened(url) as store:
        assert await rows(store) == before
    assert sum(len(each) for each in before.values()) > 50


@pytest.fixture
def server() -> Iterator[dict[str, str]]:
    """The tests' PostgreSQL with a database named bot; where the client programs find it."""
    address = urlsplit(postgres.server_url())
    asyncio.run(_execute("DROP DATABASE IF EXISTS bot WITH (FORCE)"))
    asyncio.run(_execute("CREATE DATABASE bot TEMPLATE template0"))
    yield {"PGHOST": str(address.hostname), "PGPORT": str(address.port)}
    asyncio.run(_execute("DROP DATABASE IF EXISTS bot WITH (FORCE)"))


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_postgres_comes_back_as_it_was_backed_up_while_running(
    machine: Path, now: datetime, server: dict[str, str]
) -> None:
    for page in PAGES:
        asyncio.run(_there_and_back(tried(page), machine, now, server))


async def _there_and_back(commands: dict[str, str], machine: Path, now: datetime, server: dict[str, str]) -> None:
    url = f"{postgres.server_url()}/bot"
    async with opened(url) as store:
        await fill(store, now)
        before = await rows(store)
        await asyncio.to_thread(run, machine, commands["postgres backup"], **server)
        await spoil(store)
        noted = await asyncio.to_thread(
            run, machine, of_that_day(commands["postgres restore"], machine), **server
        )  # a bot that was forgotten holds its connection
    assert noted.splitlines() == ["docker compose stop proxy worker bot-1 bot-2 rasa actions", "docker compose up -d"]
    async with opened(url) as store:
        assert await rows(store) == before
    assert sum(len(each) for each in before.values()) > 50
