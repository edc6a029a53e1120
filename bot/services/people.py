"""Customers and vehicles entered and changed by the dealer's own programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.business.people import Customer, Vehicle
from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import InvalidValue, UnknownCustomer, UnknownVehicle
from bot.business.vins import is_valid_vin
from bot.services.paging import plate_filter
from bot.services.ports import UnitOfWork


async def add_customer(uow: UnitOfWork, now: datetime, *, values: Mapping[str, Any], actor: str) -> Customer:
    """The new customer; raises InvalidValue for a phone that is none or that another customer has."""
    checked = await _customer_values(uow, values, None)
    key = await uow.customers.add({**checked, "origin": "dealer"}, now)
    await uow.audit.write(now, actor=actor, action="add", kind="customer", subject=str(key))
    return await _customer(uow, key)


async def change_customer(
    uow: UnitOfWork, now: datetime, *, customer_id: int, values: Mapping[str, Any], actor: str
) -> Customer:
    """The customer with other values; raises UnknownCustomer, InvalidValue."""
    await _customer(uow, customer_id)
    checked = await _customer_values(uow, values, customer_id)
    await uow.customers.change(customer_id, checked, now)
    await uow.audit.write(now, actor=actor, action="change", kind="customer", subject=str(customer_id))
    return await _customer(uow, customer_id)


async def add_vehicle(uow: UnitOfWork, now: datetime, *, values: Mapping[str, Any], actor: str) -> Vehicle:
    """The new vehicle; raises InvalidValue for a plate or VIN that is none or taken, UnknownCustomer."""
    if "plate" not in values:
        raise InvalidValue("plate", "missing")
    checked = await _vehicle_values(uow, values, None)
    key = await uow.vehicles.add({**checked, "origin": "dealer"}, now)
    await uow.audit.write(now, actor=actor, action="add", kind="vehicle", subject=str(key))
    return await _vehicle(uow, key)


async def change_vehicle(
    uow: UnitOfWork, now: datetime, *, plate: str, values: Mapping[str, Any], actor: str
) -> Vehicle:
    """The vehicle with other values; raises UnknownVehicle, UnknownCustomer, InvalidValue."""
    before = await uow.vehicles.by_plate(plate_filter(plate) or "")
    if before is None:
        raise UnknownVehicle(plate)
    await uow.vehicles.change(before.id, await _vehicle_values(uow, values, before.id), now)
    await uow.audit.write(now, actor=actor, action="change", kind="vehicle", subject=str(before.id))
    return await _vehicle(uow, before.id)


async def _customer_values(uow: UnitOfWork, values: Mapping[str, Any], own: int | None) -> dict[str, Any]:
    checked = dict(values)
    if "phone" in checked:
        phone = normalise_phone(checked["phone"])
        if phone is None:
            raise InvalidValue("phone", "not_a_mobile_number")
        other = await uow.customers.by_phone(phone)
        if other is not None and other.id != own:
            raise InvalidValue("phone", "belongs_to_another_customer")
        checked["phone"] = phone
    return checked


async def _vehicle_values(uow: UnitOfWork, values: Mapping[str, Any], own: int | None) -> dict[str, Any]:
    checked = dict(values)
    if "plate" in checked:
        plate = normalise_plate(checked["plate"])
        if plate is None:
            raise InvalidValue("plate", "not_a_plate")
        other = await uow.vehicles.by_plate(plate)
        if other is not None and other.id != own:
            raise InvalidValue("plate", "belongs_to_another_vehicle")
        checked["plate"] = plate
    if "vin" in checked:
        checked["vin"] = checked["vin"].strip().upper()
        if len(checked["vin"]) != 17 or not is_valid_vin(checked["vin"]):
            raise InvalidValue("vin", "not_a_vin")
    if "customer_id" in checked and await uow.customers.get(checked["customer_id"]) is None:
        raise UnknownCustomer(checked["customer_id"])
    return checked


async def _customer(uow: UnitOfWork, key: int) -> Customer:
    found = await uow.customers.get(key)
    if found is None:
        raise UnknownCustomer(key)
    return found


async def _vehicle(uow: UnitOfWork, key: int) -> Vehicle:
    found = await uow.vehicles.get(key)
    if found is None:
        raise UnknownVehicle("")
    return found
