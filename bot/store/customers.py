"""Customers and the accounts they write from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.people import Customer
from bot.store.rows import all_rows, columns_of, first_row, insert_row, page_of, phone_is, update_row
from bot.store.tables import channel_accounts, customers, vehicles

_T = customers.c
_ACCOUNT = channel_accounts.c
_READ = sa.select(*columns_of(customers, Customer))
_OPEN_ACCOUNT = sa.text(
    'INSERT INTO channel_accounts (channel, "user") VALUES (:channel, :user) ON CONFLICT (channel, "user") DO NOTHING'
)


class Customers:
    """The customers of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, customer_id: int) -> Customer | None:
        """The customer with this id."""
        return await first_row(self._connection, _READ.where(_T.id == customer_id), Customer)

    async def by_phone(self, phone: str) -> Customer | None:
        """The customer with this number (11 digits)."""
        return await first_row(self._connection, _READ.where(_T.phone == phone), Customer)

    async def of_account(self, channel: str, user: str) -> Customer | None:
        """The customer who has shown to be this person."""
        owner = sa.select(_ACCOUNT.customer_id).where(_ACCOUNT.channel == channel, _ACCOUNT.user == user)
        return await first_row(self._connection, _READ.where(_T.id == owner.scalar_subquery()), Customer)

    async def add(self, now: datetime, **values: Any) -> Customer:
        """A new customer with these columns."""
        key = await insert_row(self._connection, customers, {"created_at": now, **values})
        found = await self.get(key)
        assert found is not None  # noqa: S101 - just inserted in this transaction
        return found

    async def change(self, customer_id: int, now: datetime, **values: Any) -> None:
        """Change these columns of the customer."""
        await update_row(self._connection, customers, customer_id, {"changed_at": now, **values})

    async def set_account(self, channel: str, user: str, **values: Any) -> None:
        """Set these columns (customer_id, bound_at, reminders_stopped_at) of the account, known or new."""
        await self._connection.execute(_OPEN_ACCOUNT, {"channel": channel, "user": user})
        mine = sa.update(channel_accounts).where(_ACCOUNT.channel == channel, _ACCOUNT.user == user)
        await self._connection.execute(mine.values(**values))

    async def accounts(self, customer_id: int) -> list[tuple[str, str]]:
        """Channel and user of every account bound to the customer."""
        query = sa.select(_ACCOUNT.channel, _ACCOUNT.user).where(_ACCOUNT.customer_id == customer_id)
        return [(row.channel, row.user) for row in await self._connection.execute(query.order_by(_ACCOUNT.id))]

    async def reminders_stopped(self, channel: str, user: str) -> bool:
        """Whether this person, or the customer it is, has said stop."""
        query = (
            sa.select(sa.func.coalesce(_ACCOUNT.reminders_stopped_at, _T.reminders_stopped_at))
            .select_from(channel_accounts.outerjoin(customers, _ACCOUNT.customer_id == _T.id))
            .where(_ACCOUNT.channel == channel, _ACCOUNT.user == user)
        )
        return (await self._connection.execute(query)).scalar() is not None

    async def page(self, *, plate: str | None, phone: str | None, after: int, limit: int) -> list[Customer]:
        """One page of customers by id; those who asked to be deleted are left out."""
        query = _READ.where(_T.deleted_at.is_(None))
        if plate:
            query = query.where(_T.id.in_(sa.select(vehicles.c.customer_id).where(vehicles.c.plate == plate)))
        if phone:
            query = query.where(phone_is(_T.phone, phone))
        return await all_rows(self._connection, page_of(query, _T.id, after, limit), Customer)
