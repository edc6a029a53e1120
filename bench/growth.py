"""What a turn costs when much is stored, and when a conversation is long. `python -m bench.growth [thousandths]`.

A full store holds 200,000 customers with a vehicle each, 300,000 past appointments and 1,000,000 messages in 50,000
conversations, beside the demo dealership. The argument makes all of it smaller: 100 is a tenth.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.load import Load, Person, play
from bench.processes import our_bot, wait_until
from bench.speed import CLOCK, GREETING
from bot.dialogue.training import train
from bot.store.engine import Store
from bot.store.tables import (
    appointments,
    bays,
    conversations,
    customers,
    messages,
    service_types,
    technicians,
    vehicles,
)

CHUNK = 5_000
LONG = 2_000
AROUND = 20
MIX_ROUNDS = 4
CHAT = (
    "您好",
    "保养一次多少钱",
    "你们几点开门",
    "车修好了吗",
    "粤B8K321 8001",
    "谢谢",
    "有代步车吗",
    "质保多久",
    "地址在哪",
    "好的",
)


def main(thousandths: int = 1000) -> None:
    """Prints the table."""
    print("growth: filling a store takes minutes", file=sys.stderr, flush=True)
    train()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty, full = folder / "empty.db", folder / "full.db"
        with our_bot(folder, f"sqlite:///{empty}", CLOCK) as (server, port):
            wait_until(lambda: bool(Person(port).say("first", GREETING, False)), server)
        shutil.copy(empty, full)
        asyncio.run(fill(f"sqlite:///{full}", thousandths))
        few, many = _side_by_side(folder, empty, full)
        early, late = _long(folder, full)
    print("\n".join(_table(few, many, early, late)), flush=True)


def _side_by_side(folder: Path, empty: Path, full: Path) -> tuple[Load, Load]:
    """The mix on both stores in turn, so that what else the machine does weighs on both alike."""
    few, many = Load(), Load()
    with _bot_on(folder, empty) as first, _bot_on(folder, full) as second:
        for number in range(MIX_ROUNDS):
            for port, load in ((first, few), (second, many)):
                load.turns.extend(play(port, 1, 1, False, first=60_000 + 100 * number).turns)
    return few, many


@contextmanager
def _bot_on(folder: Path, database: Path) -> Iterator[int]:
    """The port of a warm bot on that database."""
    own = folder / database.stem
    own.mkdir(exist_ok=True)
    with our_bot(own, f"sqlite:///{database}", CLOCK) as (server, port):
        wait_until(lambda: bool(Person(port).say("first", GREETING, False)), server)
        play(port, 1, 1, False, first=70_000)
        yield port


def _long(folder: Path, database: Path) -> tuple[float, float]:
    """Median milliseconds around the 20th turn of new conversations and around the 2,000th of one, in turn."""
    early, late = [], []
    with _bot_on(folder, database) as port:
        person = Person(port)
        for number in range(LONG - AROUND):
            _say(person, "long", number)
        for number in range(2 * AROUND):
            late.append(_say(person, "long", LONG - AROUND + number))
            early.append(_say(person, f"new{number // AROUND}", number % AROUND))
    half = AROUND // 2
    return statistics.median(early[half:AROUND] + early[AROUND + half :]), statistics.median(late)


def _say(person: Person, sender: str, number: int) -> float:
    """Milliseconds of one turn of the small talk."""
    began = time.perf_counter()
    person.say(sender, CHAT[number % len(CHAT)], False)
    return (time.perf_counter() - began) * 1000


def _table(few: Load, many: Load, early: float, late: float) -> list[str]:
    rows = [
        ("turn p50, empty store / full store (ms)", few.percentile(0.5), many.percentile(0.5)),
        ("turn p95, empty store / full store (ms)", few.percentile(0.95), many.percentile(0.95)),
        ("20th / 2,000th turn of a conversation (ms)", early, late),
    ]
    lines = ["| | before | after | ratio |", "|---|---:|---:|---:|"]
    return lines + [f"| {name} | {a:.1f} | {b:.1f} | {b / a:.2f} |" for name, a, b in rows]


async def fill(url: str, thousandths: int) -> None:
    """Puts customers, vehicles, appointments and messages into a started database."""
    store, now = Store(url), datetime.fromisoformat(CLOCK)
    await store.start()
    try:
        share = thousandths / 1000
        await _insert(store, customers, _customers(int(200_000 * share), now))
        await _insert(store, vehicles, _vehicles(int(200_000 * share), now))
        await _insert(store, appointments, _appointments(int(300_000 * share), now, await _workshop(store)))
        talks = int(50_000 * share)
        await _insert(store, conversations, _conversations(talks, now))
        await _insert(store, messages, _messages(talks, 20, now))
        async with store.connection() as connection:
            await connection.execute(sa.text("ANALYZE"))
    finally:
        await store.close()


async def _insert(store: Store, table: sa.Table, rows: Iterator[dict[str, Any]]) -> None:
    began, done = time.monotonic(), 0
    while chunk := list(islice(rows, CHUNK)):
        async with store.transaction() as uow:
            await uow.connection.execute(sa.insert(table), chunk)
        done += len(chunk)
    print(f"  {done:,} {table.name} in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


async def _workshop(store: Store) -> tuple[int, int, str]:
    async with store.reading() as uow:
        one = uow.connection
        bay = (await one.execute(sa.select(bays.c.id).limit(1))).scalar_one()
        technician = (await one.execute(sa.select(technicians.c.id).limit(1))).scalar_one()
        return bay, technician, (await one.execute(sa.select(service_types.c.code).limit(1))).scalar_one()


_FIRST = 1_000_000
"""Where the keys of what is filled in begin."""


def _customers(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(count):
        phone = f"15{number:09d}"
        yield {"id": _FIRST + number, "surname": "周", "title": "先生", "phone": phone, "created_at": now}


def _vehicles(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {"id": _FIRST + number, "customer_id": _FIRST + number, "plate": _plate(number), "created_at": now}


def _plate(number: int) -> str:
    return f"京{'ABCDEFGHJK'[number // 100_000 % 10]}{number % 100_000:05d}"


def _appointments(count: int, now: datetime, workshop: tuple[int, int, str]) -> Iterator[dict[str, Any]]:
    bay, technician, service_type = workshop
    for number in range(count):
        start = now - timedelta(days=1 + number % 3000, hours=number % 8)
        yield {
            "number": f"B-{number}",
            "status": "done",
            "starts_at": start,
            "ends_at": start + timedelta(hours=1),
            "service_type": service_type,
            "bay_id": bay,
            "technician_id": technician,
            "plate": _plate(number % 200_000),
            "phone": f"15{number % 200_000:09d}",
            "channel": "wechat",
            "user": f"grown{number % 50_000}",
            "created_at": start,
            "changed_at": start,
        }


def _conversations(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {"id": _FIRST + number, "channel": "wechat", "user": f"grown{number}", "created_at": now}


def _messages(talks: int, each: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(talks * each):
        mine = number % 2 == 0
        yield {
            "conversation_id": _FIRST + number % talks,
            "sender": "customer" if mine else "bot",
            "text": "我想预约保养，大概明天上午" if mine else "好的，请告诉我车牌号。",
            "state": "done" if mine else "sent",
            "platform_id": f"grown-{number}" if mine else None,
            "time": now - timedelta(seconds=talks * each - number),
        }


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
