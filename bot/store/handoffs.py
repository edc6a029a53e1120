"""Hand-offs: who asked for a person, who took over, and the agents' notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.handoffs import Handoff, Note
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, phone_is, update_row
from bot.store.tables import conversations, customers, handoff_notes, handoffs, vehicles

_ALL = columns_of(handoffs, Handoff)
_NOTE = columns_of(handoff_notes, Note)
_OPEN = ("waiting", "claimed")


class Handoffs:
    """The hand-offs of the store; the row of the conversation is what writers lock, always first."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, handoff_id: int) -> Handoff | None:
        """The hand-off with this id, for reading."""
        return await first_row(self._connection, sa.select(*_ALL).where(handoffs.c.id == handoff_id), Handoff)

    async def locked(self, handoff_id: int) -> Handoff | None:
        """The hand-off with this id; its conversation is locked against other writers until the transaction ends."""
        conversation = sa.select(handoffs.c.conversation_id).where(handoffs.c.id == handoff_id).scalar_subquery()
        await self._connection.execute(
            sa.select(conversations.c.id).where(conversations.c.id == conversation).with_for_update()
        )
        return await self.get(handoff_id)

    async def take(self, handoff_id: int) -> Handoff | None:
        """As `locked`, but None when another writer has the conversation just now."""
        conversation = sa.select(handoffs.c.conversation_id).where(handoffs.c.id == handoff_id).scalar_subquery()
        query = sa.select(conversations.c.id).where(conversations.c.id == conversation)
        free = (await self._connection.execute(query.with_for_update(skip_locked=True))).first()
        return None if free is None else await self.get(handoff_id)

    async def counts(self) -> dict[tuple[str, str], int]:
        """How many hand-offs there are by channel and status."""
        query = (
            sa.select(conversations.c.channel, handoffs.c.status, sa.func.count())
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .group_by(conversations.c.channel, handoffs.c.status)
        )
        return {(row[0], row[1]): row[2] for row in (await self._connection.execute(query)).all()}

    async def open_of(self, conversation_id: int) -> Handoff | None:
        """The conversation's open hand-off; the conversation is locked until the transaction ends."""
        await self._connection.execute(
            sa.select(conversations.c.id).where(conversations.c.id == conversation_id).with_for_update()
        )
        mine = (handoffs.c.conversation_id == conversation_id, handoffs.c.status.in_(_OPEN))
        return await first_row(self._connection, sa.select(*_ALL).where(*mine), Handoff)

    async def add(self, **values: Any) -> Handoff:
        """A new hand-off with these columns, waiting."""
        found = await self.get(await insert_row(self._connection, handoffs, {"status": "waiting", **values}))
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def save(self, handoff: Handoff) -> None:
        """Write the hand-off as it is now."""
        values = asdict(handoff)
        await update_row(self._connection, handoffs, values.pop("id"), values)

    async def set_facts(self, handoff_id: int, facts: dict[str, Any]) -> None:
        """Keep what was already known when the person was asked, for the agent's page."""
        await update_row(self._connection, handoffs, handoff_id, {"facts": facts})

    async def facts(self, handoff_id: int) -> dict[str, Any]:
        """What was already known when the person was asked."""
        query = sa.select(handoffs.c.facts).where(handoffs.c.id == handoff_id)
        return dict((await self._connection.execute(query)).scalar_one_or_none() or {})

    async def waiting(self) -> list[Handoff]:
        """Everything that waits, by the first request."""
        query = sa.select(*_ALL).where(handoffs.c.status == "waiting").order_by(handoffs.c.requested_at)
        return await all_rows(self._connection, query, Handoff)

    async def claimed_before(self, moment: datetime) -> list[Handoff]:
        """What was claimed before `moment` and is still open, by the first request."""
        query = sa.select(*_ALL).where(handoffs.c.status == "claimed", handoffs.c.claimed_at < moment)
        return await all_rows(self._connection, query.order_by(handoffs.c.requested_at), Handoff)

    async def add_note(self, handoff_id: int, *, agent: str, text: str, time: datetime) -> None:
        """Keep a note that only agents see."""
        row = {"handoff_id": handoff_id, "agent": agent, "text": text, "time": time}
        await insert_row(self._connection, handoff_notes, row)

    async def notes(self, handoff_id: int) -> list[Note]:
        """The agents' notes, oldest first."""
        query = sa.select(*_NOTE).where(handoff_notes.c.handoff_id == handoff_id).order_by(handoff_notes.c.id)
        return await all_rows(self._connection, query, Note)

    async def notes_of(self, conversation_ids: Sequence[int]) -> list[Note]:
        """The agents' notes on every hand-off of these conversations, oldest first."""
        query = sa.select(*_NOTE).join(handoffs, handoffs.c.id == handoff_notes.c.handoff_id)
        mine = query.where(handoffs.c.conversation_id.in_(conversation_ids))
        return await all_rows(self._connection, mine.order_by(handoff_notes.c.id), Note)

    async def page(
        self, *, plate: str | None, phone: str | None, status: str | None, after: int, limit: int
    ) -> list[Handoff]:
        """One page of hand-offs by id, filtered by the known customer's plate and phone and by status."""
        query = sa.select(*_ALL)
        if status is not None:
            query = query.where(handoffs.c.status == status)
        if phone is not None:
            query = query.where(_of_customers(sa.select(customers.c.id).where(phone_is(customers.c.phone, phone))))
        if plate is not None:
            query = query.where(_of_customers(sa.select(vehicles.c.customer_id).where(vehicles.c.plate == plate)))
        return await all_rows(self._connection, page_of(query, handoffs.c.id, after, limit), Handoff)


def _of_customers(keys: Any) -> Any:
    mine = sa.select(conversations.c.id).where(conversations.c.customer_id.in_(keys))
    return handoffs.c.conversation_id.in_(mine)
