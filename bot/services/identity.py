"""Recognises a customer by plate and phone, with limited tries (DESIGN §5 Privacy)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.business.identity import PER_PERSON, PER_PLATE, TryRule, blocked_until, phone_matches, tries_left
from bot.business.people import Customer, Vehicle
from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import IdentityMismatch, TooManyTries
from bot.services.ports import UnitOfWork


@dataclass(frozen=True)
class Match:
    """The customer and the vehicle that plate and phone prove."""

    customer: Customer
    vehicle: Vehicle


@dataclass(frozen=True)
class CustomerCard:
    """A recognised customer with all their vehicles."""

    customer: Customer
    vehicles: tuple[Vehicle, ...]

    @property
    def title(self) -> str:
        """How to address them: surname and title, such as 李女士; empty when the surname is not known."""
        return f"{self.customer.surname}{self.customer.title}" if self.customer.surname else ""


async def identify(uow: UnitOfWork, now: datetime, *, channel: str, user: str, plate: str, phone: str) -> Match:
    """The customer behind `plate` and `phone` (full or its last four digits); binds the channel account.

    Raises IdentityMismatch for wrong digits and unknown plates alike, TooManyTries when the limit is reached; both
    keep the counted try.
    """
    plate = normalise_plate(plate) or plate
    failures = await _failures(uow, now, channel, user, plate)
    for rule, moments in failures:
        if until := blocked_until(rule, moments, now):
            raise TooManyTries(until)
    match = await _matching(uow, plate, phone)
    await uow.tries.add(now, channel=channel, user=user, plate=plate, matched=match is not None)
    if match is None:
        raise IdentityMismatch(min(tries_left(rule, [*moments, now], now) for rule, moments in failures))
    await bind_account(uow, now, channel=channel, user=user, customer_id=match.customer.id)
    return match


async def match_quietly(
    uow: UnitOfWork, now: datetime, *, channel: str, user: str, plate: str, phone: str
) -> Match | None:
    """Like `identify`, for a booking that goes on either way: None instead of a refusal, the try counts the same."""
    try:
        return await identify(uow, now, channel=channel, user=user, plate=plate, phone=phone)
    except (IdentityMismatch, TooManyTries):
        return None


async def bound_customer(uow: UnitOfWork, *, channel: str, user: str) -> CustomerCard | None:
    """The customer this channel account was bound to by an earlier match, None for a stranger."""
    customer = await uow.customers.bound(channel, user)
    if customer is None:
        return None
    return CustomerCard(customer, tuple(await uow.vehicles.of_customer(customer.id)))


async def bind_account(uow: UnitOfWork, now: datetime, *, channel: str, user: str, customer_id: int) -> None:
    """Remember whose account this is; the latest proof counts."""
    await uow.customers.bind(customer_id, channel, user, now)
    conversation = await uow.conversations.find(channel, user)
    if conversation is not None:
        await uow.conversations.bind_customer(conversation.id, customer_id)


async def bind_verified_phone(uow: UnitOfWork, now: datetime, *, channel: str, user: str, phone: str) -> bool:
    """Bind the account to the customer with this phone, which the platform has proved to be the sender's own.

    Whether there is such a customer; all their accounts then show the same card.
    """
    customer = await uow.customers.by_phone(normalise_phone(phone) or phone)
    if customer is None:
        return False
    await bind_account(uow, now, channel=channel, user=user, customer_id=customer.id)
    return True


async def _failures(
    uow: UnitOfWork, now: datetime, channel: str, user: str, plate: str
) -> list[tuple[TryRule, list[datetime]]]:
    of_person = await uow.tries.wrong_of_person(channel, user, now - PER_PERSON.period)
    of_plate = await uow.tries.wrong_of_plate(plate, now - PER_PLATE.period)
    return [(PER_PERSON, of_person), (PER_PLATE, of_plate)]


async def _matching(uow: UnitOfWork, plate: str, phone: str) -> Match | None:
    vehicle = await uow.vehicles.by_plate(plate)
    if vehicle is None or vehicle.customer_id is None:
        return None
    customer = await uow.customers.get(vehicle.customer_id)
    if customer is None or not phone_matches(customer.phone, phone):
        return None
    return Match(customer, vehicle)
