"""What the desk's queue shows of each conversation, read in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.desk_queue import QueueEntry
from bot.store.tables import complaints, conversations, customers, deadlines, handoffs, messages, vehicles

_C, _H, _M = conversations.c, handoffs.c, messages.c
_LONGEST = 120


class DeskQueue:
    """The queue of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, agent: str | None = None, owner: str | None = None, limit: int = 500) -> list[QueueEntry]:
        """Conversations that people own: of one agent, in the queue (owner "queue"), or all."""
        query = _entries().where(_C.owner != "bot")
        if agent is not None:
            query = query.where(_C.owner == "agent", _C.agent == agent)
        if owner is not None:
            query = query.where(_C.owner == owner)
        return await self._many(query.order_by(_H.urgency, _H.requested_at).limit(limit))

    async def closed(self, limit: int = 100) -> list[QueueEntry]:
        """Conversations given back to the bot or settled, the latest first."""
        query = _entries().where(_C.owner == "bot", _H.closed_at.is_not(None))
        return await self._many(query.order_by(_H.closed_at.desc()).limit(limit))

    async def get(self, conversation_id: int) -> QueueEntry | None:
        """One conversation."""
        found = await self._many(_entries().where(_C.id == conversation_id))
        return found[0] if found else None

    async def search(self, words: str, limit: int = 60) -> list[QueueEntry]:
        """Conversations of people, plates and texts with these words in them, the latest first."""
        like = f"%{words.replace('%', '').replace('_', '')}%"
        mine = sa.select(customers.c.id).where(
            sa.or_(
                (customers.c.surname + customers.c.title).like(like),
                customers.c.name.like(like),
                customers.c.phone.like(like),
            )
        )
        cars = sa.select(vehicles.c.customer_id).where(vehicles.c.plate.like(like.upper()))
        said = sa.select(_M.conversation_id).where(_M.text.like(like)).order_by(_M.id.desc()).limit(limit)
        query = _entries().where(
            sa.or_(_C.customer_id.in_(mine), _C.customer_id.in_(cars), _C.id.in_(said), _C.name.like(like))
        )
        return await self._many(query.order_by(_C.last_message_at.desc()).limit(limit))

    async def counts(self, agent: str) -> dict[str, int]:
        """How many conversations are the agent's, wait, and are open at all."""
        mine = sa.and_(_C.owner == "agent", _C.agent == agent)
        query = sa.select(
            sa.func.count(sa.case((mine, 1))).label("mine"),
            sa.func.count(sa.case((_C.owner == "queue", 1))).label("waiting"),
            sa.func.count().label("all"),
        ).where(_C.owner != "bot")
        return dict((await self._connection.execute(query)).mappings().one())

    async def read_by_agent(self, conversation_id: int) -> None:
        """An agent has looked at what the customer wrote."""
        query = sa.update(conversations).where(_C.id == conversation_id, _C.unread > 0)
        await self._connection.execute(query.values(unread=0))

    async def same_person(self, conversation_id: int) -> list[int]:
        """This conversation and those of the same customer on other channels."""
        own = sa.select(_C.customer_id).where(_C.id == conversation_id).scalar_subquery()
        query = sa.select(_C.id).where(sa.or_(_C.id == conversation_id, _C.customer_id == own))
        rows = await self._connection.execute(query)
        return [row.id for row in rows]

    async def _many(self, query: Any) -> list[QueueEntry]:
        rows: Sequence[Any] = (await self._connection.execute(query)).mappings().all()
        return [QueueEntry(**{name: row[name] for name in _NAMES}) for row in rows]


_NAMES = [field.name for field in fields(QueueEntry)]


def _of_conversation(column: Any, table: Any, *more: Any) -> Any:
    return sa.select(column).where(table.c.conversation_id == _C.id, *more).correlate(conversations).scalar_subquery()


def _entries() -> Any:
    last = messages.alias("last_message")
    last_id = _of_conversation(sa.func.max(_M.id), messages, _M.sender != "system")
    handoff_id = _of_conversation(sa.func.max(_H.id), handoffs)
    running = (deadlines.c.met_at.is_(None), deadlines.c.dropped_at.is_(None))
    level = (
        sa.select(sa.func.max(complaints.c.level))
        .where(complaints.c.channel == _C.channel, complaints.c.user == _C.user, complaints.c.status != "closed")
        .correlate(conversations)
        .scalar_subquery()
    )
    plate = (
        sa.select(sa.func.min(vehicles.c.plate))
        .where(vehicles.c.customer_id == _C.customer_id)
        .correlate(conversations)
        .scalar_subquery()
    )
    return (
        sa.select(
            _C.id.label("conversation_id"),
            *(_C[name] for name in ("channel", "user", "owner", "agent", "name", "unread", "unreachable")),
            _H.id.label("handoff_id"),
            *(_H[name] for name in ("status", "urgency", "reason", "requested_at", "closed_at")),
            sa.func.coalesce(_H.team, "").label("team"),
            sa.func.coalesce(customers.c.surname, "").label("surname"),
            sa.func.coalesce(customers.c.title, "").label("title"),
            sa.func.coalesce(customers.c.vip, sa.false()).label("vip"),
            plate.label("plate"),
            sa.func.coalesce(level, 0).label("level"),
            sa.func.substr(last.c.text, 1, _LONGEST).label("last_text"),
            last.c.sender.label("last_sender"),
            last.c.kind.label("last_kind"),
            last.c.time.label("last_at"),
            _of_conversation(sa.func.min(deadlines.c.due_at), deadlines, *running).label("due_at"),
            _of_conversation(sa.func.min(deadlines.c.warn_at), deadlines, *running).label("warn_at"),
        )
        .select_from(
            conversations.outerjoin(handoffs, _H.id == handoff_id)
            .outerjoin(customers, customers.c.id == _C.customer_id)
            .outerjoin(last, last.c.id == last_id)
        )
    )
