"""Rows of a table as values, one or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


def columns_of(table: sa.Table, kind: type[Any], but: Sequence[str] = ()) -> list[Any]:
    """The columns of `table` named like the fields of the dataclass `kind`, without those of `but`."""
    return [table.c[field.name] for field in fields(kind) if field.name not in but]


async def first_row(connection: AsyncConnection, query: Any, kind: type[T]) -> T | None:
    """The first row of `query` as a `kind`, None without one."""
    row = (await connection.execute(query)).first()
    return None if row is None else kind(**row._mapping)


async def all_rows(connection: AsyncConnection, query: Any, kind: type[T]) -> list[T]:
    """All rows of `query`, each as a `kind`."""
    return [kind(**row) for row in (await connection.execute(query)).mappings()]


async def insert_row(connection: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> int:
    """Insert one row; its id."""
    done = await connection.execute(sa.insert(table).values(**values))  # SQLAlchemy 1.4 knows no RETURNING on SQLite
    key: int = done.inserted_primary_key[0]
    return key


async def update_row(connection: AsyncConnection, table: sa.Table, key: int, values: dict[str, Any]) -> None:
    """Change the row with this id."""
    if values:
        await connection.execute(sa.update(table).where(table.c.id == key).values(**values))


def phone_is(column: Any, phone: str) -> Any:
    """The condition that `column` is `phone`, or ends with it when only the last digits are given."""
    return column == phone if len(phone) >= 11 else column.like(f"%{phone.replace('%', '').replace('_', '')}")


def page_of(query: Any, key: Any, after: int, limit: int) -> Any:
    """`query` cut to one page: ids above `after`, in order, at most `limit`."""
    return query.where(key > after).order_by(key).limit(limit)
