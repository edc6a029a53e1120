"""Consent, stopping reminders, and deleting a person on request (DESIGN §5 Privacy, SERVICE_STANDARD §4, §9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.business.refusals import UnknownCustomer
from bot.services.ports import Account, UnitOfWork

PERSONAL_DATA = "personal_data"


@dataclass(frozen=True)
class Deletion:
    """What went: messages, channel accounts, and the numbers of open appointments that were cancelled with it."""

    messages: int
    accounts: int
    cancelled: tuple[str, ...]
    was_customer: bool


async def record_consent(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    given: bool,
    kind: str = PERSONAL_DATA,
    wording: str = "",
    customer_id: int | None = None,
) -> None:
    """Note the person's yes or no; the newest of a kind counts."""
    await uow.consents.add(
        now, channel=channel, user=user, customer_id=customer_id, kind=kind, given=given, wording=wording
    )


async def consent_given(uow: UnitOfWork, *, channel: str, user: str, kind: str = PERSONAL_DATA) -> bool | None:
    """The person's last answer, None when never asked (consent is asked once)."""
    return await uow.consents.latest(channel, user, kind)


async def stop_reminders(uow: UnitOfWork, now: datetime, *, channel: str, user: str) -> None:
    """No reminder goes to this person any more, on any of their channels, also not for visits already booked."""
    accounts, customer_id = await _note_stopped(uow, now, channel, user, now)
    await uow.erasure.reminders(accounts, customer_id)


async def resume_reminders(uow: UnitOfWork, now: datetime, *, channel: str, user: str) -> None:
    """Reminders go to this person again, for the visits booked from now on; nothing changes where none were stopped."""
    if await uow.accounts.reminders_stopped(channel, user):
        await _note_stopped(uow, now, channel, user, None)


async def _note_stopped(
    uow: UnitOfWork, now: datetime, channel: str, user: str, stopped_at: datetime | None
) -> tuple[list[Account], int | None]:
    customer = await uow.customers.bound(channel, user)
    customer_id = customer.id if customer else None
    accounts = await _accounts(uow, channel, user, customer_id)
    for account in accounts:
        await uow.accounts.stop_reminders(*account, stopped_at)
    if customer_id is not None:
        await uow.customers.change(customer_id, {"reminders_stopped_at": stopped_at}, now)
    return accounts, customer_id


async def delete_person(uow: UnitOfWork, now: datetime, *, channel: str, user: str) -> Deletion:
    """Delete what is kept about the person: messages, memory, accounts, and every personal field of the records.

    Open appointments are cancelled, since nobody could be reached about them. Work orders, complaints and vehicles
    stay as the shop's own records without person, plate, phone or text. A stranger's account deletes only what was
    written and booked from it.
    """
    customer = await uow.customers.bound(channel, user)
    customer_id = customer.id if customer else None
    accounts = await _accounts(uow, channel, user, customer_id)
    return await _delete(uow, now, accounts, customer_id, actor="customer")


async def delete_customer(uow: UnitOfWork, now: datetime, *, customer_id: int, actor: str) -> Deletion:
    """Delete what is kept about a customer, as `delete_person`, from the desk; the addresses they wrote from go too.

    Raises UnknownCustomer.
    """
    customer = await uow.customers.get(customer_id)
    if customer is None:
        raise UnknownCustomer(customer_id)
    accounts = await uow.accounts.known_of_customer(customer.id)
    gone = await _delete(uow, now, accounts, customer.id, actor=actor)
    await uow.erasure.addresses(accounts)
    return gone


async def _delete(
    uow: UnitOfWork, now: datetime, accounts: Sequence[Account], customer_id: int | None, *, actor: str
) -> Deletion:
    cancelled = await uow.erasure.records(accounts, customer_id, now)
    messages = sum([await uow.erasure.conversation(*account) for account in accounts])
    if customer_id is not None:
        await uow.erasure.customer(customer_id, now)
    await uow.audit.write(now, actor=actor, action="delete", kind="person", subject=str(customer_id or ""))
    return Deletion(messages, len(accounts), tuple(cancelled), customer_id is not None)


async def _accounts(uow: UnitOfWork, channel: str, user: str, customer_id: int | None) -> list[Account]:
    mine = [(channel, user)]
    if customer_id is not None:
        mine += [account for account in await uow.accounts.known_of_customer(customer_id) if account not in mine]
    return mine
