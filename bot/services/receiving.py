"""A car arrives at the workshop: who it is by the plate, and its new work order (SERVICE_STANDARD §1, §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.business.appointments import Appointment
from bot.business.people import Customer, Vehicle
from bot.business.phones import normalise_phone
from bot.business.plates import normalise_plate
from bot.business.refusals import InvalidValue, WorkOrderOpen
from bot.business.work_orders import WorkOrder
from bot.services.booking import change_status
from bot.services.people import add_customer, add_vehicle
from bot.services.work_orders import open_work_order
from bot.services.workshop_ports import WorkshopUnitOfWork

_NEAR = timedelta(days=3)


@dataclass(frozen=True)
class Arrival:
    """Whose car it is; `visit` the appointment it comes for, `open_order` the work order it already has."""

    plate: str
    vehicle: Vehicle | None
    customer: Customer | None
    visit: Appointment | None
    open_order: str | None


@dataclass(frozen=True)
class Reception:
    """What the adviser notes; the person's fields are for a car nobody knows yet."""

    plate: str
    work: str
    mileage_km: int | None = None
    promised_at: datetime | None = None
    visit: str | None = None
    surname: str = ""
    title: str = ""
    phone: str = ""
    model: str = ""


async def look_up(uow: WorkshopUnitOfWork, now: datetime, *, plate: str, agent: str) -> Arrival:
    """Whose car has the plate, which is audited; raises InvalidValue("plate")."""
    known = normalise_plate(plate)
    if known is None:
        raise InvalidValue("plate", "not_a_plate")
    vehicle = await uow.vehicles.by_plate(known)
    customer = None
    if vehicle is not None:
        await uow.audit.write(now, actor=agent, action="read", kind="vehicle", subject=str(vehicle.id))
        customer = None if vehicle.customer_id is None else await uow.customers.get(vehicle.customer_id)
    open_order = None if vehicle is None else await uow.board.open_of(vehicle.id)
    return Arrival(known, vehicle, customer, await _visit(uow, now, known), open_order)


async def receive(uow: WorkshopUnitOfWork, now: datetime, *, reception: Reception, agent: str) -> WorkOrder:
    """The new work order, received by `agent`; its appointment has arrived.

    Raises InvalidValue("plate", "work", "phone" …), WorkOrderOpen(number).
    """
    await uow.workshop.lock()
    arrival = await look_up(uow, now, plate=reception.plate, agent=agent)
    if arrival.open_order is not None:
        raise WorkOrderOpen(arrival.open_order)
    if not reception.work.strip():
        raise InvalidValue("work", "missing")
    if reception.promised_at is not None and reception.promised_at <= now:
        raise InvalidValue("promised_at", "past")
    if arrival.vehicle is None:
        await _register(uow, now, arrival, reception, agent)
    order = await open_work_order(
        uow, now, plate=arrival.plate, work=reception.work.strip(), promised_at=reception.promised_at, by=agent
    )
    await uow.audit.write(now, actor=agent, action="open", kind="work_order", subject=order.number)
    return await _begun(uow, now, order, arrival, reception, agent)


async def _begun(
    uow: WorkshopUnitOfWork, now: datetime, order: WorkOrder, arrival: Arrival, reception: Reception, agent: str
) -> WorkOrder:
    """The order with its adviser, mileage and appointment."""
    values: dict[str, Any] = {"adviser": agent, "mileage_km": reception.mileage_km}
    visit = arrival.visit
    if visit is not None and reception.visit == visit.number:
        values["appointment_id"] = await uow.records.id_of("appointments", {"number": visit.number})
        await change_status(uow, now, number=visit.number, status="arrived")
        await uow.conversations.announce_topic("calendar")
    if reception.mileage_km is not None:
        await uow.vehicles.change(order.vehicle_id, {"mileage_km": reception.mileage_km, "mileage_at": now}, now)
    await uow.work_orders.change(order.id, now, **values)
    return await uow.work_orders.find(order.number) or order


async def _visit(uow: WorkshopUnitOfWork, now: datetime, plate: str) -> Appointment | None:
    """The appointment the car comes for: the nearest open one of these days."""
    visits = await uow.appointments.open_of_plate(plate)
    near = [visit for visit in visits if abs(visit.start - now) <= _NEAR]
    return min(near, key=lambda visit: abs(visit.start - now), default=None)


async def _register(
    uow: WorkshopUnitOfWork, now: datetime, arrival: Arrival, reception: Reception, agent: str
) -> None:
    """Enter a car nobody knows with its owner."""
    visit = arrival.visit
    person = {
        "surname": reception.surname.strip() or (visit.surname if visit else ""),
        "title": reception.title.strip() or (visit.title if visit else ""),
        "phone": reception.phone or (visit.phone if visit else ""),
    }
    owner = await register_owner(uow, now, person, agent)
    model = reception.model.strip() or (visit.model if visit else "")
    car = {"plate": arrival.plate, "model": model, "customer_id": owner}
    await add_vehicle(uow, now, values=car, actor=agent)


async def register_owner(uow: WorkshopUnitOfWork, now: datetime, person: Mapping[str, str], agent: str) -> int:
    """The id of who has this phone already, else of a new customer; raises InvalidValue("phone")."""
    phone = normalise_phone(person["phone"])
    if phone is None:
        raise InvalidValue("phone", "not_a_mobile_number")
    owner = await uow.customers.by_phone(phone)
    if owner is None:
        owner = await add_customer(uow, now, values={**person, "phone": phone}, actor=agent)
    return owner.id
