"""Closing a bay, a technician or the whole workshop for a time, and opening it again."""

from __future__ import annotations

from datetime import datetime

from bot.business.appointments import Appointment
from bot.business.means import Block, check_block
from bot.business.refusals import InTheWay, InvalidValue
from bot.business.windows import Place
from bot.services.booking_ports import BookingUnitOfWork

_KIND = "blocked_time"


async def block_time(
    uow: BookingUnitOfWork,
    now: datetime,
    *,
    start: datetime,
    end: datetime,
    place: Place,
    reason: str,
    agent: str,
    anyway: bool = False,
) -> list[Appointment]:
    """Nothing is booked there any more; the booked visits that lie in it and have to be moved now.

    Raises InTheWay with their numbers unless it is closed `anyway`, InvalidValue for values that cannot be stored.
    """
    await uow.workshop.lock()
    block = Block(0, start, end, place.bay_id, place.technician_id, reason.strip())
    check_block(block, await uow.workshop.bays(), await uow.workshop.team())
    if end <= now:
        raise InvalidValue("end", "past")
    in_the_way = await visits_in_the_way(uow, block)
    if in_the_way and not anyway:
        raise InTheWay(tuple(each.number for each in in_the_way))
    key = await uow.workshop.block(block)
    await uow.audit.write(now, actor=agent, action="block", kind=_KIND, subject=str(key), detail=_what(place))
    return in_the_way


async def visits_in_the_way(uow: BookingUnitOfWork, block: Block) -> list[Appointment]:
    """The booked visits on which the closed time lies, by start."""
    calendar = await uow.calendar.load()
    day = calendar.day_of(block.start)
    since = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    visits = await uow.appointments.between(since, block.end)
    return [
        each
        for each in visits
        if each.status == "booked" and block.lies_on(each.start, each.end, each.bay_id, each.technician_id)
    ]


async def unblock_time(uow: BookingUnitOfWork, now: datetime, *, block_id: int, agent: str) -> bool:
    """The time can be booked again; False when somebody has opened it before."""
    opened = await uow.workshop.unblock(block_id)
    if opened:
        await uow.audit.write(now, actor=agent, action="unblock", kind=_KIND, subject=str(block_id))
    return opened


def _what(place: Place) -> str:
    if place.bay_id is not None:
        return f"bay {place.bay_id}"
    return "workshop" if place.technician_id is None else f"technician {place.technician_id}"
