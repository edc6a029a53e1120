"""Complaints with their log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.complaints import Complaint, ComplaintEntry
from bot.store.numbers import next_number
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, phone_is, update_row
from bot.store.tables import complaint_log, complaints, customers

_ALL = columns_of(complaints, Complaint)
_ENTRY = columns_of(complaint_log, ComplaintEntry)


class Complaints:
    """The complaints of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, **values: Any) -> Complaint:
        """A new complaint with these columns; numbered here unless a number is given."""
        number = values.pop("number", None) or await next_number(self._connection, "complaint")
        await insert_row(self._connection, complaints, {"number": number, **values})
        found = await self.find(number)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def find(self, number: str) -> Complaint | None:
        """The complaint with this number, for reading."""
        return await first_row(self._connection, sa.select(*_ALL).where(complaints.c.number == number), Complaint)

    async def by_number(self, number: str) -> Complaint | None:
        """The complaint with this number, locked against other writers until the transaction ends."""
        query = sa.select(*_ALL).where(complaints.c.number == number).with_for_update()
        return await first_row(self._connection, query, Complaint)

    async def change(self, complaint_id: int, **values: Any) -> None:
        """Change these columns of the complaint."""
        await update_row(self._connection, complaints, complaint_id, values)

    async def log(self, complaint_id: int, *, what: str, note: str, by: str, time: datetime) -> None:
        """Write a line into the complaint's log."""
        row = {"complaint_id": complaint_id, "what": what, "note": note, "by": by, "time": time}
        await insert_row(self._connection, complaint_log, row)

    async def entries(self, complaint_id: int) -> list[ComplaintEntry]:
        """The complaint's log, oldest first."""
        query = sa.select(*_ENTRY).where(complaint_log.c.complaint_id == complaint_id)
        return await all_rows(self._connection, query.order_by(complaint_log.c.id), ComplaintEntry)

    async def earlier_of(self, channel: str, user: str, customer_id: int | None, since: datetime) -> list[Complaint]:
        """What the same person has complained about since then; nobody's (no user, no customer) is one person's."""
        person = sa.and_(complaints.c.channel == channel, complaints.c.user == user, complaints.c.user != "")
        if customer_id is not None:
            person = sa.or_(person, complaints.c.customer_id == customer_id)
        query = sa.select(*_ALL).where(person, complaints.c.created_at >= since).order_by(complaints.c.id)
        return await all_rows(self._connection, query, Complaint)

    async def at_the_desk(
        self, *, owner: str | None, closed_since: datetime | None, limit: int = 300
    ) -> list[Complaint]:
        """Those that are not closed, with `closed_since` also those closed since then; of one owner or of all."""
        wanted = complaints.c.status != "closed"
        if closed_since is not None:
            wanted = sa.or_(wanted, complaints.c.closed_at >= closed_since)
        query = sa.select(*_ALL).where(wanted).order_by(complaints.c.status == "closed", complaints.c.deadline)
        if owner is not None:
            query = query.where(complaints.c.owner == owner)
        return await all_rows(self._connection, query.limit(limit), Complaint)

    async def about_plate(self, plate: str, since: datetime) -> list[Complaint]:
        """What was complained of with this vehicle since then, the newest first."""
        query = sa.select(*_ALL).where(complaints.c.plate == plate, complaints.c.created_at >= since)
        return await all_rows(self._connection, query.order_by(complaints.c.id.desc()).limit(100), Complaint)

    async def called(self, customer_ids: Collection[int]) -> dict[int, tuple[str, str]]:
        """Surname and title of these customers."""
        query = sa.select(customers.c.id, customers.c.surname, customers.c.title)
        rows = await self._connection.execute(query.where(customers.c.id.in_(customer_ids)))
        return {row.id: (row.surname, row.title) for row in rows}

    async def late(self, now: datetime, limit: int = 100) -> list[Complaint]:
        """Open complaints past their deadline that nobody was alerted about, the oldest deadline first."""
        query = (
            sa.select(*_ALL)
            .where(complaints.c.status == "open", complaints.c.deadline < now, complaints.c.escalated_at.is_(None))
            .order_by(complaints.c.deadline)
            .limit(limit)
        )
        return await all_rows(self._connection, query, Complaint)

    async def take_late(self, number: str, now: datetime) -> Complaint | None:
        """The complaint as `late` finds it, locked; None when another process has it or it is no longer late."""
        c = complaints.c
        late = (c.number == number, c.status == "open", c.deadline < now, c.escalated_at.is_(None))
        query = sa.select(*_ALL).where(*late).with_for_update(skip_locked=True)
        return await first_row(self._connection, query, Complaint)

    async def page(
        self, *, plate: str | None, phone: str | None, status: str | None, level: int | None, after: int, limit: int
    ) -> list[Complaint]:
        """One page of complaints by id, filtered by plate, phone, status and level."""
        query = sa.select(*_ALL)
        if phone is not None:
            query = query.where(phone_is(complaints.c.phone, phone))
        for column, value in (("plate", plate), ("status", status), ("level", level)):
            if value is not None:
                query = query.where(complaints.c[column] == value)
        return await all_rows(self._connection, page_of(query, complaints.c.id, after, limit), Complaint)
