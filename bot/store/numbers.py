"""The numbers customers quote (A-1001, WO-1002, C-1003, R-1004), each given out once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

PREFIXES = {"appointment": "A", "work_order": "WO", "complaint": "C", "rescue": "R"}
_FIRST = 1001
_NEXT = sa.text(
    "INSERT INTO number_counters (kind, last) VALUES (:kind, :first)"
    " ON CONFLICT (kind) DO UPDATE SET last = number_counters.last + 1 RETURNING last"
).columns(last=sa.Integer)


async def next_number(connection: AsyncConnection, kind: str) -> str:
    """The next free number of `kind` (a key of PREFIXES), such as C-1001; taken back when the transaction is."""
    last = (await connection.execute(_NEXT, {"kind": kind, "first": _FIRST})).scalar_one()
    return f"{PREFIXES[kind]}-{last}"
