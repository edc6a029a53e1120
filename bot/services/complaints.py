"""Complaints: filed with number, level, owner and deadline, answered, closed with the customer's agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.business.complaints import (
    Complaint,
    ComplaintEntry,
    ComplaintSignals,
    check_change,
    complaint_deadline,
    complaint_level,
    next_update_at,
    owner_role,
    signals_in,
)
from bot.business.refusals import InvalidValue, UnknownComplaint
from bot.business.safety import danger_in
from bot.services.paging import Page, PageWish, page_of, phone_filter, plate_filter
from bot.services.ports import UnitOfWork
from bot.services.promises import complaint_moved

_REPEATED_WITHIN = timedelta(days=90)
STATUSES = ("open", "answered", "closed")


@dataclass(frozen=True)
class ComplaintFile:
    """A complaint with its log."""

    complaint: Complaint
    log: tuple[ComplaintEntry, ...]


async def recent_complaints(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    customer_id: int | None = None,
    plates: Sequence[str] = (),
) -> list[Complaint]:
    """What the account or the customer has complained of in the last 90 days, open and closed, the newest first.

    So is what was said of their cars (`plates`) by nobody whom the dealer knows.
    """
    since = now - _REPEATED_WITHIN
    found = await uow.complaints.earlier_of(channel, user, customer_id, since)
    for plate in plates:
        found += [each for each in await uow.complaints.about_plate(plate, since) if each.customer_id is None]
    known = {each.id: each for each in found}
    return [known[key] for key in sorted(known, reverse=True)]


async def file_complaint(
    uow: UnitOfWork,
    now: datetime,
    *,
    channel: str,
    user: str,
    text: str,
    plate: str | None = None,
    customer_id: int | None = None,
    phone: str | None = None,
    signals: ComplaintSignals | None = None,
    level: int | None = None,
    came_by: str = "",
    by: str = "customer",
    note: str = "",
) -> Complaint:
    """The stored complaint with its number, level, owner and deadline (SERVICE_STANDARD §7).

    `signals` are what the dialogue noticed; the words, the customer's standing and earlier complaints add theirs.
    An agent who takes it down (`came_by`, `by`, with a `note` in the log) may choose another `level`.
    """
    person: dict[str, Any] = {"channel": channel, "user": user, "customer_id": customer_id}
    known = await known_signals(uow, now, text=text, **person) | (signals or ComplaintSignals())
    level = level or complaint_level(known)
    hours = await uow.calendar.load()
    complaint = await uow.complaints.add(
        status="open",
        level=level,
        owner=owner_role(level),
        text=text,
        plate=plate_filter(plate),
        phone=phone,
        **person,
        came_by=came_by,
        signals=asdict(known),
        created_at=now,
        deadline=complaint_deadline(level, now, hours),
        next_update_at=next_update_at(known, now, hours),
    )
    await uow.complaints.log(complaint.id, what="filed", note=note, by=by, time=now)
    await complaint_moved(uow, now, None, complaint)
    await uow.conversations.announce_topic("complaints")
    return complaint


async def add_to_complaint(uow: UnitOfWork, now: datetime, *, number: str, text: str, by: str) -> Complaint:
    """What somebody said later about the complaint, such as the wished solution, in its log.

    Words that make it more serious raise its level and give it that level's owner, unless a person by name has it;
    the promised deadline stays.
    """
    complaint = await _locked(uow, number)
    told = signals_in(text) | ComplaintSignals(safety=danger_in(text) is not None)
    known = ComplaintSignals(**complaint.signals) | told
    level = max(complaint.level, complaint_level(known))
    wish = f"{complaint.wish}\n{text}" if complaint.wish else text
    stays = level == complaint.level or complaint.has_named_owner
    owner = complaint.owner if stays else owner_role(level)
    await uow.complaints.change(complaint.id, wish=wish, level=level, owner=owner, signals=asdict(known))
    await uow.complaints.log(complaint.id, what="added", note=text, by=by, time=now)
    await uow.conversations.announce_topic("complaints")
    return await _locked(uow, number)


async def update_complaint(
    uow: UnitOfWork,
    now: datetime,
    *,
    number: str,
    by: str,
    status: str | None = None,
    owner: str | None = None,
    solution: str | None = None,
    note: str | None = None,
    customer_agreed: bool = False,
) -> Complaint:
    """The complaint after an answer, a new owner, a note or the closing.

    Another system knows what it told: with an agreement the answer counts as given. Raises UnknownComplaint,
    InvalidValue("status"), NotAllowed when closed without the customer's agreement.
    """
    if status is not None and status not in STATUSES:
        raise InvalidValue("status", "unknown_status")
    before = await _locked(uow, number)
    after = status or ("answered" if customer_agreed and before.status == "open" else before.status)
    check_change(before.status, after, customer_agreed or before.is_agreed)
    told_now = (after == "answered" or customer_agreed) and not before.is_answered
    values: dict[str, object] = {"status": after}
    values |= {name: value for name, value in (("owner", owner), ("solution", solution)) if value is not None}
    if after == "open" != before.status:
        values |= {"answered_at": None, "agreed_at": None, "closed_at": None}
    if told_now:
        values["answered_at"] = now
    if customer_agreed:
        values["agreed_at"] = now
    if after == "closed" != before.status:
        values["closed_at"] = now
    await uow.complaints.change(before.id, **values)
    await uow.complaints.log(before.id, what=after, note=note or solution or "", by=by, time=now)
    await uow.audit.write(now, actor=by, action="change", kind="complaint", subject=number)
    found = await _locked(uow, number)
    await complaint_moved(uow, now, before, found)
    await uow.conversations.announce_topic("complaints")
    return found


async def list_complaints(
    uow: UnitOfWork,
    now: datetime,
    wish: PageWish,
    *,
    actor: str,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
    level: int | None = None,
) -> Page[Complaint]:
    """One page of complaints, each one shown audited; raises InvalidValue("status")."""
    if status is not None and status not in STATUSES:
        raise InvalidValue("status", "unknown_status")
    page = await page_of(
        wish,
        lambda after, limit: uow.complaints.page(
            plate=plate_filter(plate), phone=phone_filter(phone), status=status, level=level, after=after, limit=limit
        ),
    )
    await uow.audit.write_many(
        now, actor=actor, action="list", kind="complaint", subjects=[each.number for each in page.items]
    )
    return page


async def get_complaint(uow: UnitOfWork, now: datetime, *, number: str, actor: str) -> ComplaintFile:
    """One complaint with its log, audited; raises UnknownComplaint."""
    complaint = await uow.complaints.find(number)
    if complaint is None:
        raise UnknownComplaint(number)
    await uow.audit.write(now, actor=actor, action="read", kind="complaint", subject=number)
    return ComplaintFile(complaint, tuple(await uow.complaints.entries(complaint.id)))


async def late_complaints(uow: UnitOfWork, now: datetime) -> list[Complaint]:
    """Open complaints past their deadline that nobody was alerted about yet."""
    return await uow.complaints.late(now)


async def escalate_complaint(uow: UnitOfWork, now: datetime, *, number: str) -> Complaint:
    """The late complaint marked as reported to the management, with a line in its log; raises UnknownComplaint."""
    complaint = await _locked(uow, number)
    await uow.complaints.change(complaint.id, escalated_at=now)
    await uow.complaints.log(complaint.id, what="escalated", note="", by="bot", time=now)
    return complaint


async def known_signals(
    uow: UnitOfWork, now: datetime, *, channel: str, user: str, customer_id: int | None, text: str
) -> ComplaintSignals:
    """What the words, the customer's standing and their earlier complaints say of how serious it is."""
    customer = await uow.customers.get(customer_id) if customer_id is not None else None
    earlier = await uow.complaints.earlier_of(channel, user, customer_id, now - _REPEATED_WITHIN)
    return signals_in(text) | ComplaintSignals(
        safety=danger_in(text) is not None, vip=customer is not None and customer.vip, repeated=bool(earlier)
    )


async def _locked(uow: UnitOfWork, number: str) -> Complaint:
    complaint = await uow.complaints.by_number(number)
    if complaint is None:
        raise UnknownComplaint(number)
    return complaint
