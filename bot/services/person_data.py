"""A person's right to their data: a copy of all of it, and its deletion, asked for at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot.business.refusals import InvalidValue
from bot.services.person_changes import check_fresh
from bot.services.person_files import survivor
from bot.services.person_ports import PersonUnitOfWork
from bot.services.privacy import Deletion, delete_customer


async def export_person(uow: PersonUnitOfWork, now: datetime, *, customer_id: int, actor: str) -> dict[str, Any]:
    """Everything kept about the customer, ready for JSON, audited; raises UnknownCustomer.

    {"exported_at", "customer_id", "data": {table: [row, …]}}; times are ISO 8601, money in fen.
    """
    customer = await survivor(uow, customer_id)
    await uow.audit.write(now, actor=actor, action="export", kind="customer", subject=str(customer.id))
    rows: Mapping[str, list[dict[str, Any]]] = await uow.dossier.of_customer(customer.id)
    return {
        "exported_at": now.isoformat(),
        "customer_id": customer.id,
        "data": {table: [_plain(row) for row in found] for table, found in rows.items()},
    }


async def erase_customer(
    uow: PersonUnitOfWork,
    now: datetime,
    *,
    customer_id: int,
    typed: str,
    seen: datetime | None,
    actor: str,
) -> Deletion:
    """Delete all that is kept about the customer, after the surname was typed to confirm it; audited.

    Raises UnknownCustomer, ChangedMeanwhile, InvalidValue("typed") when the surname is not theirs.
    """
    customer = await survivor(uow, customer_id, lock=True)
    if typed.strip() != confirmation(customer.surname, customer.id):
        raise InvalidValue("typed", "not_the_surname")
    await check_fresh(uow, "customer", customer, seen)
    return await delete_customer(uow, now, customer_id=customer.id, actor=actor)


def confirmation(surname: str, customer_id: int) -> str:
    """What has to be typed: the surname, or the customer's number where none is known."""
    return surname or str(customer_id)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, (date, datetime)) else value for name, value in row.items()}
