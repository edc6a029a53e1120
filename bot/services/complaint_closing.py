"""The end of a complaint: the customer's yes, closing with it or for a supervisor's reason, opening it again (§7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.complaints import (
    YES_WAYS,
    Complaint,
    ComplaintSignals,
    check_change,
    complaint_deadline,
    next_update_at,
)
from bot.business.refusals import InvalidValue, NotAllowed
from bot.business.staff import Agent, Permission
from bot.services.complaint_files import ComplaintUnitOfWork, answers_to_solution, conversation_of, says_no
from bot.services.complaint_work import (
    LONGEST,
    locked,
    mine,
    offer_solution,
    open_complaint,
    words_of,
    write_down,
)


async def record_yes(
    uow: ComplaintUnitOfWork,
    now: datetime,
    *,
    number: str,
    agent: Agent,
    way: str,
    note: str = "",
    message_id: int | None = None,
    solution: str = "",
    due_at: datetime | None = None,
) -> Complaint:
    """The complaint with the customer's yes and how it came: a message of theirs ("chat"), else told in `note`.

    Nobody agrees to what they have not heard: where no solution was told yet, the one agreed on (`solution`, carried
    out by `due_at`) is told with the yes. Raises UnknownComplaint, NotAllowed (closed), NotOwner, InvalidValue("way",
    "message", "note", "solution", "due_at").
    """
    if way not in YES_WAYS:
        raise InvalidValue("way", "unknown")
    before = await mine(uow, number, agent)
    note = await _said(uow, before, message_id) if way == "chat" else words_of(note, "note")
    if not before.is_answered:
        if due_at is None or not solution.strip():
            raise InvalidValue("solution", "not_told")
        offered: dict[str, Any] = {"solution": solution, "due_at": due_at, "how": note}
        before = await offer_solution(uow, now, number=number, agent=agent, **offered)
    values = {"agreed_at": now, "agreed_how": way, "owner": before.owner_after(agent.name)}
    return await write_down(uow, now, before, agent, "agreed", note, **values)


async def close_complaint(
    uow: ComplaintUnitOfWork,
    now: datetime,
    *,
    number: str,
    agent: Agent,
    reason: str = "",
) -> Complaint:
    """The complaint closed with the customer's yes, else by who may close without it, for `reason`.

    Raises UnknownComplaint, NotAllowed (closed), NotOwner, Forbidden, InvalidValue("reason").
    """
    may_for_a_reason = agent.may(Permission.CLOSE_WITHOUT_YES)  # which makes nobody responsible
    before = await (open_complaint(uow, number) if may_for_a_reason else mine(uow, number, agent))
    if not before.is_agreed:
        agent.check(Permission.CLOSE_WITHOUT_YES)
        reason = words_of(reason, "reason")
    check_change(before.status, "closed", customer_agreed=True)
    values = {"status": "closed", "closed_at": now, "closed_by": agent.name, "closed_reason": reason.strip() or None}
    return await write_down(uow, now, before, agent, "closed", reason.strip(), next_update_at=None, **values)


async def reopen_complaint(
    uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, reason: str
) -> Complaint:
    """The complaint open again for `reason`: its solution did not hold, or the customer is not content after all.

    A closed one gets a new deadline; one that was only answered keeps the promised one. Raises UnknownComplaint,
    NotAllowed (open), InvalidValue("reason").
    """
    reason = words_of(reason, "reason")
    before = await locked(uow, number)
    if before.status == "open":
        raise NotAllowed("open", "open")
    values: dict[str, object] = {"status": "open", "agreed_at": None, "agreed_how": None, "answered_at": None}
    values |= {"closed_at": None, "closed_by": None, "closed_reason": None, "solution_due_at": None}
    hours = await uow.calendar.load()
    values["next_update_at"] = next_update_at(ComplaintSignals(**before.signals), now, hours)
    if before.status == "closed":
        values |= {"deadline": complaint_deadline(before.level, now, hours), "escalated_at": None}
    return await write_down(uow, now, before, agent, "reopened", reason, **values)


async def _said(uow: ComplaintUnitOfWork, complaint: Complaint, message_id: int | None) -> str:
    """The customer's words of this message, which they wrote after a solution was offered."""
    answers = await answers_to_solution(uow, complaint, await conversation_of(uow, complaint))
    found = next((each for each in answers if each.id == message_id), None)
    if found is None:
        raise InvalidValue("message", "unknown")
    if says_no(found):
        raise InvalidValue("message", "turns_down")
    return (found.text or "")[:LONGEST]
