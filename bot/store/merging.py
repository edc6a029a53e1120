"""Makes two entries of one person one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t

# Everything that says whose it is by customer_id.
_OWNED = (
    t.vehicles,
    t.channel_accounts,
    t.conversations,
    t.appointments,
    t.work_orders,
    t.complaints,
    t.consents,
    t.surveys,
    t.rescues,
)


class Merging:
    """Merges of customers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def move(self, loser: int, keeper: int) -> dict[str, int]:
        """Give the keeper all that is the loser's; how many rows of each table moved, by the table's name."""
        moved = {}
        for table in _OWNED:
            theirs = sa.update(table).where(table.c.customer_id == loser).values(customer_id=keeper)
            moved[table.name] = (await self._connection.execute(theirs)).rowcount
        return moved

    async def hide(self, loser: int, keeper: int, now: datetime) -> None:
        """The loser is seen no more; what was merged into it before is merged into the keeper."""
        c = t.customers
        either = sa.or_(c.c.id == loser, c.c.merged_into == loser)
        await self._connection.execute(
            sa.update(c).where(either).values(merged_into=keeper, changed_at=now, points=0, note="")
        )

    async def free_phone(self, phone: str, keeper: int) -> None:
        """No row merged into the keeper has this phone any more, so that the keeper can have it."""
        c = t.customers
        held = sa.update(c).where(c.c.merged_into == keeper, c.c.phone == phone)
        await self._connection.execute(held.values(phone=None))

    async def claim_visits(self, customer_id: int, now: datetime) -> list[str]:
        """Settle the customer's visits a person had to look at: checked, and tied to the vehicle of their plate.

        Gives back the numbers of those that had to be looked at.
        """
        a, v = t.appointments, t.vehicles
        mine = a.c.customer_id == customer_id
        waiting = sa.select(a.c.number).where(mine, a.c.needs_check).order_by(a.c.id)
        numbers = list((await self._connection.execute(waiting)).scalars())
        car = sa.select(v.c.id).where(v.c.plate == a.c.plate, v.c.customer_id == customer_id).scalar_subquery()
        await self._connection.execute(sa.update(a).where(mine, a.c.vehicle_id.is_(None)).values(vehicle_id=car))
        checked = {"needs_check": False, "confirmed_at": now, "changed_at": now}
        await self._connection.execute(sa.update(a).where(mine, a.c.needs_check).values(checked))
        return numbers

    async def adopt(self, number: str, customer_id: int, now: datetime) -> None:
        """The visit of a stranger is this customer's."""
        a = t.appointments
        await self._connection.execute(
            sa.update(a).where(a.c.number == number).values(customer_id=customer_id, changed_at=now)
        )
