"""Who read or changed personal data; ids and record numbers only, never the data itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.person_file import AuditLine
from bot.store.rows import all_rows, columns_of, insert_row
from bot.store.tables import audit_log

_NEWEST = 20_000


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit log."""

    time: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str


class Audit:
    """The audit log of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def write(self, now: datetime, *, actor: str, action: str, kind: str, subject: str, detail: str = "") -> None:
        """Note that `actor` did `action` with the `kind` of record called `subject`."""
        row = {"time": now, "actor": actor, "action": action, "subject_kind": kind, "subject": subject}
        await insert_row(self._connection, audit_log, {**row, "detail": detail})

    async def write_many(self, now: datetime, *, actor: str, action: str, kind: str, subjects: Sequence[str]) -> None:
        """The same note for several records, in one statement."""
        row = {"time": now, "actor": actor, "action": action, "subject_kind": kind, "detail": ""}
        if subjects:
            rows = [{**row, "subject": subject} for subject in subjects]
            await self._connection.execute(sa.insert(audit_log), rows)

    async def about(self, kind: str, subject: str) -> list[AuditEntry]:
        """What was done with one record, oldest first."""
        query = sa.select(*columns_of(audit_log, AuditEntry)).order_by(audit_log.c.id)
        mine = (audit_log.c.subject_kind == kind, audit_log.c.subject == subject)
        return await all_rows(self._connection, query.where(*mine), AuditEntry)

    async def actor_at(self, kind: str, subject: str, at: datetime) -> str | None:
        """Who did something with one record at that very moment; None when nobody did (a customer by chat)."""
        table = audit_log.c
        query = sa.select(table.actor).where(table.subject_kind == kind, table.subject == subject, table.time == at)
        rows = await self._connection.execute(query.where(table.action != "read").order_by(table.id.desc()).limit(1))
        found: str | None = rows.scalar()
        return found

    async def has_read(self, actor: str, kind: str, subject: str, since: datetime) -> bool:
        """Whether it is noted that `actor` has looked at this record since then."""
        table = audit_log.c
        query = sa.select(table.id).where(table.subject_kind == kind, table.subject == subject, table.time >= since)
        rows = await self._connection.execute(query.where(table.actor == actor, table.action == "read").limit(1))
        return rows.first() is not None

    async def has_listed(self, actor: str, kind: str, since: datetime) -> set[str]:
        """The records of this kind of which it is noted that `actor` has seen them in a list since then."""
        table = audit_log.c
        query = sa.select(table.subject).where(table.time >= since, table.actor == actor, table.action == "list")
        rows = await self._connection.execute(query.where(table.subject_kind == kind).distinct())
        return {row.subject for row in rows}

    async def lines(self, filters: Mapping[str, str], before: int | None, limit: int) -> list[AuditLine]:
        """The newest lines first, from below the key `before`; filters actor, action, subject_kind, subject."""
        query = sa.select(*columns_of(audit_log, AuditLine)).order_by(audit_log.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit_log.c.id < before)
        for name, value in filters.items():
            query = query.where(audit_log.c[name] == value)
        return await all_rows(self._connection, query, AuditLine)

    async def actors(self) -> list[str]:
        """Everybody the log has named lately."""
        return await self._distinct(audit_log.c.actor)

    async def actions(self) -> list[str]:
        """Every action the log has named lately."""
        return await self._distinct(audit_log.c.action)

    async def _distinct(self, column: Any) -> list[str]:
        query = sa.select(column).where(lately()).distinct().order_by(column)
        return list((await self._connection.execute(query)).scalars())


def lately() -> Any:
    """The condition that a line is among the newest, so that a log of years costs no more than one of weeks."""
    return audit_log.c.id > sa.select(sa.func.max(audit_log.c.id) - _NEWEST).scalar_subquery()
