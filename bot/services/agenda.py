"""What the desk's calendar shows: some days with their visits, closures and what is left, and who may be waited for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.business.appointments import Appointment
from bot.business.day_plans import Book, DayPlan, plan_of_day
from bot.business.holidays import is_published
from bot.business.people import Customer, Vehicle
from bot.services.booking_ports import BookingUnitOfWork

_NOBODY = ""


@dataclass(frozen=True)
class Agenda:
    """Days in a row; `unknown_years`: whose public holidays are not loaded; `unchecked`: visits to be confirmed."""

    days: tuple[DayPlan, ...]
    book: Book
    unknown_years: tuple[int, ...]
    unchecked: tuple[Appointment, ...]


@dataclass(frozen=True)
class Known:
    """Who a plate belongs to, for an agent who books."""

    vehicle: Vehicle
    customer: Customer | None
    open_visits: tuple[Appointment, ...]


async def agenda(uow: BookingUnitOfWork, now: datetime, *, first: date, days: int, by: str) -> Agenda:
    """The days from `first` on, with a column for each bay or technician (`by`)."""
    calendar = await uow.calendar.load()
    since = datetime.combine(first, time(), calendar.zone)
    until = since + timedelta(days=days)
    book = Book(
        calendar,
        await uow.workshop.rules(),
        await uow.workshop.service_types(),
        await uow.workshop.bays(),
        await uow.workshop.team(),
        await uow.appointments.between(since, until),
        await uow.workshop.blocks(since, until),
        await uow.holds.taken(since, until, now, _NOBODY),
    )
    shown = tuple(first + timedelta(days=ahead) for ahead in range(days))
    years = {*calendar.unpublished_years(calendar.day_of(now)), *(d.year for d in shown if not is_published(d.year))}
    return Agenda(
        tuple(plan_of_day(book, day, by, now) for day in shown),
        book,
        tuple(sorted(years)),
        tuple(await uow.appointments.unchecked(now - timedelta(days=1))),
    )


async def known_by_plate(uow: BookingUnitOfWork, now: datetime, *, plate: str, agent: str) -> Known | None:
    """Whose car it is and when it is expected, None for an unknown plate; the look is noted."""
    vehicle = await uow.vehicles.by_plate(plate)
    if vehicle is None:
        return None
    await uow.audit.write(now, actor=agent, action="read", kind="vehicle", subject=str(vehicle.id))
    customer = None if vehicle.customer_id is None else await uow.customers.get(vehicle.customer_id)
    visits = [each for each in await uow.appointments.open_of_plate(plate) if each.end >= now]
    return Known(vehicle, customer, tuple(visits))
