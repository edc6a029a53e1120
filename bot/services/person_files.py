"""People and vehicles as the desk looks them up: a search, a customer's file, a vehicle's file; each read audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.business.maintenance import DueItem
from bot.business.person_file import (
    AppointmentLine,
    BoundAccount,
    ComplaintLine,
    ConsentLine,
    ConversationLine,
    CustomerRecord,
    FoundPerson,
    FoundVehicle,
    HistoryLine,
    SurveyLine,
    VehicleRecord,
    WorkOrderLine,
)
from bot.business.person_search import read_search
from bot.business.refusals import UnknownCustomer, UnknownVehicle
from bot.business.warranty import Warranty
from bot.services.paging import PageWish
from bot.services.person_ports import PersonUnitOfWork
from bot.services.progress import recommendations_for
from bot.services.vehicles import vehicle_warranty

_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Found:
    """One page of what a search found; `next` is the `after` of the next page, None at the end."""

    people: tuple[FoundPerson, ...]
    vehicles: tuple[FoundVehicle, ...] = ()
    next: str | None = None


@dataclass(frozen=True)
class CustomerFile:
    """A customer with all that is theirs; `unproven` are visits of strangers who named their phone or plate."""

    customer: CustomerRecord
    other_phones: tuple[str, ...]
    vehicles: tuple[VehicleRecord, ...]
    accounts: tuple[BoundAccount, ...]
    conversations: tuple[ConversationLine, ...]
    appointments: tuple[AppointmentLine, ...]
    unproven: tuple[AppointmentLine, ...]
    work_orders: tuple[WorkOrderLine, ...]
    history: tuple[HistoryLine, ...]
    complaints: tuple[ComplaintLine, ...]
    consents: tuple[ConsentLine, ...]
    surveys: tuple[SurveyLine, ...]


@dataclass(frozen=True)
class VehicleFile:
    """A vehicle with its owner, warranty (None: day of purchase unknown), history and what is open."""

    vehicle: VehicleRecord
    owner: CustomerRecord | None
    warranty: Warranty | None
    due: tuple[DueItem, ...]
    history: tuple[HistoryLine, ...]
    work_orders: tuple[WorkOrderLine, ...]
    appointments: tuple[AppointmentLine, ...]
    unproven: tuple[AppointmentLine, ...]


async def search_people(uow: PersonUnitOfWork, now: datetime, wish: PageWish, *, words: str, actor: str) -> Found:
    """What the words find, each person and vehicle shown audited; nothing for words that mean nothing here."""
    search = read_search(words)
    if search.is_empty:
        return Found(())
    keys = await uow.person_searches.customers(search, wish.key, wish.limit + 1)
    people = tuple(await uow.persons.found(keys[: wish.limit]))
    vehicles = () if wish.after else tuple(await uow.person_searches.ownerless(search, wish.limit))
    for kind, subjects in (("customer", [each.id for each in people]), ("vehicle", [each.id for each in vehicles])):
        await uow.audit.write_many(
            now, actor=actor, action="search", kind=kind, subjects=[str(key) for key in subjects]
        )
    return Found(people, vehicles, str(people[-1].id) if len(keys) > wish.limit else None)


async def read_lately(uow: PersonUnitOfWork, now: datetime, *, actor: str) -> tuple[FoundPerson, ...]:
    """The people whose files the agent has opened within a week, the latest first, audited as a list."""
    people = tuple(await uow.persons.found(await uow.persons.last_read(actor, now - _LATELY)))
    subjects = [str(each.id) for each in people]
    await uow.audit.write_many(now, actor=actor, action="list", kind="customer", subjects=subjects)
    return people


async def customer_file(uow: PersonUnitOfWork, now: datetime, *, customer_id: int, actor: str) -> CustomerFile:
    """One customer with all that is theirs, audited; of a merged one the survivor's. Raises UnknownCustomer."""
    customer = await survivor(uow, customer_id)
    key = customer.id
    await uow.audit.write(now, actor=actor, action="read", kind="customer", subject=str(key))
    vehicles = tuple(await uow.persons.vehicles_of(key))
    others = tuple(await uow.persons.other_phones(key))
    conversations = tuple(await uow.persons.conversations_of(key))
    plates = [each.plate for each in vehicles if each.plate]
    phones = [phone for phone in (customer.phone, *others) if phone]
    return CustomerFile(
        customer,
        others,
        vehicles,
        tuple(await uow.persons.accounts_of(key)),
        conversations,
        tuple(await uow.persons.appointments_of(key)),
        tuple(await uow.persons.unproven_appointments(plates, phones)),
        tuple(await uow.persons.work_orders_of(key)),
        tuple(await uow.persons.history_of([each.id for each in vehicles])),
        tuple(await uow.persons.complaints_of(key)),
        tuple(await uow.persons.consents_of(key)),
        tuple(await uow.persons.surveys_of(key, [each.id for each in conversations])),
    )


async def vehicle_file(uow: PersonUnitOfWork, now: datetime, *, vehicle_id: int, actor: str) -> VehicleFile:
    """One vehicle with all that belongs to it, audited; raises UnknownVehicle."""
    vehicle, plain = await uow.persons.vehicle(vehicle_id), await uow.vehicles.get(vehicle_id)
    if vehicle is None or plain is None:
        raise UnknownVehicle("")
    await uow.audit.write(now, actor=actor, action="read", kind="vehicle", subject=str(vehicle_id))
    owner = None if vehicle.customer_id is None else await survivor(uow, vehicle.customer_id)
    return VehicleFile(
        vehicle,
        owner,
        vehicle_warranty(plain, now),
        tuple(await recommendations_for(uow, now, plain)),
        tuple(await uow.persons.history_of([vehicle_id])),
        tuple(await uow.persons.work_orders_of_vehicle(vehicle_id)),
        tuple(await uow.persons.appointments_of_vehicle(vehicle_id, vehicle.plate)),
        tuple(await uow.persons.unproven_appointments([vehicle.plate] if vehicle.plate else [], [])),
    )


async def survivor(uow: PersonUnitOfWork, customer_id: int, *, lock: bool = False) -> CustomerRecord:
    """The customer's row, of a merged one that of whom it was merged into; raises UnknownCustomer."""
    found = await uow.persons.customer(customer_id, lock=lock)
    if found is not None and found.merged_into is not None:
        found = await uow.persons.customer(found.merged_into, lock=lock)
    if found is None:
        raise UnknownCustomer(customer_id)
    return found
