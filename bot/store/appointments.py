"""Appointments: what is stored, found and changed, and what they take of the workshop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.appointments import OPEN_STATUSES, Appointment, Reminder
from bot.business.symptoms import Symptoms
from bot.business.windows import Taken
from bot.store.numbers import next_number
from bot.store.tables import appointments

_T = appointments.c
_NAMES = {"start": "starts_at", "end": "ends_at"}
_FIELDS = {
    field.name: _T[_NAMES.get(field.name, field.name)]
    for field in fields(Appointment)
    if field.name not in ("symptoms", "reminder")
}
_COLUMNS = [column.label(name) for name, column in _FIELDS.items()]
_READ = sa.select(*_COLUMNS, _T.symptoms, _T.reminder_channel, _T.reminder_hours)
_OPEN = _T.status.in_(OPEN_STATUSES)
_NOT_REMINDED = (_T.reminder_at.is_not(None), _T.reminded_at.is_(None))


class Appointments:
    """The appointments of the dealer."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def new_number(self) -> str:
        """The next appointment's number."""
        return await next_number(self._connection, "appointment")

    async def add(self, appointment: Appointment, reminder_at: datetime | None) -> None:
        """Store a new appointment under its number."""
        values = {_FIELDS[name].name: getattr(appointment, name) for name in _FIELDS}
        values |= _reminder(appointment.reminder, reminder_at)
        await self._connection.execute(appointments.insert().values(symptoms=appointment.symptoms.as_lists(), **values))

    async def get(self, number: str) -> Appointment | None:
        """The appointment `number`, None when there is none."""
        found = (await self._connection.execute(_READ.where(_T.number == number))).first()
        return None if found is None else _appointment(found)

    async def key_of(self, number: str) -> int:
        """The id of the appointment `number`, which exists."""
        key: int = (await self._connection.execute(sa.select(_T.id).where(_T.number == number))).scalar_one()
        return key

    async def change(self, number: str, values: Mapping[str, Any]) -> None:
        """Change fields of Appointment by their names; `reminder` together with `reminder_at`."""
        changed: dict[str, Any] = {_FIELDS[name].name: value for name, value in values.items() if name in _FIELDS}
        if "reminder" in values:
            changed |= _reminder(values["reminder"], values.get("reminder_at"))
        await self._connection.execute(appointments.update().where(_T.number == number).values(changed))

    async def open_of_plate(self, plate: str) -> list[Appointment]:
        """Open appointments of a vehicle, the next first."""
        return await self._all(_READ.where(_T.plate == plate, _OPEN))

    async def open_of_customer(self, customer_id: int) -> list[Appointment]:
        """Open appointments of a customer, the next first."""
        return await self._all(_READ.where(_T.customer_id == customer_id, _OPEN))

    async def open_of_person(self, channel: str, user: str) -> list[Appointment]:
        """Open appointments made in one conversation, the next first."""
        return await self._all(_READ.where(_T.channel == channel, _T.user == user, _OPEN))

    async def taken(self, start: datetime, end: datetime, but: str | None = None) -> list[Taken]:
        """Bays and technicians in use by visits that begin in [start, end), `but` one number."""
        query = sa.select(_T.starts_at, _T.ends_at, _T.bay_id, _T.technician_id).where(
            _T.starts_at >= start, _T.starts_at < end, _T.status.in_(("booked", "arrived", "done"))
        )
        if but is not None:
            query = query.where(_T.number != but)
        return [Taken(*row) for row in await self._connection.execute(query)]

    async def between(self, start: datetime, end: datetime) -> list[Appointment]:
        """Every visit, whatever became of it, that begins in [start, end), by start."""
        return await self._all(_READ.where(_T.starts_at >= start, _T.starts_at < end))

    async def unchecked(self, since: datetime, limit: int = 100) -> list[Appointment]:
        """Booked visits from `since` on that a person has to look at first, by start."""
        return await self._all(_READ.where(_T.status == "booked", _T.needs_check, _T.starts_at >= since).limit(limit))

    async def confirm(self, number: str, now: datetime) -> None:
        """Note when a person has confirmed the visit."""
        await self._connection.execute(appointments.update().where(_T.number == number).values(confirmed_at=now))

    async def page(self, filters: Mapping[str, Any], after: int, limit: int) -> list[tuple[int, Appointment]]:
        """Appointments with their ids, oldest first, from after the id `after`.

        `filters`: any of plate, phone, status, service_type, channel, user, customer_id, and since, until (starts).
        """
        query = sa.select(_T.id, *_COLUMNS, _T.symptoms, _T.reminder_channel, _T.reminder_hours)
        for name, value in filters.items():
            if name == "since":
                query = query.where(_T.starts_at >= value)
            elif name == "until":
                query = query.where(_T.starts_at < value)
            else:
                query = query.where(_FIELDS[name] == value)
        rows = await self._connection.execute(query.where(_T.id > after).order_by(_T.id).limit(limit))
        return [(row.id, _appointment(row)) for row in rows]

    async def reminders_due(self, now: datetime, limit: int = 200) -> list[str]:
        """Numbers of the appointments whose reminder is due and has been neither said nor passed over."""
        query = sa.select(_T.number).where(*_NOT_REMINDED, _T.reminder_at <= now).order_by(_T.reminder_at).limit(limit)
        return list((await self._connection.execute(query)).scalars())

    async def take_reminder(self, number: str, now: datetime) -> Appointment | None:
        """The appointment with its reminder marked as done, locked; None when another process has it or it is done."""
        due = (_T.number == number, *_NOT_REMINDED, _T.reminder_at <= now)
        found = (await self._connection.execute(_READ.where(*due).with_for_update(skip_locked=True))).first()
        if found is None:
            return None
        await self._connection.execute(appointments.update().where(_T.number == number).values(reminded_at=now))
        return _appointment(found)

    async def _all(self, query: Any) -> list[Appointment]:
        return [_appointment(row) for row in await self._connection.execute(query.order_by(_T.starts_at))]


def _appointment(row: Any) -> Appointment:
    values = row._mapping
    return Appointment(
        symptoms=Symptoms.of(values["symptoms"] or {}),
        reminder=Reminder(row.reminder_channel, row.reminder_hours) if row.reminder_channel else None,
        **{name: values[name] for name in _FIELDS},
    )


def _reminder(reminder: Reminder | None, reminder_at: datetime | None) -> dict[str, Any]:
    return {
        "reminder_channel": reminder.channel if reminder else None,
        "reminder_hours": reminder.hours_before if reminder else None,
        "reminder_at": reminder_at,
        "reminded_at": None,
    }
