"""What the desk's queue shows of each conversation, read in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.desk_queue import Counts, QueueEntry
from bot.business.handoffs import URGENCIES
from bot.store.tables import complaints, conversations, customers, deadlines, handoffs, messages, vehicles

_C, _H, _M = conversations.c, handoffs.c, messages.c
_LONGEST = 120


class DeskQueue:
    """The queue of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, agent: str | None = None, owner: str | None = None, limit: int = 500) -> list[QueueEntry]:
        """Conversations that people own, in the order of `rank`: of one agent, in the queue (owner "queue"), or all."""
        if agent is not None:
            return await self._many(_open_of("agent"), limit=limit, agent=agent)
        return await self._many(_open_of(owner), limit=limit)

    async def closed(self, limit: int = 100) -> list[QueueEntry]:
        """Conversations given back to the bot or settled, the latest first."""
        return await self._many(_closed(), limit=limit)

    async def calls(self, limit: int = 500) -> list[QueueEntry]:
        """Conversations of customers who are to be called, the longest owed first."""
        return await self._many(_calls(), limit=limit)

    async def get(self, conversation_id: int) -> QueueEntry | None:
        """One conversation."""
        found = await self._many(_one(), key=conversation_id)
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

    async def line(self) -> list[QueueEntry]:
        """Everybody who waits, with no more than `rank` asks for."""
        rows = (await self._connection.execute(_line())).mappings()
        return [QueueEntry(**row) for row in rows]

    async def counts(self) -> Counts:
        """How many conversations wait, how many each agent has, how many customers are to be called."""
        rows = (await self._connection.execute(_COUNTED)).all()
        waiting = sum(row.number for row in rows if row.owner == "queue")
        calls: int = (await self._connection.execute(_CALLS_COUNTED)).scalar_one()
        return Counts(waiting, {row.agent: row.number for row in rows if row.owner == "agent"}, calls)

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

    async def _many(self, query: Any, **given: Any) -> list[QueueEntry]:
        rows: Sequence[Any] = (await self._connection.execute(query, given)).all()
        return [QueueEntry(*row) for row in rows]


_VIP = sa.func.coalesce(customers.c.vip, sa.false()).label("vip")
# The highest level of the person's complaints that are not closed.
_LEVEL = sa.func.coalesce(
    sa.select(sa.func.max(complaints.c.level))
    .where(complaints.c.channel == _C.channel, complaints.c.user == _C.user, complaints.c.status != "closed")
    .correlate(conversations)
    .scalar_subquery(),
    0,
).label("level")
_NAMES = [field.name for field in fields(QueueEntry)]
_OPEN = _C.owner.in_(("queue", "agent"))
_CALLS_COUNTED = sa.select(sa.func.count()).select_from(handoffs).where(_H.call_owed_at.is_not(None))
_COUNTED = sa.select(_C.owner, _C.agent, sa.func.count().label("number")).where(_OPEN).group_by(_C.owner, _C.agent)


def _of_conversation(column: Any, table: Any, *more: Any) -> Any:
    return sa.select(column).where(table.c.conversation_id == _C.id, *more).correlate(conversations).scalar_subquery()


def _named(part: str) -> Any:
    """The customer's surname or title; of somebody unknown what they called themselves to the bot."""
    return sa.func.coalesce(sa.func.nullif(customers.c[part], ""), _H.facts[part].as_string(), "").label(part)


@cache
def _calls() -> Any:
    owed = _H.call_owed_at
    return _entries().where(owed.is_not(None)).order_by(owed, _H.id).limit(sa.bindparam("limit"))


@cache
def _one() -> Any:
    return _entries().where(_C.id == sa.bindparam("key"))


@cache
def _closed() -> Any:
    query = _entries().where(_C.owner == "bot", _H.closed_at.is_not(None))
    return query.order_by(_H.closed_at.desc()).limit(sa.bindparam("limit"))


@cache
def _open_of(owner: str | None) -> Any:
    """Of an owner, of this agent (owner "agent"), or of all people; ordered as business/desk_queue.py ranks them."""
    query = _entries()
    query = query.where(_OPEN if owner is None else _C.owner == owner)
    if owner == "agent":
        query = query.where(_C.agent == sa.bindparam("agent"))
    place = sa.case(*((_H.urgency == name, number) for number, name in enumerate(URGENCIES)), else_=len(URGENCIES))
    unasked = sa.case((_H.requested_at.is_(None), 1), else_=0)
    order = (unasked, place, sa.desc("level"), sa.desc("vip"), _H.requested_at, _C.id)
    return query.order_by(*order).limit(sa.bindparam("limit"))


@cache
def _line() -> Any:
    own = [_C[name] for name in ("channel", "user", "owner", "agent")]
    asked = [_H.id.label("handoff_id"), _H.urgency, _H.requested_at]
    query = sa.select(_C.id.label("conversation_id"), *own, *asked, _LEVEL, _VIP).select_from(
        conversations.join(handoffs, _H.conversation_id == _C.id).outerjoin(customers, customers.c.id == _C.customer_id)
    )
    return query.where(_C.owner == "queue", _H.status == "waiting")


def _entries() -> Any:
    """What a line shows, in the order of the fields of QueueEntry."""
    last = messages.alias("last_message")
    last_id = _of_conversation(sa.func.max(_M.id), messages, _M.sender.in_(("customer", "agent")))
    handoff_id = _of_conversation(sa.func.max(_H.id), handoffs)
    running = (deadlines.c.met_at.is_(None), deadlines.c.dropped_at.is_(None))
    plate = (
        sa.select(sa.func.min(vehicles.c.plate))
        .where(vehicles.c.customer_id == _C.customer_id)
        .correlate(conversations)
        .scalar_subquery()
    )
    shown = {
        each.name: each
        for each in (
            _C.id.label("conversation_id"),
            *(_C[name] for name in ("channel", "user", "owner", "agent", "name", "unread", "unreachable")),
            _H.id.label("handoff_id"),
            *(_H[name] for name in ("status", "urgency", "reason", "requested_at", "closed_at")),
            sa.func.coalesce(_H.team, "").label("team"),
            _named("surname"),
            _named("title"),
            sa.func.coalesce(_H.facts["angry"].as_boolean(), sa.false()).label("angry"),
            _VIP,
            plate.label("plate"),
            _LEVEL,
            sa.func.substr(last.c.text, 1, _LONGEST).label("last_text"),
            last.c.sender.label("last_sender"),
            last.c.kind.label("last_kind"),
            last.c.time.label("last_at"),
            _of_conversation(sa.func.min(deadlines.c.due_at), deadlines, *running).label("due_at"),
            _of_conversation(sa.func.min(deadlines.c.warn_at), deadlines, *running).label("warn_at"),
            _H.call_owed_at.label("call_back_since"),
            sa.func.coalesce(_H.facts["phone"].as_string(), customers.c.phone).label("phone"),
        )
    }
    return sa.select(*(shown[name] for name in _NAMES)).select_from(
        conversations.outerjoin(handoffs, _H.id == handoff_id)
        .outerjoin(customers, customers.c.id == _C.customer_id)
        .outerjoin(last, last.c.id == last_id)
    )
