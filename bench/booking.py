"""Two hundred cars want the same ten places at the same moment, from four processes, on both databases.

Run by `make bench` or `python -m bench.booking`. PostgreSQL is a server of our own, as in the tests.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import sqlalchemy as sa

from bot.store.engine import Store
from bot.store.tables import appointments
from tests import postgres
from tests.services.racing import race
from tests.services.workshops import set_up

PLACES, PROCESSES, ATTEMPTS = 10, 4, 50
START = datetime(2026, 3, 11, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Raced:
    """What came of one race: rows stored, refusals with alternatives, everything else, seconds."""

    stored: int
    refused: int
    otherwise: int
    seconds: float


def run(url: str) -> Raced:
    """Sets up a workshop with ten places on an empty database and lets the processes go."""
    asyncio.run(_set_up(url))
    began = time.monotonic()
    outcome = race(url, START, PROCESSES, ATTEMPTS)
    seconds = time.monotonic() - began
    otherwise = sum(outcome.values()) - outcome["booked"] - outcome["refused"]
    return Raced(asyncio.run(_stored(url)), outcome["refused"], otherwise, seconds)


async def _set_up(url: str) -> None:
    store = Store(url)
    await store.start()
    await set_up(store, bays=PLACES, skills=[["maintenance"]] * PLACES)
    await store.close()


async def _stored(url: str) -> int:
    store = Store(url)
    await store.start()
    async with store.reading() as uow:
        query = sa.select(sa.func.count()).select_from(appointments)
        found = int((await uow.connection.execute(query)).scalar_one())
    await store.close()
    return found


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """The URLs of an empty SQLite file and of an empty PostgreSQL database; both are removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(_make_database("booking"))
            yield {
                "SQLite": f"sqlite:///{Path(folder) / 'bot.db'}",
                "PostgreSQL": f"{postgres.server_url()}/booking",
            }
        finally:
            postgres.stop_server()


async def _make_database(name: str) -> None:
    connection = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


def table(raced: dict[str, Raced]) -> list[str]:
    """The figures as a Markdown table, as in the README."""
    attempts = PROCESSES * ATTEMPTS
    head = f"{attempts} attempts at {PLACES} places, {PROCESSES} processes"
    lines = [f"| {head} | stored | refused with alternatives | anything else | seconds |", "|---|---:|---:|---:|---:|"]
    for name, each in raced.items():
        lines.append(f"| {name} | {each.stored} | {each.refused} | {each.otherwise} | {each.seconds:.1f} |")
    return lines


def main() -> None:
    """Prints the table."""
    print("booking: the race for the last places, on SQLite and PostgreSQL", file=sys.stderr, flush=True)
    with databases() as urls:
        print("\n".join(table({name: run(url) for name, url in urls.items()})), flush=True)


if __name__ == "__main__":
    main()
