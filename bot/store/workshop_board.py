"""The work orders on the workshop board, with what the board says about each, in two statements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.stages import OPEN_CODES
from bot.business.work_orders import Proposal, StageEntry, WorkOrder
from bot.business.workshop_board import Standing, Visit
from bot.store.rows import all_rows, columns_of, first_row
from bot.store.tables import appointments, customers, promises, proposals, vehicles, work_order_log, work_orders

_W = work_orders.c
_OWN = columns_of(work_orders, WorkOrder, but=("plate", "model", "phone"))
_JOINED = (
    work_orders.join(vehicles, _W.vehicle_id == vehicles.c.id)
    .outerjoin(customers, _W.customer_id == customers.c.id)
    .outerjoin(appointments, _W.appointment_id == appointments.c.id)
)
_PROPOSAL = columns_of(proposals, Proposal)
_ENTRY = columns_of(work_order_log, StageEntry)


def _last(column: str) -> Any:
    query = sa.select(work_order_log.c[column]).where(work_order_log.c.work_order_id == _W.id)
    return query.order_by(work_order_log.c.id.desc()).limit(1).scalar_subquery()


def _of_person(column: str) -> Any:
    """From the customer's record, or as told for the visit by who has none."""
    return sa.func.coalesce(customers.c[column], appointments.c[column])


_SURNAME, _TITLE, _PHONE = _of_person("surname"), _of_person("title"), _of_person("phone")
_PEOPLE = (_SURNAME.label("surname"), _TITLE.label("title"), customers.c.vip)
_SELECT = sa.select(
    *_OWN, vehicles.c.plate, vehicles.c.model, _PHONE.label("phone"), *_PEOPLE,
    _last("time").label("logged_at"), _last("by").label("logged_by"),
).select_from(_JOINED)  # fmt: skip


class WorkshopBoard:
    """What the board shows."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def standing(self, delivered_since: datetime, limit: int) -> list[Standing]:
        """Open work orders and those handed over since then, the earliest promise first."""
        handed_over = sa.and_(_W.stage.in_(("delivered", "followed_up")), _W.delivered_at >= delivered_since)
        query = _SELECT.where(sa.or_(_W.stage.in_(OPEN_CODES), handed_over))
        order = (_W.promised_at.is_(None), _W.promised_at, _W.id)
        return await self._with_proposals(query.order_by(*order).limit(limit))

    async def found(self, words: str, limit: int) -> list[Standing]:
        """Work orders, old ones too, whose number, plate, customer's name or phone hold the words; newest first."""
        like = f"%{words.translate({ord(sign): None for sign in '%_'})}%"
        name = sa.func.coalesce(customers.c.name, "")
        columns = (_W.number, vehicles.c.plate, _SURNAME + _TITLE, name)
        hits = [sa.func.upper(column).like(like.upper()) for column in columns]
        if words.isdigit() and len(words) >= 4:
            hits.append(_PHONE.like(f"%{words}"))
        return await self._with_proposals(_SELECT.where(sa.or_(*hits)).order_by(_W.id.desc()).limit(limit))

    async def of_order(self, work_order_id: int) -> Standing:
        """One work order as the board reads it."""
        return (await self._with_proposals(_SELECT.where(_W.id == work_order_id)))[0]

    async def version(self) -> str:
        """Changes when any work order, its log or its extra items do."""
        counted = sa.select(
            sa.select(sa.func.max(work_order_log.c.id)).scalar_subquery(),
            sa.select(sa.func.max(_W.changed_at)).scalar_subquery(),
            sa.select(sa.func.max(promises.c.id)).scalar_subquery(),
            sa.select(sa.func.max(proposals.c.answered_at)).scalar_subquery(),
            sa.select(sa.func.max(appointments.c.changed_at)).scalar_subquery(),
        )
        row = (await self._connection.execute(counted)).one()
        return "-".join("" if each is None else str(each) for each in row)

    async def last_entry(self, work_order_id: int) -> StageEntry | None:
        """The newest line of the order's log."""
        query = sa.select(*_ENTRY).where(work_order_log.c.work_order_id == work_order_id)
        return await first_row(self._connection, query.order_by(work_order_log.c.id.desc()).limit(1), StageEntry)

    async def open_of(self, vehicle_id: int) -> str | None:
        """The number of the vehicle's open work order."""
        query = sa.select(_W.number).where(_W.vehicle_id == vehicle_id, _W.stage.in_(OPEN_CODES)).limit(1)
        found: str | None = (await self._connection.execute(query)).scalar()
        return found

    async def order_of(self, visit: str) -> str | None:
        """The number of the work order that began with the appointment of this number."""
        begun = work_orders.join(appointments, _W.appointment_id == appointments.c.id)
        query = sa.select(_W.number).select_from(begun).where(appointments.c.number == visit).limit(1)
        found: str | None = (await self._connection.execute(query)).scalar()
        return found

    async def visit_of(self, work_order_id: int) -> Visit | None:
        """The appointment the order began with."""
        begun = work_orders.join(appointments, _W.appointment_id == appointments.c.id)
        query = sa.select(*columns_of(appointments, Visit)).select_from(begun).where(_W.id == work_order_id)
        return await first_row(self._connection, query, Visit)

    async def _with_proposals(self, query: Any) -> list[Standing]:
        rows = [dict(row) for row in (await self._connection.execute(query)).mappings()]
        found = [_standing(row) for row in rows]
        ids = [each.order.id for each in found]
        items = sa.select(*_PROPOSAL).where(proposals.c.work_order_id.in_(ids)).order_by(proposals.c.id)
        of_order: dict[int, list[Proposal]] = defaultdict(list)
        for item in await all_rows(self._connection, items, Proposal) if ids else ():
            of_order[item.work_order_id].append(item)
        return [replace(each, proposals=tuple(of_order[each.order.id])) for each in found]


def _standing(row: dict[str, Any]) -> Standing:
    people = {name: row.pop(name) for name in ("surname", "title", "vip")}
    news_at, news_by = row.pop("logged_at"), row.pop("logged_by")
    order = WorkOrder(**row)
    return Standing(
        order,
        people["surname"] or "",
        people["title"] or "",
        bool(people["vip"]),
        news_at or order.opened_at,
        news_by or "",
    )
