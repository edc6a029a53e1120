"""Rows found by what names them: for data that comes from elsewhere and may come twice (import, demo dealership)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.numbers import PREFIXES
from bot.store.tables import metadata

_ADVANCE = sa.text(
    "INSERT INTO number_counters (kind, last) VALUES (:kind, :last) ON CONFLICT (kind) DO UPDATE SET last ="
    " CASE WHEN number_counters.last < excluded.last THEN excluded.last ELSE number_counters.last END"
)
_BEFORE_FIRST = 1000


class Records:
    """Puts rows of any table by a key of theirs, and tells what that changed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, table: str, key: Mapping[str, Any], values: Mapping[str, Any], fresh: Mapping[str, Any]) -> str:
        """new, changed or same; `fresh` values are for a new row only."""
        target = metadata.tables[table]
        here = [target.c[name] == value for name, value in key.items()]
        columns = [target.c[name] for name in (values or key)]
        row = (await self._connection.execute(sa.select(*columns).where(*here))).first()
        if row is None:
            await self._connection.execute(target.insert().values({**fresh, **values, **key}))
            return "new"
        changed = {name: value for name, value in values.items() if row._mapping[name] != value}
        if not changed:
            return "same"
        await self._connection.execute(target.update().where(*here).values(changed))
        return "changed"

    async def id_of(self, table: str, key: Mapping[str, Any]) -> int | None:
        """The id of the row with this key."""
        target = metadata.tables[table]
        query = sa.select(target.c.id).where(*(target.c[name] == value for name, value in key.items()))
        found: int | None = (await self._connection.execute(query)).scalar()
        return found

    async def number_given(self, kind: str, number: str) -> None:
        """Take note of a number that came from elsewhere, so that it is not given out again."""
        prefix, _, digits = number.rpartition("-")
        if prefix == PREFIXES[kind] and digits.isascii() and digits.isdigit() and len(digits) < 10:
            await self._connection.execute(_ADVANCE, {"kind": kind, "last": max(int(digits), _BEFORE_FIRST)})

    async def is_empty(self, table: str) -> bool:
        """Whether the table has no row."""
        query = sa.select(sa.literal(1)).select_from(metadata.tables[table]).limit(1)
        return (await self._connection.execute(query)).first() is None
