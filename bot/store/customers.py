"""Customers and the accounts they write from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.people import Customer
from bot.store.tables import channel_accounts, customers, vehicles

_T = customers.c
# Who was merged into another customer is hidden behind that one.
_SURVIVOR = sa.func.coalesce(_T.merged_into, _T.id)
_READ = sa.select(*(_T[field.name] for field in fields(Customer)))
_BIND = sa.text(
    'INSERT INTO channel_accounts (customer_id, channel, "user", bound_at) VALUES (:customer, :channel, :user, :at)'
    ' ON CONFLICT (channel, "user") DO UPDATE SET customer_id = excluded.customer_id, bound_at = excluded.bound_at'
).bindparams(sa.bindparam("at", type_=channel_accounts.c.bound_at.type))


class Customers:
    """The dealer's customers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, customer_id: int) -> Customer | None:
        """The customer with this key, or whom they were merged into."""
        return await self._survivor(_T.id == customer_id)

    async def by_phone(self, phone: str) -> Customer | None:
        """The customer with this number (11 digits), also one that came with a merge."""
        return await self._survivor(_T.phone == phone)

    async def by_plate(self, plate: str) -> Customer | None:
        """The owner of the vehicle with this plate."""
        owned = sa.select(vehicles.c.customer_id).where(vehicles.c.plate == plate)
        return await self._survivor(_T.id.in_(owned))

    async def bound(self, channel: str, user: str) -> Customer | None:
        """The customer who has shown to be this person."""
        account = channel_accounts.c
        of_account = sa.select(account.customer_id).where(account.channel == channel, account.user == user)
        return await self._survivor(_T.id == of_account.scalar_subquery())

    async def add(self, values: Mapping[str, Any], now: datetime) -> int:
        """Store a new customer; gives back the key."""
        done = await self._connection.execute(customers.insert().values(created_at=now, **values))
        return int(done.inserted_primary_key[0])

    async def change(self, customer_id: int, values: Mapping[str, Any], now: datetime) -> None:
        """Change fields by their column names."""
        await self._connection.execute(customers.update().where(_T.id == customer_id).values(changed_at=now, **values))

    async def bind(self, customer_id: int, channel: str, user: str, now: datetime) -> None:
        """Remember that this person is the customer."""
        await self._connection.execute(_BIND, {"customer": customer_id, "channel": channel, "user": user, "at": now})

    async def listed(self, filters: Mapping[str, Any], after: int, limit: int) -> list[Customer]:
        """Customers by key, from after the key `after`; filters phone, surname, vip, plate."""
        query = _READ.where(_T.deleted_at.is_(None), _T.merged_into.is_(None))
        for name, value in filters.items():
            if name == "plate":
                query = query.where(_T.id.in_(sa.select(vehicles.c.customer_id).where(vehicles.c.plate == value)))
            else:
                query = query.where(_T[name] == value)
        rows = await self._connection.execute(query.where(_T.id > after).order_by(_T.id).limit(limit))
        return [Customer(*row) for row in rows]

    async def _survivor(self, condition: Any) -> Customer | None:
        found = sa.select(_SURVIVOR).where(condition).limit(1).correlate(None).scalar_subquery()
        row = (await self._connection.execute(_READ.where(_T.id == found))).first()
        return None if row is None else Customer(*row)
