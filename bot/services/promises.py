"""What each record promises the customer: which of its changes begin a promise, keep it, or end it.

Complaints: the level's deadline and the next news; calls for help: arranged in 10 minutes, news every 30; visits booked
by chat: confirmed in two working hours; repairs: the time promised (SERVICE_STANDARD §2, §6 to §8).
"""

from __future__ import annotations

from datetime import datetime

from bot.business.appointments import Appointment
from bot.business.complaints import Complaint
from bot.business.deadlines import COMPLAINT_LEVELS, NEWS_OF_COMPLAINT
from bot.business.rescues import Rescue
from bot.business.work_orders import WorkOrder
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.deadlines import drop, meet, start
from bot.services.ports import UnitOfWork

_BOOKING, _REPAIR = "online_booking", "promised_time"
_ARRANGED, _NEWS = "rescue_arranged", "rescue_news"
_DONE = frozenset({"ready", "delivered", "followed_up"})


async def complaint_moved(uow: UnitOfWork, now: datetime, before: Complaint | None, after: Complaint) -> None:
    """A complaint filed (`before` None), answered, opened again, closed, or with other times."""
    is_open, was_open = after.status == "open", before is not None and before.status == "open"
    unheard = after.status == "closed" and after.answered_at is None
    end = drop if unheard else meet
    if was_open and not is_open:
        await end(uow, now, kind=COMPLAINT_LEVELS, subject_kind="complaint", subject_id=after.id)
    if is_open and (before is None or not was_open or before.deadline != after.deadline):
        await drop(uow, now, kind=COMPLAINT_LEVELS, subject_kind="complaint", subject_id=after.id)
        await _of_complaint(uow, now, after, f"complaint_{after.level}", after.deadline, before)
    if before is not None and _has_news(before, after):
        await end(uow, now, kind=NEWS_OF_COMPLAINT, subject_kind="complaint", subject_id=after.id)
    if after.next_update_at is not None and (before is None or before.next_update_at != after.next_update_at):
        first = "media_reaction" if after.signals.get("media") else "answer"
        await _of_complaint(uow, now, after, "next_update" if before else first, after.next_update_at, before)


async def rescue_opened(uow: UnitOfWork, now: datetime, rescue: Rescue) -> None:
    """A call for help that was just taken."""
    conversation_id = await _talk(uow, rescue.channel, rescue.user)
    for kind in (_ARRANGED, _NEWS):
        await start(uow, now, kind=kind, subject_kind="rescue", subject_id=rescue.id, conversation_id=conversation_id)


async def rescue_moved(uow: UnitOfWork, now: datetime, rescue: Rescue) -> None:
    """Help arranged, of which the caller is still to hear, or the rescue over."""
    if rescue.status == "arranged":
        await meet(uow, now, kind=_ARRANGED, subject_kind="rescue", subject_id=rescue.id)
    elif rescue.status == "closed":
        await drop(uow, now, subject_kind="rescue", subject_id=rescue.id)


async def visit_booked(uow: BookingUnitOfWork, now: datetime, appointment: Appointment) -> None:
    """A visit booked by the customer: confirmed at once, or by a person who looks at it first."""
    key = await uow.appointments.key_of(appointment.number)
    conversation_id = await _talk(uow, appointment.channel, appointment.user)
    await start(uow, now, kind=_BOOKING, subject_kind="appointment", subject_id=key, conversation_id=conversation_id)
    await visit_checked(uow, now, appointment)


async def visit_checked(uow: BookingUnitOfWork, now: datetime, appointment: Appointment) -> None:
    """A visit as it is now; kept once nobody has to look at it any more, ended with the visit."""
    key = await uow.appointments.key_of(appointment.number)
    if appointment.status in ("cancelled", "no_show"):
        await drop(uow, now, subject_kind="appointment", subject_id=key)
    elif not appointment.needs_check or appointment.status != "booked":
        await meet(uow, now, kind=_BOOKING, subject_kind="appointment", subject_id=key)


async def repair_moved(uow: UnitOfWork, now: datetime, before: WorkOrder | None, after: WorkOrder) -> None:
    """A work order opened (`before` None), at another stage or promised for another time."""
    was_due = before is not None and before.stage not in _DONE and before.promised_at == after.promised_at
    if after.stage in _DONE:
        await meet(uow, now, kind=_REPAIR, subject_kind="work_order", subject_id=after.id)
    elif after.promised_at is not None and not was_due:
        await drop(uow, now, kind=_REPAIR, subject_kind="work_order", subject_id=after.id)
        await start(uow, now, kind=_REPAIR, subject_kind="work_order", subject_id=after.id, due_at=after.promised_at)


def _has_news(before: Complaint, after: Complaint) -> bool:
    """Whether the customer was answered, or hears next at another time, which an agent has told them."""
    return after.status != "open" or before.next_update_at != after.next_update_at


async def _of_complaint(
    uow: UnitOfWork, now: datetime, complaint: Complaint, kind: str, due_at: datetime, before: Complaint | None
) -> None:
    await start(
        uow,
        now,
        kind=kind,
        subject_kind="complaint",
        subject_id=complaint.id,
        conversation_id=await _talk(uow, complaint.channel, complaint.user),
        since=complaint.created_at if before is None else now,
        due_at=due_at,
    )


async def _talk(uow: UnitOfWork, channel: str, user: str) -> int | None:
    """The conversation in which the person hears of it, if they have ever written."""
    conversation = await uow.conversations.find(channel, user) if user else None
    return None if conversation is None else conversation.id
