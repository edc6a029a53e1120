"""Whose visit it is: the matched customer, or a newcomer who is registered with their vehicle."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.appointments import BookingRequest
from bot.business.people import Vehicle
from bot.business.plates import is_unplated
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.identity import bind_account


async def people_of(uow: BookingUnitOfWork, now: datetime, request: BookingRequest) -> tuple[int | None, int | None]:
    """Ids of customer and vehicle the visit belongs to, None where only a person can tell (DESIGN §5 Privacy).

    A stranger who names a known plate or a known phone is linked to nothing. When neither is known and consent is
    given, customer and vehicle are entered with origin "chat" (SERVICE_STANDARD §4) and the account is bound.
    """
    vehicle = await uow.vehicles.by_plate(request.plate)
    if request.matched_customer_id is not None:
        return request.matched_customer_id, await _own_vehicle(uow, now, request, vehicle)
    if vehicle is not None or not request.phone or not request.consent:
        return None, None
    if await uow.customers.by_phone(request.phone) is not None:
        return None, None
    return await _register(uow, now, request)


async def _own_vehicle(
    uow: BookingUnitOfWork, now: datetime, request: BookingRequest, vehicle: Vehicle | None
) -> int | None:
    if vehicle is None or vehicle.customer_id != request.matched_customer_id:
        return None
    if request.mileage_km is not None and request.mileage_km > (vehicle.mileage_km or 0):
        await uow.vehicles.change(vehicle.id, {"mileage_km": request.mileage_km, "mileage_at": now}, now)
    return vehicle.id


async def _register(uow: BookingUnitOfWork, now: datetime, request: BookingRequest) -> tuple[int, int]:
    customer_id = await uow.customers.add(
        {
            "surname": request.surname,
            "title": request.title,
            "phone": request.phone,
            "usual_contact": request.channel,
            "origin": "chat",
        },
        now,
    )
    vehicle: dict[str, Any] = {
        "customer_id": customer_id,
        "plate": None if is_unplated(request.plate) else request.plate,
        "model": request.model,
        "origin": "chat",
    }
    if request.mileage_km is not None:
        vehicle |= {"mileage_km": request.mileage_km, "mileage_at": now}
    vehicle_id = await uow.vehicles.add(vehicle, now)
    # The API books for people who have not written themselves: there is nobody to bind.
    if request.user and await uow.customers.bound(request.channel, request.user) is None:
        await bind_account(uow, now, channel=request.channel, user=request.user, customer_id=customer_id)
    return customer_id, vehicle_id
