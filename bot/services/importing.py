"""Takes one line of a dealer's list into the store; the same line again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from bot.business.imports.values import is_empty, read_cell
from bot.business.maintenance import items_in
from bot.business.people import Vehicle
from bot.business.refusals import InvalidValue
from bot.business.surnames import COMPOUND
from bot.services.booking_ports import BookingUnitOfWork

_CUSTOMER = ("name", "surname", "title", "vip", "points", "level")
_CAR = ("make", "model", "model_year", "bought_on", "warranty_months", "warranty_km", "warranty_until")
_ORDER = ("stage", "promised_at", "adviser", "technician", "note")


def read_line(cells: Mapping[str, Any], kinds: Sequence[str], zone: tzinfo) -> dict[str, Any]:
    """The values of a line by field; raises InvalidValue for the first cell that is wrong or missing."""
    values = {field: read_cell(field, value, zone) for field, value in cells.items() if not is_empty(value)}
    if "vehicles" in kinds and not {"plate", "vin"} & set(values):
        raise InvalidValue("plate", "is missing, and so is the VIN")
    for kind, field in (("service_history", "done_on"), ("work_orders", "number"), ("work_orders", "stage")):
        if kind in kinds and field not in values:
            raise InvalidValue(field, "is missing")
    if kinds == ("customers",) and "phone" not in values:
        raise InvalidValue("phone", "is missing")
    return values


async def import_line(uow: BookingUnitOfWork, now: datetime, kinds: Sequence[str], values: Mapping[str, Any]) -> str:
    """new, changed or same; raises InvalidValue before anything of the line is written."""
    vehicle = await _known_vehicle(uow, values) if "vehicles" in kinds else None
    only_refers = {"service_history", "work_orders"} & set(kinds) and not {"phone", "make", "model"} & set(values)
    if vehicle is None and only_refers:
        raise InvalidValue("plate", "belongs to no vehicle that is known; import the vehicles first")
    outcomes = []
    if "phone" in values:
        outcomes.append(await _put_customer(uow, now, values))
    if "vehicles" in kinds:
        if not only_refers:
            outcomes.append(await _put_vehicle(uow, now, values, vehicle))
        vehicle = await _known_vehicle(uow, values)
    if vehicle is not None and "service_history" in kinds:
        outcomes.append(await _put_history(uow, vehicle, values))
    if vehicle is not None and "work_orders" in kinds:
        outcomes.append(await _put_order(uow, now, vehicle, values))
    return next((outcome for outcome in ("new", "changed") if outcome in outcomes), "same")


async def _known_vehicle(uow: BookingUnitOfWork, values: Mapping[str, Any]) -> Vehicle | None:
    """The vehicle of a line: by VIN, since plates change hands, else by plate."""
    by_vin = await uow.vehicles.by_vin(values["vin"]) if "vin" in values else None
    by_plate = await uow.vehicles.by_plate(values["plate"]) if "plate" in values else None
    if by_vin and by_plate and by_vin.id != by_plate.id:
        raise InvalidValue("vin", "and the plate belong to two different vehicles")
    if by_plate and by_plate.vin and "vin" in values and by_plate.vin != values["vin"]:
        raise InvalidValue("vin", "is not the one known for this plate")
    return by_vin or by_plate


async def _put_customer(uow: BookingUnitOfWork, now: datetime, values: Mapping[str, Any]) -> str:
    person = {field: values[field] for field in _CUSTOMER if field in values}
    if "name" in person and "surname" not in person:
        person["surname"] = _surname(person["name"])
    if "gender" in values and "title" not in person:
        person["title"] = values["gender"]
    key = {"phone": values["phone"]}
    return await uow.records.put("customers", key, {**person, "origin": "dealer"}, {"created_at": now})


async def _put_vehicle(uow: BookingUnitOfWork, now: datetime, values: Mapping[str, Any], known: Vehicle | None) -> str:
    car = {field: values[field] for field in (*_CAR, "plate", "vin") if field in values}
    car["origin"] = "dealer"
    if "phone" in values:
        owner = await uow.customers.by_phone(values["phone"])
        car["customer_id"] = owner.id if owner else None
    fresh: dict[str, Any] = {"created_at": now}
    if "mileage_km" in values and (known is None or (known.mileage_km or 0) < values["mileage_km"]):
        car["mileage_km"] = values["mileage_km"]
    if known is not None:
        return await uow.records.put("vehicles", {"id": known.id}, car, {})
    key: dict[str, Any] = {name: car.pop(name) for name in ("plate", "vin") if name in car}
    return await uow.records.put("vehicles", key, car, fresh)


async def _put_history(uow: BookingUnitOfWork, vehicle: Vehicle, values: Mapping[str, Any]) -> str:
    summary = values.get("summary", "")
    visit = {"items": sorted(items_in(summary)), "summary": summary}
    visit |= {field: values[field] for field in ("mileage_km", "cost_fen", "service_type") if field in values}
    key: dict[str, Any] = {"vehicle_id": vehicle.id, "done_on": values["done_on"]}
    if "history_number" in values:
        return await uow.records.put("service_history", {"number": values["history_number"]}, {**visit, **key}, {})
    key["summary"] = visit.pop("summary")
    return await uow.records.put("service_history", key, visit, {})


async def _put_order(uow: BookingUnitOfWork, now: datetime, vehicle: Vehicle, values: Mapping[str, Any]) -> str:
    number = values["number"]
    order = {field: values[field] for field in _ORDER if field in values}
    order |= {"vehicle_id": vehicle.id, "customer_id": vehicle.customer_id}
    if "summary" in values:
        order["work"] = values["summary"]
    if "cost_fen" in values:
        order["total_fen"] = values["cost_fen"]
    before = await uow.work_orders.find(number)
    fresh = {"opened_at": values.get("opened_at", now), "changed_at": now, "mileage_km": values.get("mileage_km")}
    fresh |= {"told_stage": order.get("stage"), "told_promise_at": order.get("promised_at")}  # no news to anybody
    outcome = await uow.records.put("work_orders", {"number": number}, order, fresh)
    await uow.records.number_given("work_order", number)
    after = await uow.work_orders.find(number)
    if after is not None and (before is None or before.stage != after.stage):
        await uow.work_orders.log(after.id, stage=after.stage, note="", by="import", time=now)
    if after is not None and after.promised_at and (before is None or before.promised_at != after.promised_at):
        await uow.work_orders.promise(after.id, promised_at=after.promised_at, reason="", given_at=now)
    return outcome


def _surname(name: str) -> str:
    """The surname a Chinese full name begins with."""
    return next((surname for surname in COMPOUND if name.startswith(surname) and len(name) > 2), name[:1])
