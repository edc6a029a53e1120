"""The channel accounts people write from: whose they are, and whether they want reminders."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.persons import merged_ids
from bot.store.tables import channel_accounts, conversations, customers

_A, _C = channel_accounts.c, conversations.c
_STOP = sa.text(
    'INSERT INTO channel_accounts (channel, "user", reminders_stopped_at) VALUES (:channel, :user, :at)'
    ' ON CONFLICT (channel, "user") DO UPDATE SET reminders_stopped_at = excluded.reminders_stopped_at'
).bindparams(sa.bindparam("at", type_=_A.reminders_stopped_at.type))


class Accounts:
    """The channel accounts of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_customer(self, customer_id: int) -> list[tuple[str, str]]:
        """Channel and user of every account bound to the customer."""
        rows = await self._connection.execute(sa.select(_A.channel, _A.user).where(_A.customer_id == customer_id))
        return [(row.channel, row.user) for row in rows]

    async def known_of_customer(self, customer_id: int) -> list[tuple[str, str]]:
        """Every account the customer is known to write from: bound ones and those of conversations of theirs."""
        own = merged_ids(customer_id)
        bound = sa.select(_A.channel, _A.user).where(_A.customer_id.in_(own))
        talked = sa.select(_C.channel, _C.user).where(_C.customer_id.in_(own))
        return [(row.channel, row.user) for row in await self._connection.execute(bound.union(talked))]

    async def unbind(self, account_id: int, customer_id: int) -> bool:
        """The account is no longer the customer's, and its conversation neither; False when it was not."""
        own = merged_ids(customer_id)
        query = sa.select(_A.channel, _A.user).where(_A.id == account_id, _A.customer_id.in_(own))
        row = (await self._connection.execute(query)).first()
        if row is None:
            return False
        loose = sa.update(channel_accounts).where(_A.id == account_id).values(customer_id=None, bound_at=None)
        await self._connection.execute(loose)
        talk = sa.update(conversations).where(_C.channel == row.channel, _C.user == row.user, _C.customer_id.in_(own))
        await self._connection.execute(talk.values(customer_id=None))
        return True

    async def latest_of_customer(self, customer_id: int, channel: str | None = None) -> tuple[str, str] | None:
        """The account the customer has last written from (on `channel` if given), None while there is none."""
        theirs = sa.and_(_C.channel == _A.channel, _C.user == _A.user)
        query = (
            sa.select(_A.channel, _A.user)
            .select_from(channel_accounts.join(conversations, theirs))
            .where(_A.customer_id == customer_id)
            .order_by(sa.desc(sa.func.coalesce(_C.last_customer_at, _C.created_at)), sa.desc(_C.id))
            .limit(1)
        )
        if channel is not None:
            query = query.where(_A.channel == channel)
        row = (await self._connection.execute(query)).first()
        return None if row is None else (row.channel, row.user)

    async def stop_reminders(self, channel: str, user: str, at: datetime | None) -> None:
        """The person behind this account wants no reminders any more; None: wants them again."""
        await self._connection.execute(_STOP, {"channel": channel, "user": user, "at": at})

    async def reminders_stopped(self, channel: str, user: str) -> bool:
        """Whether the person behind this account said stop, here or on another channel."""
        query = (
            sa.select(_A.reminders_stopped_at, customers.c.reminders_stopped_at)
            .select_from(channel_accounts.outerjoin(customers, _A.customer_id == customers.c.id))
            .where(_A.channel == channel, _A.user == user)
        )
        row = (await self._connection.execute(query)).first()
        return row is not None and any(row)
