"""All that belongs to one person or one vehicle, found and read for the desk.

A customer that was merged into another stays as a hidden row with its own phone; whatever still points to it counts
as the survivor's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.person_file import (
    AppointmentLine,
    BoundAccount,
    ComplaintLine,
    ConsentLine,
    ConversationLine,
    CustomerRecord,
    FoundPerson,
    FoundVehicle,
    HistoryLine,
    SurveyLine,
    VehicleRecord,
    WorkOrderLine,
)
from bot.store import tables as t
from bot.store.audit import lately
from bot.store.rows import all_rows, columns_of, first_row

_CUSTOMER = columns_of(t.customers, CustomerRecord)
_VEHICLE = columns_of(t.vehicles, VehicleRecord)
_APPOINTMENT = columns_of(t.appointments, AppointmentLine)
_FOUND = columns_of(t.customers, FoundPerson, but=("vehicles",))
_MANY = 100


def merged_ids(customer_id: int) -> Any:
    """The keys of a customer and of those that were merged into them, to be used with IN."""
    c = t.customers.c
    return sa.select(c.id).where(sa.or_(c.id == customer_id, c.merged_into == customer_id))


def _by_account(table: Any, customer_id: int) -> Any:
    """Whether a row of the table (with channel and user) was written by an account that is the customer's now."""
    a = t.channel_accounts.c
    return sa.exists().where(
        a.channel == table.c.channel, a.user == table.c.user, a.customer_id.in_(merged_ids(customer_id))
    )


