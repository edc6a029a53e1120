"""Closing a bay, a technician or the whole workshop for a time, and opening it again."""

from __future__ import annotations

from datetime import datetime

from bot.business.appointments import Appointment
from bot.business.means import Block, check_block
from bot.business.refusals import InTheWay, InvalidValue, WindowFull, WindowGone
from bot.business.windows import ANYWHERE, Place, Window
from bot.services.booking import move_appointment
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
    rearrange: bool = False,
    anyway: bool = False,
) -> list[Appointment]:
    """Nothing is booked there any more; the visits that still lie in it and have to be moved now.

    With `rearrange` the booked ones first go to another free bay or technician at the same time, of which nobody has
    to be told. Raises InTheWay with the numbers of the others unless it is closed `anyway`, and nothing has changed
    then; InvalidValue for values that cannot be stored.
    """
    await uow.workshop.lock()
    block = Block(0, start, end, place.bay_id, place.technician_id, reason.strip())
    check_block(block, await uow.workshop.bays(), await uow.workshop.team())
    if end <= now:
        raise InvalidValue("end", "past")
    in_the_way = await visits_in_the_way(uow, block)
    key = await uow.workshop.block(block)
    left = [each for each in in_the_way if not (rearrange and await _rearranged(uow, now, each, agent))]
    if left and not anyway:
        raise InTheWay(tuple(each.number for each in left))
    await uow.audit.write(now, actor=agent, action="block", kind=_KIND, subject=str(key), detail=_what(place))
    return left


async def _rearranged(uow: BookingUnitOfWork, now: datetime, visit: Appointment, agent: str) -> bool:
    """Whether the visit now lies elsewhere at the same time; a car that has arrived stays where it is."""
    if visit.status != "booked":
        return False
    window = Window(visit.start, visit.start, 0, 0)
    try:
        await move_appointment(
            uow, now, number=visit.number, window=window, holder=f"desk:{agent}", by_staff=True, place=ANYWHERE
        )
    except (WindowFull, WindowGone):
        return False
    await uow.audit.write(now, actor=agent, action="move", kind="appointment", subject=visit.number)
    return True


async def visits_in_the_way(uow: BookingUnitOfWork, block: Block) -> list[Appointment]:
    """The visits, booked or arrived, on which the closed time lies, by start."""
    calendar = await uow.calendar.load()
    day = calendar.day_of(block.start)
    since = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    visits = await uow.appointments.between(since, block.end)
    return [
        each
        for each in visits
        if each.is_open and block.lies_on(each.start, each.end, each.bay_id, each.technician_id)
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
