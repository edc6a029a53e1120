"""What agents do with a complaint: take it, note, promise news, offer a solution, raise its level (standard, §7).

Whoever takes or answers it first stays responsible to the end; every step is in its log and audited with the name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.business.complaints import KINDS, Complaint, check_change, decides, owner_role
from bot.business.refusals import AlreadyClaimed, InvalidValue, NotAllowed, NotOwner, SolutionKept, UnknownComplaint
from bot.business.spoken import time_text
from bot.business.staff import Agent, Permission
from bot.services.complaint_files import ComplaintUnitOfWork, conversation_of, draft_in
from bot.services.complaint_words import Phrase, send_solution
from bot.services.desk_notices import notify
from bot.services.promises import complaint_moved

LONGEST = 2000
_HIGHEST = 3


async def assign(
    uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, owner: str, reason: str = ""
) -> Complaint:
    """The complaint with `owner` (an agent's name) responsible for it.

    From a role anybody may take it, at a level that their own role does not decide with the word of who does (`reason`:
    whom they have agreed it with); from another person only who may take from others, with a reason.
    Raises UnknownComplaint, NotAllowed (closed), NotOwner, InvalidValue("owner", "reason").
    """
    before = await open_complaint(uow, number)
    target = await uow.agents.by_name(owner)
    if target is None or not target.active or not target.may(Permission.COMPLAINTS):
        raise InvalidValue("owner", "unknown")
    if before.owner == owner:
        return before
    if before.has_named_owner:
        if not agent.may(Permission.TAKE_FROM_OTHERS):
            raise NotOwner(before.owner)
        reason = words_of(reason, "reason")
    elif not decides(target.role, before.level) and not reason.strip():
        raise InvalidValue("reason", f"level_{before.level}")
    return await write_down(uow, now, before, agent, "owner", f"{owner} {reason}".strip(), owner=owner)


async def annotate(uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, text: str) -> Complaint:
    """The complaint with a line that only agents see; raises UnknownComplaint, InvalidValue("text")."""
    return await write_down(uow, now, await locked(uow, number), agent, "note", words_of(text, "text"))


async def reveal_phone(uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent) -> str:
    """The whole phone number that came with the complaint, audited; raises UnknownComplaint, Forbidden."""
    agent.check(Permission.REVEAL)
    found = await uow.complaints.find(number)
    if found is None:
        raise UnknownComplaint(number)
    await uow.audit.write(now, actor=agent.name, action="reveal", kind="complaint", subject=number, detail="phone")
    return found.phone or ""


async def classify(uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, kind: str) -> Complaint:
    """The complaint with what it is about, one of KINDS; raises UnknownComplaint, InvalidValue("kind")."""
    if kind not in KINDS:
        raise InvalidValue("kind", "unknown")
    before = await locked(uow, number)
    return before if before.kind == kind else await write_down(uow, now, before, agent, "kind", kind, kind=kind)


async def promise_news(
    uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, at: datetime
) -> Complaint:
    """The complaint with the time by which the customer hears next, which they are told; raises UnknownComplaint,
    NotAllowed (closed), NotOwner, InvalidValue("at")."""
    if at <= now:
        raise InvalidValue("at", "past")
    before = await mine(uow, number, agent)
    values = {"next_update_at": at, "owner": before.owner_after(agent.name)}
    return await write_down(uow, now, before, agent, "next_update", time_text(at), **values)


async def offer_solution(
    uow: ComplaintUnitOfWork,
    now: datetime,
    *,
    number: str,
    agent: Agent,
    solution: str,
    due_at: datetime,
    phrase: Phrase | None = None,
    once: str | None = None,
    how: str = "",
) -> Complaint:
    """The complaint answered with a solution carried out by `due_at`: sent with `phrase`, or told as `how` says.

    One that reaches the customer neither way is a draft in the log: nothing is answered, every promise runs on.
    Sending takes the conversation over, so that the customer's answer comes to the agent and not to the bot; while a
    colleague has it the solution is kept as a draft (SolutionKept). The same solution a second time (a double click,
    with the same `once`) changes nothing. Raises UnknownComplaint, NotAllowed (closed), NotOwner, SolutionKept,
    InvalidValue("solution", "due_at", "chat", "how").
    """
    solution = words_of(solution, "solution")
    if due_at <= now:
        raise InvalidValue("due_at", "past")
    if phrase is not None:
        if (unlocked := await uow.complaints.find(number)) is not None:
            _check_begins(unlocked, agent)  # before it is sent: who writes first becomes responsible
        try:
            await send_solution(uow, now, number, agent, solution, due_at, phrase, once)
        except AlreadyClaimed as held:
            await _keep_draft(uow, now, await mine(uow, number, agent), agent, solution)
            raise SolutionKept(held.owner) from None
    before = await mine(uow, number, agent)
    if phrase is None and not how.strip():
        return await _keep_draft(uow, now, before, agent, solution)
    note = words_of(how, "how") if phrase is None else ""
    if (before.status, before.solution, before.solution_due_at) == ("answered", solution, due_at):
        return before
    check_change(before.status, "answered", customer_agreed=False)
    values: dict[str, Any] = {"status": "answered", "solution": solution, "solution_due_at": due_at}
    values |= {"answered_at": now, "owner": before.owner_after(agent.name), "next_update_at": None}
    values |= {"agreed_at": None, "agreed_how": None}
    after = await write_down(uow, now, before, agent, "answered", f"{solution}（{time_text(due_at)}）", **values)
    await uow.complaints.log(before.id, what="told", note=note, by=agent.name, time=now)
    return after


async def _keep_draft(
    uow: ComplaintUnitOfWork, now: datetime, before: Complaint, agent: Agent, solution: str
) -> Complaint:
    """The complaint with a solution that the customer has not heard of; kept once."""
    if draft_in(await uow.complaints.entries(before.id)) == solution:
        return before
    return await write_down(uow, now, before, agent, "draft", solution)


async def raise_level(
    uow: ComplaintUnitOfWork, now: datetime, *, number: str, agent: Agent, level: int, reason: str
) -> Complaint:
    """The complaint at a higher level for `reason`; the promised deadline stays, and so does an owner by name.

    Raises UnknownComplaint, NotAllowed (closed), InvalidValue("level", "reason").
    """
    reason = words_of(reason, "reason")
    before = await open_complaint(uow, number)
    if not before.level < level <= _HIGHEST:
        raise InvalidValue("level", "not_higher")
    owner = before.owner if before.has_named_owner else owner_role(level)
    after = await write_down(
        uow, now, before, agent, "raised", f"{before.level}→{level} {reason}", level=level, owner=owner
    )
    chat = await conversation_of(uow, after)
    await notify(
        uow,
        now,
        kind="complaint_raised",
        conversation_id=chat.id if chat else None,
        urgency="complaint",
        payload={"number": number, "level": level},
    )
    return after


async def write_down(
    uow: ComplaintUnitOfWork, now: datetime, before: Complaint, agent: Agent, what: str, note: str, **values: Any
) -> Complaint:
    """Change these columns, with a line in the log and the audit; the complaint as it is now."""
    await uow.complaints.change(before.id, **values)
    await uow.complaints.log(before.id, what=what, note=note, by=agent.name, time=now)
    await uow.audit.write(now, actor=agent.name, action=what, kind="complaint", subject=before.number)
    after = await locked(uow, before.number)
    await complaint_moved(uow, now, before, after)
    return after


async def mine(uow: ComplaintUnitOfWork, number: str, agent: Agent) -> Complaint:
    """The open complaint, if `agent` is or may become responsible for it; raises NotOwner, NotAllowed.

    Nobody becomes responsible by the way for one that their role does not decide: InvalidValue("owner").
    """
    found = await open_complaint(uow, number)
    if found.has_named_owner and found.owner != agent.name and not agent.may(Permission.TAKE_FROM_OTHERS):
        raise NotOwner(found.owner)
    _check_begins(found, agent)
    return found


def _check_begins(complaint: Complaint, agent: Agent) -> None:
    if not complaint.has_named_owner and not decides(agent.role, complaint.level):
        raise InvalidValue("owner", f"level_{complaint.level}")


async def open_complaint(uow: ComplaintUnitOfWork, number: str) -> Complaint:
    """The complaint, locked; raises UnknownComplaint, and NotAllowed when it is closed."""
    found = await locked(uow, number)
    if found.status == "closed":
        raise NotAllowed("closed", "changed")
    return found


async def locked(uow: ComplaintUnitOfWork, number: str) -> Complaint:
    """The complaint, locked against other writers; raises UnknownComplaint."""
    found = await uow.complaints.by_number(number)
    if found is None:
        raise UnknownComplaint(number)
    return found


def words_of(text: str, field: str) -> str:
    """The words without space around them; raises InvalidValue for none or too many."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise InvalidValue(field, "too_long" if text else "empty")
    return text