class Persons:
    """Files of people and vehicles."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def customer(self, customer_id: int, *, lock: bool = False) -> CustomerRecord | None:
        """The customer's own row, merged or not; `lock`: against other writers until the transaction ends."""
        query = sa.select(*_CUSTOMER).where(t.customers.c.id == customer_id)
        return await first_row(self._connection, query.with_for_update() if lock else query, CustomerRecord)

    async def other_phones(self, customer_id: int) -> list[str]:
        """The phones of those that were merged into the customer."""
        c = t.customers.c
        query = sa.select(c.phone).where(c.merged_into == customer_id, c.phone.is_not(None)).order_by(c.id)
        return list((await self._connection.execute(query)).scalars())

    async def vehicle(self, vehicle_id: int, *, lock: bool = False) -> VehicleRecord | None:
        """The vehicle's row; `lock`: against other writers until the transaction ends."""
        query = sa.select(*_VEHICLE).where(t.vehicles.c.id == vehicle_id)
        return await first_row(self._connection, query.with_for_update() if lock else query, VehicleRecord)

    async def vehicles_of(self, customer_id: int) -> list[VehicleRecord]:
        """The customer's vehicles, the longest known first."""
        mine = t.vehicles.c.customer_id.in_(merged_ids(customer_id))
        return await all_rows(
            self._connection, sa.select(*_VEHICLE).where(mine).order_by(t.vehicles.c.id), VehicleRecord
        )

    async def accounts_of(self, customer_id: int) -> list[BoundAccount]:
        """The accounts bound to the customer."""
        a, c = t.channel_accounts, t.conversations
        query = (
            sa.select(*columns_of(a, BoundAccount, but=("conversation_id", "name")))
            .add_columns(c.c.id.label("conversation_id"), c.c.name)
            .select_from(a.outerjoin(c, sa.and_(c.c.channel == a.c.channel, c.c.user == a.c.user)))
            .where(a.c.customer_id.in_(merged_ids(customer_id)))
            .order_by(a.c.id)
        )
        return await all_rows(self._connection, query, BoundAccount)

    async def conversations_of(self, customer_id: int) -> list[ConversationLine]:
        """The customer's conversations, the latest first."""
        c, a = t.conversations, t.channel_accounts
        bound = sa.exists().where(
            a.c.channel == c.c.channel, a.c.user == c.c.user, a.c.customer_id.in_(merged_ids(customer_id))
        )
        query = sa.select(*columns_of(c, ConversationLine))
        query = query.where(sa.or_(bound, c.c.customer_id.in_(merged_ids(customer_id))))
        return await all_rows(
            self._connection, query.order_by(sa.func.coalesce(c.c.last_message_at, c.c.created_at).desc()),
            ConversationLine,
        )  # fmt: skip

    async def appointments_of(self, customer_id: int) -> list[AppointmentLine]:
        """The customer's visits, the latest first."""
        return await self._visits(t.appointments.c.customer_id.in_(merged_ids(customer_id)))

    async def appointments_of_vehicle(self, vehicle_id: int, plate: str | None) -> list[AppointmentLine]:
        """The vehicle's visits, the latest first; those of strangers who only named its plate are not among them."""
        a = t.appointments.c
        proven = sa.and_(a.plate == plate, a.customer_id.is_not(None)) if plate else sa.false()
        return await self._visits(sa.or_(a.vehicle_id == vehicle_id, proven))

    async def unproven_appointments(self, plates: Sequence[str], phones: Sequence[str]) -> list[AppointmentLine]:
        """Open visits that belong to nobody yet and name one of these plates or phones."""
        a = t.appointments.c
        named = sa.or_(a.plate.in_(plates), a.phone.in_(phones))
        return await self._visits(named, a.customer_id.is_(None), a.status.in_(("booked", "arrived")))

    async def appointment(self, number: str) -> AppointmentLine | None:
        """One visit, locked against other writers."""
        query = sa.select(*_APPOINTMENT).where(t.appointments.c.number == number).with_for_update()
        return await first_row(self._connection, query, AppointmentLine)

    async def work_orders_of(self, customer_id: int) -> list[WorkOrderLine]:
        """The customer's work orders, the latest first."""
        return await self._orders(t.work_orders.c.customer_id.in_(merged_ids(customer_id)))

    async def work_orders_of_vehicle(self, vehicle_id: int) -> list[WorkOrderLine]:
        """The vehicle's work orders, the latest first."""
        return await self._orders(t.work_orders.c.vehicle_id == vehicle_id)

    async def history_of(self, vehicle_ids: Sequence[int]) -> list[HistoryLine]:
        """What was done to these vehicles, the latest first."""
        h, v = t.service_history, t.vehicles
        query = (
            sa.select(*columns_of(h, HistoryLine, but=("plate", "model")), v.c.plate, v.c.model)
            .select_from(h.join(v))
            .where(h.c.vehicle_id.in_(vehicle_ids))
            .order_by(h.c.done_on.desc(), h.c.id.desc())
            .limit(_MANY)
        )
        return await all_rows(self._connection, query, HistoryLine)

    async def complaints_of(self, customer_id: int) -> list[ComplaintLine]:
        """The customer's complaints, also by an account before it was theirs, the latest first."""
        c = t.complaints
        theirs = sa.and_(c.c.customer_id.is_(None), _by_account(c, customer_id))
        query = sa.select(*columns_of(c, ComplaintLine))
        query = query.where(sa.or_(theirs, c.c.customer_id.in_(merged_ids(customer_id))))
        return await all_rows(self._connection, query.order_by(c.c.id.desc()).limit(_MANY), ComplaintLine)

    async def consents_of(self, customer_id: int) -> list[ConsentLine]:
        """What the customer agreed to, also by an account before it was theirs, the latest first."""
        c = t.consents
        query = sa.select(*columns_of(c, ConsentLine))
        query = query.where(sa.or_(_by_account(c, customer_id), c.c.customer_id.in_(merged_ids(customer_id))))
        return await all_rows(self._connection, query.order_by(c.c.id.desc()).limit(_MANY), ConsentLine)

    async def surveys_of(self, customer_id: int, conversation_ids: Sequence[int]) -> list[SurveyLine]:
        """What the customer thought of us, the latest first."""
        s = t.surveys
        mine = sa.or_(s.c.customer_id.in_(merged_ids(customer_id)), s.c.conversation_id.in_(conversation_ids))
        query = sa.select(*columns_of(s, SurveyLine)).where(mine).order_by(s.c.id.desc()).limit(_MANY)
        return await all_rows(self._connection, query, SurveyLine)

    async def found(self, ids: Iterable[int]) -> list[FoundPerson]:
        """These customers with their vehicles, in the order of the keys given."""
        keys = list(ids)
        people = await self._connection.execute(sa.select(*_FOUND).where(t.customers.c.id.in_(keys)))
        v = t.vehicles
        query = sa.select(*columns_of(v, FoundVehicle)).where(v.c.customer_id.in_(keys)).order_by(v.c.id)
        cars: defaultdict[int | None, list[FoundVehicle]] = defaultdict(list)
        for car in await all_rows(self._connection, query, FoundVehicle):
            cars[car.customer_id].append(car)
        made = {row.id: FoundPerson(**row._mapping, vehicles=tuple(cars[row.id])) for row in people}
        return [made[key] for key in keys if key in made]

    async def last_read(self, actor: str, since: datetime, limit: int = 8) -> list[int]:
        """The customers whose files `actor` has opened lately, the latest first."""
        a = t.audit_log.c
        query = (
            sa.select(a.subject)
            .where(a.actor == actor, a.action == "read", a.subject_kind == "customer", a.time >= since)
            .where(lately())
            .group_by(a.subject)
            .order_by(sa.func.max(a.id).desc())
            .limit(limit)
        )
        return [int(subject) for subject in (await self._connection.execute(query)).scalars() if subject.isdigit()]

    async def _visits(self, *conditions: Any) -> list[AppointmentLine]:
        query = sa.select(*_APPOINTMENT).where(*conditions).order_by(t.appointments.c.starts_at.desc()).limit(_MANY)
        return await all_rows(self._connection, query, AppointmentLine)

    async def _orders(self, *conditions: Any) -> list[WorkOrderLine]:
        w, v = t.work_orders, t.vehicles
        query = sa.select(*columns_of(w, WorkOrderLine, but=("plate",)), v.c.plate).select_from(w.join(v))
        query = query.where(*conditions).order_by(w.c.id.desc()).limit(_MANY)
        return await all_rows(self._connection, query, WorkOrderLine)
