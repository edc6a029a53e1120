"""/api/v1/customers and /api/v1/vehicles: the CRM, read and kept up to date by the dealer's own programs."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Extra, StrictBool

from bot.api.actor import Actor
from bot.api.context import Context, Here
from bot.api.fields import Count, Id, Key, Kilometres, Name, Short, Year
from bot.api.lists import Wished, listed
from bot.business.people import Customer, Vehicle
from bot.services import customers, people, vehicles

customer_router = APIRouter(prefix="/customers", tags=["customers"])
vehicle_router = APIRouter(prefix="/vehicles", tags=["vehicles"])


class CustomerFields(BaseModel, extra=Extra.forbid):
    """What the CRM knows of a customer; what is left out stays as it is."""

    surname: Short | None = None
    title: Short | None = None
    name: Short | None = None
    phone: Name | None = None
    vip: StrictBool | None = None
    points: Count | None = None
    level: Short | None = None


class VehicleFields(BaseModel, extra=Extra.forbid):
    """What the CRM knows of a vehicle; what is left out stays as it is."""

    customer_id: Key | None = None
    plate: Name | None = None
    vin: Name | None = None
    make: Short | None = None
    model: Short | None = None
    model_year: Year | None = None
    mileage_km: Kilometres | None = None
    bought_on: date | None = None
    warranty_months: Count | None = None
    warranty_km: Kilometres | None = None


@customer_router.get("")
async def list_customers(
    here: Here, wish: Wished, actor: Actor, plate: str | None = None, phone: str | None = None
) -> dict[str, Any]:
    """Customers by a vehicle's plate or by phone."""
    async with here.store.transaction() as uow:
        page = await customers.list_customers(uow, here.clock.now(), wish, actor=actor, plate=plate, phone=phone)
    return listed(page, lambda each: customer_view(each, here))


@customer_router.get("/{customer_id}")
async def get_customer(customer_id: Id, here: Here, actor: Actor) -> dict[str, Any]:
    """One customer with their vehicles."""
    async with here.store.transaction() as uow:
        card = await customers.get_customer(uow, here.clock.now(), customer_id=customer_id, actor=actor)
    return {**customer_view(card.customer, here), "vehicles": [vehicle_view(each) for each in card.vehicles]}


@customer_router.post("", status_code=201)
async def add_customer(fields: CustomerFields, here: Here, actor: Actor) -> dict[str, Any]:
    """A new customer."""
    async with here.store.transaction() as uow:
        values = fields.dict(exclude_none=True)
        return customer_view(await people.add_customer(uow, here.clock.now(), values=values, actor=actor), here)


@customer_router.patch("/{customer_id}")
async def change_customer(customer_id: int, fields: CustomerFields, here: Here, actor: Actor) -> dict[str, Any]:
    """Other values for the fields that are given."""
    async with here.store.transaction() as uow:
        changed = await people.change_customer(
            uow, here.clock.now(), customer_id=customer_id, values=fields.dict(exclude_none=True), actor=actor
        )
    return customer_view(changed, here)


@vehicle_router.get("")
async def list_vehicles(
    here: Here, wish: Wished, actor: Actor, plate: str | None = None, phone: str | None = None
) -> dict[str, Any]:
    """Vehicles by plate or by the owner's phone."""
    async with here.store.transaction() as uow:
        page = await vehicles.list_vehicles(uow, here.clock.now(), wish, actor=actor, plate=plate, phone=phone)
    return listed(page, vehicle_view)


@vehicle_router.get("/{plate}")
async def get_vehicle(plate: str, here: Here, actor: Actor) -> dict[str, Any]:
    """One vehicle with its history and what is due."""
    async with here.store.transaction() as uow:
        file = await vehicles.get_vehicle(uow, here.clock.now(), plate=plate, actor=actor)
    history = [
        {"day": each.day.isoformat(), "mileage_km": each.mileage_km, "items": sorted(each.items)}
        for each in file.history
    ]
    due = [{"code": item.code, "text": item.text, "reason": item.reason} for item in file.due]
    return {**vehicle_view(file.vehicle), "history": history, "due": due}


@vehicle_router.post("", status_code=201)
async def add_vehicle(fields: VehicleFields, here: Here, actor: Actor) -> dict[str, Any]:
    """A new vehicle."""
    async with here.store.transaction() as uow:
        values = fields.dict(exclude_none=True)
        return vehicle_view(await people.add_vehicle(uow, here.clock.now(), values=values, actor=actor))


@vehicle_router.patch("/{plate}")
async def change_vehicle(plate: str, fields: VehicleFields, here: Here, actor: Actor) -> dict[str, Any]:
    """Other values for the fields that are given."""
    async with here.store.transaction() as uow:
        changed = await people.change_vehicle(
            uow, here.clock.now(), plate=plate, values=fields.dict(exclude_none=True), actor=actor
        )
    return vehicle_view(changed)


def customer_view(customer: Customer, here: Context) -> dict[str, Any]:
    """A customer as JSON."""
    return {
        "id": customer.id,
        "surname": customer.surname,
        "title": customer.title,
        "name": customer.name,
        "phone": customer.phone,
        "vip": customer.vip,
        "points": customer.points,
        "level": customer.level,
        "origin": customer.origin,
        "reminders_stopped_at": here.iso(customer.reminders_stopped_at),
    }


def vehicle_view(vehicle: Vehicle) -> dict[str, Any]:
    """A vehicle as JSON."""
    return {
        "id": vehicle.id,
        "customer_id": vehicle.customer_id,
        "plate": vehicle.plate,
        "vin": vehicle.vin,
        "make": vehicle.make,
        "model": vehicle.model,
        "model_year": vehicle.model_year,
        "mileage_km": vehicle.mileage_km,
        "bought_on": vehicle.bought_on.isoformat() if vehicle.bought_on else None,
        "warranty_months": vehicle.warranty_months,
        "warranty_km": vehicle.warranty_km,
        "origin": vehicle.origin,
    }
