"""What agents change in the files of people and vehicles; the audit names the fields, never their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.business import person_edits
from bot.business.person_file import CustomerRecord, VehicleRecord
from bot.business.refusals import ChangedMeanwhile, InvalidValue, UnknownAppointment, UnknownCustomer, UnknownVehicle
from bot.services.person_files import survivor
from bot.services.person_ports import PersonUnitOfWork

# What may be shown whole on request, by the kind of record.
REVEALED: Mapping[str, tuple[str, ...]] = {"customer": ("phone",), "vehicle": ("vin",)}


async def edit_customer(
    uow: PersonUnitOfWork,
    now: datetime,
    *,
    customer_id: int,
    given: Mapping[str, str],
    seen: datetime | None,
    actor: str,
) -> CustomerRecord:
    """The customer with other values; `seen` is the changed_at of the page that was filled in.

    Raises UnknownCustomer, ChangedMeanwhile, InvalidValue(field, reason).
    """
    before = await survivor(uow, customer_id, lock=True)
    await check_fresh(uow, "customer", before, seen)
    values = person_edits.changed(asdict(before), person_edits.read_customer(given))
    if phone := values.get("phone"):
        await _make_free(uow, phone, before.id)
    if values:
        await uow.customers.change(before.id, {**values, "origin": "dealer"}, now)
        await _note(uow, now, "change", "customer", before.id, values, actor)
    return await survivor(uow, before.id)


async def edit_vehicle(
    uow: PersonUnitOfWork,
    now: datetime,
    *,
    vehicle_id: int,
    given: Mapping[str, str],
    seen: datetime | None,
    corrects: bool,
    actor: str,
) -> VehicleRecord:
    """The vehicle with other values; `corrects`: kilometres may go down.

    Raises UnknownVehicle, ChangedMeanwhile, InvalidValue(field, reason).
    """
    before = await _vehicle(uow, vehicle_id, lock=True)
    await check_fresh(uow, "vehicle", before, seen)
    values = person_edits.changed(asdict(before), person_edits.read_vehicle(given, now.date()))
    person_edits.check_mileage(before.mileage_km, values.get("mileage_km"), corrects)
    for field, find in (("plate", uow.vehicles.by_plate), ("vin", uow.vehicles.by_vin)):
        other = await find(values[field]) if values.get(field) else None
        if other is not None and other.id != vehicle_id:
            raise InvalidValue(field, "belongs_to_another_vehicle")
    if values:
        read = {"mileage_at": now} if "mileage_km" in values else {}
        await uow.vehicles.change(vehicle_id, {**values, **read, "origin": "dealer"}, now)
        await _note(uow, now, "change", "vehicle", vehicle_id, values, actor)
    return await _vehicle(uow, vehicle_id)


async def change_owner(
    uow: PersonUnitOfWork,
    now: datetime,
    *,
    vehicle_id: int,
    given: Mapping[str, str],
    seen: datetime | None,
    actor: str,
) -> CustomerRecord | None:
    """The new owner: the customer with the given phone, else a new one; None when no phone and no name is given.

    What was done so far stays with the former owner. Raises UnknownVehicle, ChangedMeanwhile, InvalidValue.
    """
    before = await _vehicle(uow, vehicle_id, lock=True)
    await check_fresh(uow, "vehicle", before, seen)
    owner_id = await _owner(uow, now, given, actor)
    if owner_id == before.customer_id:
        raise InvalidValue("phone", "owner_already")
    await uow.vehicles.change(vehicle_id, {"customer_id": owner_id}, now)
    await _note(uow, now, "change", "vehicle", vehicle_id, {"customer_id": owner_id}, actor)
    return None if owner_id is None else await survivor(uow, owner_id)


async def unbind_account(
    uow: PersonUnitOfWork, now: datetime, *, customer_id: int, account_id: int, actor: str
) -> None:
    """The account is no longer known to be the customer's; who writes from it has to prove it again.

    Raises UnknownCustomer, also when the account is not theirs (any more).
    """
    customer = await survivor(uow, customer_id, lock=True)
    if not await uow.accounts.unbind(account_id, customer.id):
        raise UnknownCustomer(customer_id)
    await uow.audit.write(now, actor=actor, action="unbind", kind="customer", subject=str(customer.id))


async def adopt_appointment(uow: PersonUnitOfWork, now: datetime, *, customer_id: int, number: str, actor: str) -> None:
    """A visit that a stranger made in the customer's name is theirs: a person has checked it.

    Raises UnknownCustomer, UnknownAppointment when it belongs to somebody by now or names neither phone nor plate.
    """
    customer = await survivor(uow, customer_id, lock=True)
    plates = [each.plate for each in await uow.persons.vehicles_of(customer.id) if each.plate]
    phones = [phone for phone in (customer.phone, *await uow.persons.other_phones(customer.id)) if phone]
    if number not in [each.number for each in await uow.persons.unproven_appointments(plates, phones)]:
        raise UnknownAppointment(number)
    await uow.merging.adopt(number, customer.id, now)
    await uow.merging.claim_visits(customer.id, now)
    await uow.audit.write(now, actor=actor, action="adopt", kind="appointment", subject=number)


async def reveal(uow: PersonUnitOfWork, now: datetime, *, kind: str, key: int, field: str, actor: str) -> str:
    """The whole phone of a customer or VIN of a vehicle, audited; raises UnknownCustomer, UnknownVehicle."""
    record: Any = await (survivor(uow, key) if kind == "customer" else _vehicle(uow, key))
    if field not in REVEALED[kind]:
        raise InvalidValue("field", "unknown")
    await uow.audit.write(now, actor=actor, action="reveal", kind=kind, subject=str(record.id), detail=field)
    whole: str | None = getattr(record, field)
    others = await uow.persons.other_phones(record.id) if kind == "customer" else []
    return "  ".join([whole or "", *others]).strip()


async def _owner(uow: PersonUnitOfWork, now: datetime, given: Mapping[str, str], actor: str) -> int | None:
    values = person_edits.read_customer({name: given.get(name, "") for name in ("surname", "title", "phone")})
    if phone := values["phone"]:
        known = await uow.customers.by_phone(phone)
        if known is not None:
            return known.id
    if not values["phone"] and not values["surname"]:
        return None
    if not values["phone"]:
        raise InvalidValue("phone", "missing")
    if not values["surname"]:
        raise InvalidValue("surname", "missing")
    key = await uow.customers.add({**values, "origin": "dealer"}, now)
    await uow.audit.write(now, actor=actor, action="add", kind="customer", subject=str(key))
    return key


async def _make_free(uow: PersonUnitOfWork, phone: str, customer_id: int) -> None:
    """Let the customer have the phone, unless it is somebody else's."""
    other = await uow.customers.by_phone(phone)
    if other is not None and other.id != customer_id:
        raise InvalidValue("phone", "belongs_to_another_customer")
    await uow.merging.free_phone(phone, customer_id)


async def check_fresh(
    uow: PersonUnitOfWork, kind: str, record: CustomerRecord | VehicleRecord, seen: datetime | None
) -> None:
    """Raise ChangedMeanwhile unless the page that was filled in shows the record as it is."""
    if record.changed_at != seen:
        at = record.changed_at or record.created_at
        raise ChangedMeanwhile(await uow.audit.actor_at(kind, str(record.id), at) or "", at)


async def _note(
    uow: PersonUnitOfWork, now: datetime, action: str, kind: str, key: int, values: Mapping[str, Any], actor: str
) -> None:
    await uow.audit.write(now, actor=actor, action=action, kind=kind, subject=str(key), detail=",".join(sorted(values)))


async def _vehicle(uow: PersonUnitOfWork, vehicle_id: int, *, lock: bool = False) -> VehicleRecord:
    found = await uow.persons.vehicle(vehicle_id, lock=lock)
    if found is None:
        raise UnknownVehicle("")
    return found
