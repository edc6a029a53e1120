"""Vehicles as agents and the API look them up; every read is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.business.maintenance import DueItem, ServiceRecord
from bot.business.people import Vehicle
from bot.business.refusals import UnknownVehicle
from bot.business.warranty import DEFAULT_KM, DEFAULT_MONTHS, Warranty, warranty_of
from bot.services.paging import Page, PageWish, page_of, phone_filter, plate_filter
from bot.services.ports import UnitOfWork
from bot.services.progress import recommendations_for


@dataclass(frozen=True)
class VehicleFile:
    """A vehicle with its history, what is due, and its warranty (None when the day of purchase is unknown)."""

    vehicle: Vehicle
    history: tuple[ServiceRecord, ...]
    due: tuple[DueItem, ...]
    warranty: Warranty | None


def vehicle_warranty(vehicle: Vehicle, now: datetime) -> Warranty | None:
    """The warranty of `vehicle` today; None when the day of purchase is unknown."""
    return warranty_of(
        vehicle.bought_on,
        vehicle.mileage_km,
        now.date(),
        months=vehicle.warranty_months or DEFAULT_MONTHS,
        km_limit=vehicle.warranty_km or DEFAULT_KM,
    )


async def list_vehicles(
    uow: UnitOfWork,
    now: datetime,
    wish: PageWish,
    *,
    actor: str,
    plate: str | None = None,
    phone: str | None = None,
) -> Page[Vehicle]:
    """One page of vehicles by plate and by the owner's phone, each one shown audited."""
    filters: dict[str, Any] = {"plate": plate_filter(plate), "phone": phone_filter(phone)}
    given = {name: value for name, value in filters.items() if value is not None}
    page = await page_of(wish, lambda after, limit: uow.vehicles.listed(given, after, limit))
    subjects = [str(each.id) for each in page.items]
    await uow.audit.write_many(now, actor=actor, action="list", kind="vehicle", subjects=subjects)
    return page


async def get_vehicle(uow: UnitOfWork, now: datetime, *, plate: str, actor: str) -> VehicleFile:
    """One vehicle by its plate with all that belongs to it, audited; raises UnknownVehicle."""
    vehicle = await uow.vehicles.by_plate(plate_filter(plate) or "")
    if vehicle is None:
        raise UnknownVehicle(plate)
    await uow.audit.write(now, actor=actor, action="read", kind="vehicle", subject=str(vehicle.id))
    history = tuple(await uow.vehicles.history(vehicle.id))
    due = tuple(await recommendations_for(uow, now, vehicle))
    return VehicleFile(vehicle, history, due, vehicle_warranty(vehicle, now))
