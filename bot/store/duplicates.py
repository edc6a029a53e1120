"""Finds customers that may be entered twice, with what is compared of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.duplicates import Traits
from bot.store import tables as t

_C, _A, _V, _H = t.customers.c, t.appointments.c, t.vehicles.c, t.channel_accounts.c
_READ = sa.select(_C.id, _C.surname, _C.title, _C.name, _C.phone).where(_C.merged_into.is_(None))
_WHAT = ("phones", "plates", "accounts", "models")
# Where else a person has named a phone, a plate, an account or a model.
_NAMED: Sequence[tuple[str, sa.Table, Any]] = (
    ("phones", t.appointments, _A.phone),
    ("plates", t.appointments, _A.plate),
    ("plates", t.vehicles, _V.plate),
    ("accounts", t.channel_accounts, _H.channel + ":" + _H.user),
    ("accounts", t.appointments, _A.channel + ":" + sa.func.nullif(_A.user, "")),
    ("models", t.vehicles, _V.model),
)


class Duplicates:
    """The customers of the store, compared."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def entered_by_chat(self, limit: int) -> list[Traits]:
        """Those the chat has entered and nobody at the shop has checked, the newest first."""
        return await self._traits(_READ.where(_C.origin == "chat").order_by(_C.id.desc()).limit(limit))

    async def one(self, customer_id: int) -> list[Traits]:
        """This customer alone; nothing when there is none."""
        return await self._traits(_READ.where(_C.id == customer_id))

    async def resembling(self, those: Sequence[Traits], limit: int) -> list[Traits]:
        """Other customers who share a phone, plate or name with any of `those`, or surname and model."""
        phones, plates = _all(those, "phones"), _all(those, "plates")
        booked = sa.select(_A.customer_id).where(sa.or_(_A.phone.in_(phones), _A.plate.in_(plates)))
        owners = sa.select(_V.customer_id).where(_V.plate.in_(plates))
        drivers = sa.select(_V.customer_id).where(_V.model.in_(_all(those, "models")))
        alike = sa.or_(
            _C.phone.in_(phones),
            _C.id.in_(booked.where(_A.customer_id.is_not(None))),
            _C.id.in_(owners.where(_V.customer_id.is_not(None))),
            _C.name.in_({each.name for each in those if each.name}),
            sa.and_(_C.surname.in_({each.surname for each in those if each.surname}), _C.id.in_(drivers)),
        )
        known = [each.customer_id for each in those]
        return await self._traits(_READ.where(alike, _C.id.not_in(known)).order_by(_C.id).limit(limit))

    async def _traits(self, query: Any) -> list[Traits]:
        rows = (await self._connection.execute(query)).all()
        keys = [row.id for row in rows]
        named: defaultdict[tuple[str, int], set[str | None]] = defaultdict(set)
        for row in rows:
            named["phones", row.id].add(row.phone)
        for what, table, column in _NAMED:
            found = sa.select(table.c.customer_id, column.label("value")).where(table.c.customer_id.in_(keys))
            for row in await self._connection.execute(found.distinct()):
                named[what, row.customer_id].add(row.value)
        return [
            Traits(row.id, row.surname, row.title, row.name, *(_those(named[what, row.id]) for what in _WHAT))
            for row in rows
        ]


def _those(values: set[str | None]) -> frozenset[str]:
    return frozenset(value for value in values if value)


def _all(those: Sequence[Traits], what: str) -> Collection[str]:
    return {value for each in those for value in getattr(each, what)}
