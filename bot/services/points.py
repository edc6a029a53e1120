"""A member's points (SERVICE_STANDARD §9)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.business.refusals import UnknownCustomer
from bot.services.ports import UnitOfWork


@dataclass(frozen=True)
class Points:
    """How many points, and the member's level (None without one)."""

    balance: int
    level: str | None


async def points_of(uow: UnitOfWork, customer_id: int) -> Points:
    """The customer's points; raises UnknownCustomer."""
    customer = await uow.customers.get(customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id)
    return Points(customer.points, customer.level)
