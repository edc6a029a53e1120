"""Hand-offs: who asked for a person, who took over, and the agents' notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.handoff_steps import DEEDS, Deed
from bot.business.handoffs import Handoff, InHand, Note
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, phone_is, update_row
from bot.store.tables import (
    agents,
    audit_log,
    conversations,
    customers,
    deadlines,
    handoff_notes,
    handoffs,
    messages,
    vehicles,
)

_ALL = columns_of(handoffs, Handoff)
_NOTE = columns_of(handoff_notes, Note)
_OPEN = ("waiting", "claimed")
# Programs that answer by the API are no agents of the desk.
_ACTIVE = sa.func.coalesce(agents.c.active, sa.true())


def _within(column: Any, *conditions: Any) -> Any:
    return sa.select(column).where(*conditions).correlate(handoffs).scalar_subquery()


_WROTE = _within(
    sa.func.max(messages.c.time, type_=messages.c.time.type),
    messages.c.conversation_id == handoffs.c.conversation_id,
    messages.c.sender == "agent",
    messages.c.agent == handoffs.c.owner,
)
_WAITS = _within(
    sa.func.min(deadlines.c.started_at, type_=deadlines.c.started_at.type),
    deadlines.c.conversation_id == handoffs.c.conversation_id,
    deadlines.c.kind == "answer",
    deadlines.c.subject_kind.in_(("handoff", "conversation")),
    deadlines.c.met_at.is_(None),
    deadlines.c.dropped_at.is_(None),
)


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

    async def calls_owed(self) -> list[Handoff]:
        """What owes the customer a call, the longest first."""
        owed = handoffs.c.call_owed_at
        query = sa.select(*_ALL).where(owed.is_not(None)).order_by(owed, handoffs.c.id)
        return await all_rows(self._connection, query, Handoff)

    async def in_hand(self, seen_before: datetime, handoff_id: int | None = None) -> list[InHand]:
        """What agents have in hand who were last seen before then, or may no longer sign in; the longest first."""
        known = (_ACTIVE.label("active"), agents.c.seen_at, _WROTE.label("wrote_at"), _WAITS.label("waits_since"))
        query = sa.select(*_ALL, *known).select_from(handoffs.outerjoin(agents, agents.c.name == handoffs.c.owner))
        there = (handoffs.c.claimed_at, agents.c.seen_at, _WROTE)
        away = [sa.func.coalesce(moment, handoffs.c.claimed_at) < seen_before for moment in there]
        gone = sa.or_(sa.not_(_ACTIVE), sa.and_(_WAITS.is_not(None), *away))
        mine = sa.true() if handoff_id is None else handoffs.c.id == handoff_id
        found = await self._connection.execute(
            query.where(handoffs.c.status == "claimed", mine, gone).order_by(handoffs.c.claimed_at)
        )
        return [_in_hand(row) for row in found.mappings()]

    async def add_note(self, handoff_id: int, *, agent: str, text: str, time: datetime) -> None:
        """Keep a note that only agents see."""
        row = {"handoff_id": handoff_id, "agent": agent, "text": text, "time": time}
        await insert_row(self._connection, handoff_notes, row)

    async def notes(self, handoff_id: int) -> list[Note]:
        """The agents' notes, oldest first."""
        query = sa.select(*_NOTE).where(handoff_notes.c.handoff_id == handoff_id).order_by(handoff_notes.c.id)
        return await all_rows(self._connection, query, Note)

    async def last_closed_at(self, conversation_id: int) -> datetime | None:
        """When people last gave the conversation back or settled it."""
        query = sa.select(sa.func.max(handoffs.c.closed_at)).where(handoffs.c.conversation_id == conversation_id)
        closed: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return closed

    async def last_of(self, conversation_id: int) -> Handoff | None:
        """The conversation's last hand-off, open or not."""
        query = sa.select(*_ALL).where(handoffs.c.conversation_id == conversation_id)
        return await first_row(self._connection, query.order_by(handoffs.c.id.desc()).limit(1), Handoff)

    async def deeds_of(self, conversation_ids: Sequence[int]) -> list[Deed]:
        """What was done with the hand-offs of these conversations, in order."""
        log, h = audit_log.c, handoffs.c
        done = (log.subject_kind == "handoff", log.subject == sa.cast(h.id, sa.Text), log.action.in_(DEEDS))
        asked = (h.id.label("handoff_id"), h.requested_at, h.reason, h.urgency, h.resolution)
        query = sa.select(*asked, log.time, log.actor, log.action, log.detail)
        query = query.select_from(handoffs.outerjoin(audit_log, sa.and_(*done)))
        mine = query.where(h.conversation_id.in_(conversation_ids)).order_by(h.id, log.id)
        return await all_rows(self._connection, mine, Deed)

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


def _in_hand(row: Any) -> InHand:
    handoff = Handoff(**{column.name: row[column.name] for column in _ALL})
    seen = max(filter(None, (row["claimed_at"], row["seen_at"], row["wrote_at"])))
    return InHand(handoff, bool(row["active"]), seen, row["waits_since"])


def _of_customers(keys: Any) -> Any:
    mine = sa.select(conversations.c.id).where(conversations.c.customer_id.in_(keys))
    return handoffs.c.conversation_id.in_(mine)
