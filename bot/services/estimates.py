"""What a visit will take and cost, before anybody has seen the car."""

from __future__ import annotations

from bot.business.appointments import Estimate
from bot.business.refusals import InvalidValue
from bot.services.booking_ports import BookingUnitOfWork


async def estimate_of(uow: BookingUnitOfWork, service_type: str, model: str = "") -> Estimate:
    """Duration in minutes and price range in fen for the model; raises InvalidValue("service_type")."""
    service = await uow.workshop.service_type(service_type)
    if service is None:
        raise InvalidValue("service_type", "unknown")
    own = await uow.workshop.price_of_model(service_type, model) if model else None
    if own is None:
        return Estimate(service.minutes, service.low_fen, service.high_fen)
    return Estimate(
        own.minutes or service.minutes,
        service.low_fen if own.low_fen is None else own.low_fen,
        service.high_fen if own.high_fen is None else own.high_fen,
    )
