"""Customers as agents and the API look them up; every read is audited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.people import Customer
from bot.business.refusals import UnknownCustomer
from bot.services.identity import CustomerCard
from bot.services.paging import Page, PageWish, page_of, phone_filter, plate_filter
from bot.services.ports import UnitOfWork


async def list_customers(
    uow: UnitOfWork,
    now: datetime,
    wish: PageWish,
    *,
    actor: str,
    plate: str | None = None,
    phone: str | None = None,
) -> Page[Customer]:
    """One page of customers by plate of a vehicle and by phone, each one shown audited."""
    filters: dict[str, Any] = {"plate": plate_filter(plate), "phone": phone_filter(phone)}
    given = {name: value for name, value in filters.items() if value is not None}
    page = await page_of(wish, lambda after, limit: uow.customers.listed(given, after, limit))
    subjects = [str(each.id) for each in page.items]
    await uow.audit.write_many(now, actor=actor, action="list", kind="customer", subjects=subjects)
    return page


async def get_customer(uow: UnitOfWork, now: datetime, *, customer_id: int, actor: str) -> CustomerCard:
    """One customer with their vehicles, audited; raises UnknownCustomer."""
    customer = await uow.customers.get(customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id)
    await uow.audit.write(now, actor=actor, action="read", kind="customer", subject=str(customer_id))
    return CustomerCard(customer, tuple(await uow.vehicles.of_customer(customer_id)))
