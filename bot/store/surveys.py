"""What customers think of us: asked when, about whom, and what they answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.surveys import ASKED_AFTER, ASKED_WITHIN, Survey
from bot.store.rows import columns_of, first_row, insert_row, update_row
from bot.store.tables import conversations, handoffs, surveys, work_orders

_ALL = columns_of(surveys, Survey)
_S = surveys.c


class Surveys:
    """The surveys of the store, and which hand-offs and visits are to be asked about."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, **values: Any) -> int:
        """A question that was asked; its key."""
        return await insert_row(self._connection, surveys, values)

    async def change(self, survey_id: int, **values: Any) -> None:
        """Note the answer."""
        await update_row(self._connection, surveys, survey_id, values)

    async def open_of(self, conversation_id: int, since: datetime) -> Survey | None:
        """The newest question asked since then that was not answered."""
        query = sa.select(*_ALL).where(_S.conversation_id == conversation_id, _S.answered_at.is_(None))
        query = query.where(_S.asked_at >= since).order_by(_S.id.desc()).limit(1)
        return await first_row(self._connection, query, Survey)

    async def answered_of(self, conversation_id: int, since: datetime) -> Survey | None:
        """The survey answered last since then."""
        query = sa.select(*_ALL).where(_S.conversation_id == conversation_id, _S.answered_at >= since)
        return await first_row(self._connection, query.order_by(_S.answered_at.desc()).limit(1), Survey)

    async def asked_at(self, conversation_id: int, customer_id: int | None) -> datetime | None:
        """When this person, or the customer on any channel, was last asked."""
        mine = [_S.conversation_id == conversation_id]
        if customer_id is not None:
            mine.append(_S.customer_id == customer_id)
        query = sa.select(sa.func.max(_S.asked_at)).where(sa.or_(*mine))
        asked: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return asked

    async def ask_about(self, handoff_id: int, at: datetime | None) -> None:
        """The customer is to be asked about this hand-off at `at`, or not at all."""
        await update_row(self._connection, handoffs, handoff_id, {"survey_at": at})

    async def handoffs_due(self, now: datetime, limit: int = 200) -> list[int]:
        """Hand-offs about which the customer is to be asked now."""
        query = sa.select(handoffs.c.id).where(handoffs.c.survey_at <= now).order_by(handoffs.c.survey_at)
        return list((await self._connection.execute(query.limit(limit))).scalars())

    async def take_handoff(self, handoff_id: int, now: datetime) -> bool:
        """Whether the hand-off is still to be asked about; its conversation is locked, and no other process has it."""
        conversation = sa.select(handoffs.c.conversation_id).where(handoffs.c.id == handoff_id).scalar_subquery()
        lock = sa.select(conversations.c.id).where(conversations.c.id == conversation)
        if (await self._connection.execute(lock.with_for_update(skip_locked=True))).first() is None:
            return False
        query = sa.select(handoffs.c.id).where(handoffs.c.id == handoff_id, handoffs.c.survey_at <= now)
        return (await self._connection.execute(query)).first() is not None

    async def visits_due(self, now: datetime, limit: int = 200) -> list[str]:
        """Numbers of the work orders handed over the day before about which nobody was asked yet."""
        query = sa.select(work_orders.c.number).where(_visited(now)).order_by(work_orders.c.delivered_at)
        return list((await self._connection.execute(query.limit(limit))).scalars())

    async def take_visit(self, number: str, now: datetime) -> bool:
        """Whether the visit is still to be asked about, its work order locked and marked as asked."""
        query = sa.select(work_orders.c.id).where(work_orders.c.number == number, _visited(now))
        key = (await self._connection.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()
        if key is not None:
            await update_row(self._connection, work_orders, key, {"survey_at": now})
        return key is not None


def _visited(now: datetime) -> Any:
    w = work_orders.c
    between = sa.and_(w.delivered_at >= now - ASKED_WITHIN, w.delivered_at <= now - ASKED_AFTER)
    return sa.and_(between, w.survey_at.is_(None), w.customer_id.is_not(None))
