"""Compares what a conversation has left in the store with what its script expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.store import tables
from bot.store.engine import Store


async def rows(store: Store, name: str, channel: str, users: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a table, oldest first; of a table with people, those of `users` only unless it is named "any …"."""
    table = name.removeprefix("any ")
    columns = getattr(tables, table).c
    query = sa.select(getattr(tables, table))
    if is_of_people(name):
        query = query.where(columns.channel == channel, columns.user.in_(users))
    if "id" in columns:
        query = query.order_by(columns.id)
    async with store.reading() as uow:
        return [dict(row._mapping) for row in await uow.connection.execute(query)]


async def fill_day(store: Store, day: datetime) -> None:
    """Leaves no window free on `day`."""
    async with store.transaction() as uow:
        blocked = {"starts_at": day, "ends_at": day + timedelta(days=1)}
        await uow.connection.execute(sa.insert(tables.blocked_times).values(**blocked))


def is_of_people(name: str) -> bool:
    """Whether the rows of the table belong to people, so that a script names all of theirs."""
    return not name.startswith("any ") and {"user", "channel"} <= set(getattr(tables, name).c.keys())


def faults_of(table: str, expected: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is missing or too much: of people's tables each row in order, of others one fitting row each."""
    if not is_of_people(table):
        return [f"{table}: no row with {row}" for row in expected if not any(_fits(row, each) for each in found)]
    if len(expected) != len(found):
        return [f"{table}: {len(found)} rows instead of {len(expected)}: {list(found)}"]
    return [
        f"{table}: {_differing(row, each)}" for row, each in zip(expected, found, strict=True) if not _fits(row, each)
    ]


async def texts_left(store: Store, wanted: Sequence[str]) -> list[str]:
    """Which of `wanted` still stands somewhere in the database, with its table."""
    left = []
    async with store.reading() as uow:
        for table in tables.metadata.sorted_tables:
            whole = str([tuple(row) for row in await uow.connection.execute(sa.select(table))])
            left += [f"{text} in {table.name}" for text in wanted if text in whole]
    return left


def _fits(expected: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return not _differing(expected, found)


def _differing(expected: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found.get(name) for name, value in expected.items() if not _equal(value, found.get(name))}


def _equal(expected: Any, found: Any) -> bool:
    if isinstance(found, datetime):
        return f"{found:%Y-%m-%d %H:%M}" == str(expected)
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and not _differing(expected, found)
    if isinstance(expected, list):
        return isinstance(found, Sequence) and all(each in found for each in expected)
    if isinstance(expected, str) and expected.startswith("~"):
        return expected[1:] in str(found)
    return bool(expected == found)
