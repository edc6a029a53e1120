"""Work orders with their stage log, promises and proposals of extra work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.deadlines import OVERDUE_AFTER
from bot.business.stage_news import PROMISED_STAGES, TOLD_STAGES
from bot.business.stages import OPEN_CODES
from bot.business.work_orders import Proposal, StageEntry, WorkOrder
from bot.store.numbers import next_number
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, phone_is, update_row
from bot.store.tables import customers, promises, proposals, vehicles, work_order_log, work_orders

_JOINED = work_orders.join(vehicles, work_orders.c.vehicle_id == vehicles.c.id).outerjoin(
    customers, work_orders.c.customer_id == customers.c.id
)
_OWN = columns_of(work_orders, WorkOrder, but=("plate", "model", "phone"))
_SELECT = sa.select(*_OWN, vehicles.c.plate, vehicles.c.model, customers.c.phone).select_from(_JOINED)
# A promise that passed longer ago than this is no news to anybody, such as one brought in by an import;
# who was told of it in time hears on, over a holiday too.
_STILL_NEWS, _STILL_TOLD = timedelta(days=1), timedelta(days=10)
_IN_WORK = sa.and_(
    work_orders.c.stage.in_([code for code in OPEN_CODES if code != "ready"]), work_orders.c.customer_id.is_not(None)
)
_WAITING = sa.select(proposals.c.id).where(
    proposals.c.work_order_id == work_orders.c.id, proposals.c.status == "waiting"
)
# An extra item waits and the customer was asked for none of those that wait.
_ASKS = sa.and_(_WAITING.exists(), sa.not_(_WAITING.where(proposals.c.told_at.is_not(None)).exists()))
_PROPOSAL = columns_of(proposals, Proposal)
_ENTRY = columns_of(work_order_log, StageEntry)


class WorkOrders:
    """The work orders of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_number(self, number: str) -> WorkOrder | None:
        """The work order with this number, locked against other writers until the transaction ends."""
        query = _SELECT.where(work_orders.c.number == number).with_for_update(of=work_orders)
        return await first_row(self._connection, query, WorkOrder)

    async def find(self, number: str) -> WorkOrder | None:
        """The work order with this number, for reading."""
        return await first_row(self._connection, _SELECT.where(work_orders.c.number == number), WorkOrder)

    async def get(self, work_order_id: int) -> WorkOrder | None:
        """The work order with this id, for reading."""
        return await first_row(self._connection, _SELECT.where(work_orders.c.id == work_order_id), WorkOrder)

    async def latest_of(self, vehicle_id: int, delivered_since: datetime) -> WorkOrder | None:
        """The vehicle's newest open work order, else the newest one handed over since then."""
        is_open = work_orders.c.stage.in_(OPEN_CODES)
        query = (
            _SELECT.where(work_orders.c.vehicle_id == vehicle_id)
            .where(sa.or_(is_open, work_orders.c.changed_at >= delivered_since))
            .order_by(sa.case((is_open, 0), else_=1), work_orders.c.id.desc())
            .limit(1)
        )
        return await first_row(self._connection, query, WorkOrder)

    async def late(self, now: datetime, limit: int = 1000) -> list[WorkOrder]:
        """Those past their promise by 15 minutes whose customers are known, the oldest promise first."""
        query = _SELECT.where(_IN_WORK, _passed(now)).order_by(work_orders.c.promised_at)
        return await all_rows(self._connection, query.limit(limit), WorkOrder)

    async def take_late(self, number: str, now: datetime) -> WorkOrder | None:
        """The work order if `late` would find it, locked; None when another process has it."""
        query = _SELECT.where(work_orders.c.number == number, _IN_WORK, _passed(now))
        return await first_row(self._connection, query.with_for_update(of=work_orders, skip_locked=True), WorkOrder)

    async def changed(self, now: datetime, limit: int = 1000) -> list[tuple[WorkOrder, bool]]:
        """Those of known customers who were not told how they stand, the oldest change first; whether one asks."""
        query = _SELECT.where(_untold(now)).add_columns(_ASKS.label("asks")).order_by(work_orders.c.changed_at)
        rows = [dict(row) for row in (await self._connection.execute(query.limit(limit))).mappings()]
        asks = [bool(row.pop("asks")) for row in rows]
        return [(WorkOrder(**row), each) for row, each in zip(rows, asks, strict=True)]

    async def take_changed(self, number: str, now: datetime) -> WorkOrder | None:
        """The work order if `changed` would find it, locked; None when another process has it."""
        query = _SELECT.where(work_orders.c.number == number, _untold(now))
        return await first_row(self._connection, query.with_for_update(of=work_orders, skip_locked=True), WorkOrder)

    async def told(self, work_order_id: int, **values: Any) -> None:
        """Note what the customer hears now, unasked: told_stage, told_promise_at, news_at (a promise not kept)."""
        await update_row(self._connection, work_orders, work_order_id, values)

    async def asked(self, proposal_id: int, now: datetime) -> None:
        """Note that the customer is asked now, unasked, about an extra item."""
        await update_row(self._connection, proposals, proposal_id, {"told_at": now})

    async def add(self, now: datetime, **values: Any) -> WorkOrder:
        """A new work order with these columns; numbered when no number is given."""
        number = values.pop("number", None) or await next_number(self._connection, "work_order")
        row = {"opened_at": now, "changed_at": now, "number": number, **values}
        await insert_row(self._connection, work_orders, row)
        found = await self.find(number)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def change(self, work_order_id: int, now: datetime, **values: Any) -> None:
        """Change these columns of the work order."""
        await update_row(self._connection, work_orders, work_order_id, {"changed_at": now, **values})

    async def log(self, work_order_id: int, *, stage: str, note: str, by: str, time: datetime) -> None:
        """Write a line into the stage log."""
        row = {"work_order_id": work_order_id, "stage": stage, "note": note, "by": by, "time": time}
        await insert_row(self._connection, work_order_log, row)

    async def entries(self, work_order_id: int) -> list[StageEntry]:
        """The stage log, oldest first."""
        query = sa.select(*_ENTRY).where(work_order_log.c.work_order_id == work_order_id)
        return await all_rows(self._connection, query.order_by(work_order_log.c.id), StageEntry)

    async def promise(self, work_order_id: int, *, promised_at: datetime, reason: str, given_at: datetime) -> None:
        """Write down a promised time with the reason it was given for."""
        row = {"work_order_id": work_order_id, "promised_at": promised_at, "reason": reason, "given_at": given_at}
        await insert_row(self._connection, promises, row)

    async def promised_times(self, work_order_id: int) -> list[tuple[datetime, str]]:
        """Every time promised for the work order with its reason, oldest first."""
        query = sa.select(promises.c.promised_at, promises.c.reason).where(promises.c.work_order_id == work_order_id)
        rows = await self._connection.execute(query.order_by(promises.c.id))
        return [(row.promised_at, row.reason) for row in rows]

    async def propose(self, work_order_id: int, **values: Any) -> Proposal:
        """A new extra item that waits for consent."""
        key = await insert_row(self._connection, proposals, {"work_order_id": work_order_id, **values})
        found = await first_row(self._connection, sa.select(*_PROPOSAL).where(proposals.c.id == key), Proposal)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def proposals(self, work_order_id: int) -> list[Proposal]:
        """The work order's extra items, oldest first."""
        query = sa.select(*_PROPOSAL).where(proposals.c.work_order_id == work_order_id)
        return await all_rows(self._connection, query.order_by(proposals.c.id), Proposal)

    async def waiting_proposals(self, vehicle_id: int) -> list[Proposal]:
        """The vehicle's extra items that wait for consent, oldest first, locked until the transaction ends."""
        query = (
            sa.select(*_PROPOSAL)
            .join(work_orders, proposals.c.work_order_id == work_orders.c.id)
            .where(work_orders.c.vehicle_id == vehicle_id, proposals.c.status == "waiting")
            .where(work_orders.c.stage.in_(OPEN_CODES))
            .order_by(proposals.c.id)
            .with_for_update(of=proposals)
        )
        return await all_rows(self._connection, query, Proposal)

    async def proposal(self, proposal_id: int) -> Proposal | None:
        """One extra item, locked until the transaction ends."""
        query = sa.select(*_PROPOSAL).where(proposals.c.id == proposal_id).with_for_update()
        return await first_row(self._connection, query, Proposal)

    async def answer(self, proposal_id: int, **values: Any) -> None:
        """Note the answer to an extra item: status, answered_at, answered_channel, answered_user, answered_by."""
        await update_row(self._connection, proposals, proposal_id, values)

    async def page(
        self, *, plate: str | None, phone: str | None, stages: tuple[str, ...] | None, after: int, limit: int
    ) -> list[WorkOrder]:
        """One page of work orders by id, filtered by plate, the customer's phone and stages."""
        query = _SELECT
        if plate is not None:
            query = query.where(vehicles.c.plate == plate)
        if phone is not None:
            query = query.where(phone_is(customers.c.phone, phone))
        if stages is not None:
            query = query.where(work_orders.c.stage.in_(stages))
        return await all_rows(self._connection, page_of(query, work_orders.c.id, after, limit), WorkOrder)


def _untold(now: datetime) -> Any:
    c = work_orders.c
    stage = sa.and_(c.stage.in_(TOLD_STAGES), c.stage.is_distinct_from(c.told_stage))
    promise = sa.and_(
        c.stage.in_(PROMISED_STAGES), c.promised_at > now, c.promised_at.is_distinct_from(c.told_promise_at)
    )
    recent = sa.and_(c.changed_at > now - _STILL_TOLD, c.customer_id.is_not(None))
    return sa.and_(recent, sa.or_(stage, promise, sa.and_(c.stage.in_(OPEN_CODES), _ASKS)))


def _passed(now: datetime) -> Any:
    promised, told = work_orders.c.promised_at, work_orders.c.news_at
    since = sa.or_(promised > now - _STILL_NEWS, sa.and_(promised > now - _STILL_TOLD, told >= promised))
    return sa.and_(promised <= now - OVERDUE_AFTER, since)
