"""Promises about to fall due and past their time: noted for the supervisor, and told to agents wherever they are.

Some promises have work of their own that also tells the customer (bot/services/delays.py, rescue_news.py); when that
reports one, its row is marked there and not reported a second time here.
"""

from __future__ import annotations

from datetime import datetime

from bot.business.deadlines import COMPLAINT_LEVELS, Deadline
from bot.business.handoffs import owes_call_back
from bot.services.answering import HANDOFF, TALK
from bot.services.desk_notices import notify
from bot.services.notices import Said
from bot.services.ports import UnitOfWork

_REPORTED_ELSEWHERE = (*COMPLAINT_LEVELS, "rescue_arranged", "promised_time")
_DANGER = ("danger_handoff", "rescue_arranged", "rescue_news")


async def due_warnings(uow: UnitOfWork, now: datetime) -> list[int]:
    """Ids of the promises that fall due soon and of which nobody was warned."""
    return await uow.deadlines.warnings_due(now)


async def warn(uow: UnitOfWork, now: datetime, deadline_id: int) -> Said | None:
    """Agents warned, once; None when another process does it or it was kept meanwhile."""
    running = await uow.deadlines.take_warning(deadline_id, now)
    if running is None:
        return None
    await uow.deadlines.mark(running.id, warned_at=now)
    await _report(uow, now, running, "warning", "deadline_warned")
    return ()


async def due_escalations(uow: UnitOfWork, now: datetime) -> list[int]:
    """Ids of the promises past their time of which no supervisor was told."""
    return await uow.deadlines.escalations_due(now, but=_REPORTED_ELSEWHERE)


async def escalate(uow: UnitOfWork, now: datetime, deadline_id: int) -> Said | None:
    """A supervisor alerted, once; None when another process does it, or other work is about to."""
    late = await uow.deadlines.take_escalation(deadline_id, now)
    if late is None or await _is_for_call_back(uow, late):
        return None
    await uow.deadlines.mark(late.id, escalated_at=now)
    if not await _is_reported(uow, late):
        await _report(uow, now, late, "alert", "deadline_broken")
    return ()


async def _is_for_call_back(uow: UnitOfWork, late: Deadline) -> bool:
    """Whether nobody took the request in time, which is told to the customer too (delays.owe_call_back)."""
    handoff = await uow.handoffs.get(late.subject_id) if late.subject_kind == HANDOFF else None
    return handoff is not None and owes_call_back(handoff)


async def _is_reported(uow: UnitOfWork, late: Deadline) -> bool:
    """Whether a supervisor has heard already: news are late because help itself is."""
    _, status = await uow.deadlines.subject(late)
    return late.kind == "rescue_news" and status == "open"


async def _report(uow: UnitOfWork, now: datetime, promise: Deadline, action: str, notice: str) -> None:
    number, _ = await uow.deadlines.subject(promise)
    await uow.audit.write(
        now, actor="bot", action=action, kind=promise.subject_kind, subject=number, detail=promise.kind
    )
    handoff_id, urgency = await _handoff_of(uow, promise)
    named = {"deadline": promise.kind, "due_at": promise.due_at.isoformat(), "about": promise.subject_kind}
    await notify(
        uow,
        now,
        kind=notice,
        conversation_id=promise.conversation_id,
        handoff_id=handoff_id,
        urgency=urgency,
        payload=named if promise.subject_kind in (HANDOFF, TALK) else {**named, "number": number},
    )


async def _handoff_of(uow: UnitOfWork, promise: Deadline) -> tuple[int | None, str]:
    """The hand-off whose agents are to act, if one is open, and how urgent it is."""
    conversation_id = promise.conversation_id
    handoff = await uow.handoffs.open_of(conversation_id) if conversation_id is not None else None
    urgency = "danger" if promise.kind in _DANGER else "complaint" if promise.subject_kind == "complaint" else None
    return (handoff.id, urgency or handoff.urgency) if handoff else (None, urgency or "normal")
