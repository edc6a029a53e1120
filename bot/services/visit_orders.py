"""The work order of a visit: opened when the car arrives, so that it stands on the workshop board at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.appointments import Appointment
from bot.business.people import Vehicle
from bot.business.plates import is_unplated
from bot.business.refusals import NotAllowed, UnknownVehicle, WorkOrderOpen
from bot.services.booking import find_appointment
from bot.services.people import add_vehicle
from bot.services.receiving import register_owner
from bot.services.work_orders import open_order_for, update_work_order
from bot.services.workshop_ports import WorkshopUnitOfWork


async def order_of_visit(uow: WorkshopUnitOfWork, visit: Appointment) -> str | None:
    """The number of the work order that the visit began, or of the one its car is in the workshop with."""
    begun = await uow.board.order_of(visit.number)
    if begun is not None:
        return begun
    vehicle = await _vehicle(uow, visit)
    return None if vehicle is None else await uow.board.open_of(vehicle.id)


async def receive_visit(uow: WorkshopUnitOfWork, now: datetime, *, number: str, agent: str) -> str:
    """The number of the work order of a visit that has arrived, opened unless there is one; the same twice.

    An order that waited for its car takes the visit. Raises UnknownAppointment, NotAllowed (not arrived).
    """
    await uow.workshop.lock()
    visit = await find_appointment(uow, number)
    if visit.status != "arrived":
        raise NotAllowed(visit.status, "arrived")
    found = await order_of_visit(uow, visit)
    if found is not None:
        return await _take_up(uow, now, visit, found, agent)
    vehicle = await _vehicle(uow, visit) or await _entered(uow, now, visit, agent)
    order = await open_order_for(uow, now, vehicle=vehicle, work=await _work(uow, visit), by=agent)
    await uow.audit.write(now, actor=agent, action="open", kind="work_order", subject=order.number)
    if visit.mileage_km is not None:
        await uow.vehicles.change(vehicle.id, {"mileage_km": visit.mileage_km, "mileage_at": now}, now)
    begun: dict[str, Any] = {"adviser": agent, "mileage_km": visit.mileage_km}
    await uow.work_orders.change(order.id, now, **begun, appointment_id=await uow.appointments.key_of(number))
    return order.number


async def check_not_here(uow: WorkshopUnitOfWork, plate: str) -> None:
    """Raise WorkOrderOpen for a car that stands in the workshop already and cannot come once more."""
    vehicle = None if is_unplated(plate) else await uow.vehicles.by_plate(plate)
    number = None if vehicle is None else await uow.board.open_of(vehicle.id)
    order = None if number is None else await uow.work_orders.find(number)
    if order is not None and order.stage != "booked":
        raise WorkOrderOpen(order.number)


async def _take_up(uow: WorkshopUnitOfWork, now: datetime, visit: Appointment, number: str, agent: str) -> str:
    """The order there is; one that waited for its car is received and belongs to the visit from now on."""
    order = await uow.work_orders.by_number(number)
    if order is not None and order.stage == "booked":
        await update_work_order(uow, now, number=number, stage="received", by=agent)
        key = await uow.appointments.key_of(visit.number)
        await uow.work_orders.change(order.id, now, adviser=order.adviser or agent, appointment_id=key)
        await uow.audit.write(now, actor=agent, action="stage", kind="work_order", subject=number)
    return number


async def _vehicle(uow: WorkshopUnitOfWork, visit: Appointment) -> Vehicle | None:
    known = None if is_unplated(visit.plate) else await uow.vehicles.by_plate(visit.plate)
    if known is None and visit.vehicle_id is not None:
        return await uow.vehicles.get(visit.vehicle_id)
    return known


async def _entered(uow: WorkshopUnitOfWork, now: datetime, visit: Appointment, agent: str) -> Vehicle:
    """The car nobody knew, with its owner when they have agreed to be on record."""
    owner: int | None = visit.customer_id
    if owner is None and visit.consent and visit.phone:
        person = {"surname": visit.surname, "title": visit.title, "phone": visit.phone}
        owner = await register_owner(uow, now, person, agent)
    car: dict[str, Any] = {"model": visit.model, **({} if owner is None else {"customer_id": owner})}
    if not is_unplated(visit.plate):
        return await add_vehicle(uow, now, values={**car, "plate": visit.plate}, actor=agent)
    key = await uow.vehicles.add({**car, "plate": None, "origin": "dealer"}, now)
    await uow.audit.write(now, actor=agent, action="add", kind="vehicle", subject=str(key))
    added = await uow.vehicles.get(key)
    if added is None:
        raise UnknownVehicle(visit.plate)
    return added


async def _work(uow: WorkshopUnitOfWork, visit: Appointment) -> str:
    """What is to be done, as the visit was booked: kind of work and what the customer has described."""
    service = await uow.workshop.service_type(visit.service_type)
    name = service.name if service else visit.service_type
    told = "、".join(visit.symptoms.problem)
    return f"{name}（{told}）" if told else name
