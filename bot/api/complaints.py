"""/api/v1/complaints: what customers are dissatisfied with, who owns it, by when it is settled."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Extra, StrictBool

from bot.api.actor import Actor
from bot.api.context import Context, Here
from bot.api.fields import Name, Note, Words
from bot.api.lists import Wished, listed
from bot.business.complaints import Complaint, ComplaintSignals
from bot.services import complaints

Level = Annotated[int | None, Query(ge=1, le=3)]

router = APIRouter(prefix="/complaints", tags=["complaints"])


class NewComplaint(BaseModel, extra=Extra.forbid):
    """A complaint that came another way, such as by telephone."""

    text: Words
    plate: Name | None = None
    phone: Name | None = None
    channel: Name = Name("rest")
    user: Name | None = None
    safety: StrictBool = False
    media: StrictBool = False
    legal: StrictBool = False
    wants_superior: StrictBool = False


class ComplaintChange(BaseModel, extra=Extra.forbid):
    """An answer, another owner, a note, or the closing (with the customer's agreement)."""

    status: Name | None = None
    owner: Name | None = None
    solution: Words | None = None
    note: Note | None = None
    customer_agreed: StrictBool = False


@router.get("")
async def list_complaints(
    here: Here,
    wish: Wished,
    actor: Actor,
    plate: str | None = None,
    phone: str | None = None,
    status: str | None = None,
    level: Level = None,
) -> dict[str, Any]:
    """Complaints by the order they were filed."""
    async with here.store.transaction() as uow:
        page = await complaints.list_complaints(
            uow, here.clock.now(), wish, actor=actor, plate=plate, phone=phone, status=status, level=level
        )
    return listed(page, lambda each: view(each, here))


@router.get("/{number}")
async def get_complaint(number: str, here: Here, actor: Actor) -> dict[str, Any]:
    """One complaint with its log."""
    async with here.store.transaction() as uow:
        return await _whole(uow, number, here, actor)


@router.post("", status_code=201)
async def file_complaint(wish: NewComplaint, here: Here) -> dict[str, Any]:
    """Files it: number, level, owner and deadline come back."""
    signals = ComplaintSignals(
        safety=wish.safety, media=wish.media, legal=wish.legal, wants_superior=wish.wants_superior
    )
    async with here.store.transaction() as uow:
        complaint = await complaints.file_complaint(
            uow,
            here.clock.now(),
            channel=wish.channel,
            user=_user(wish),
            text=wish.text,
            plate=wish.plate,
            phone=wish.phone,
            signals=signals,
        )
    here.news.tell_topic("complaints")
    return view(complaint, here)


@router.patch("/{number}")
async def change_complaint(number: str, wish: ComplaintChange, here: Here, actor: Actor) -> dict[str, Any]:
    """Answers, reassigns, annotates or closes it."""
    async with here.store.transaction() as uow:
        await complaints.update_complaint(uow, here.clock.now(), number=number, by=actor, **wish.dict())
        whole = await _whole(uow, number, here, actor)
    here.news.tell_topic("complaints")
    return whole


def _user(wish: NewComplaint) -> str:
    """Who complains: different people who telephoned must not count as one who complains again and again."""
    return wish.user or wish.phone or wish.plate or f"api-{secrets.token_hex(6)}"


async def _whole(uow: Any, number: str, here: Context, actor: str) -> dict[str, Any]:
    file = await complaints.get_complaint(uow, here.clock.now(), number=number, actor=actor)
    log = [{"what": entry.what, "note": entry.note, "by": entry.by, "time": here.iso(entry.time)} for entry in file.log]
    return {**view(file.complaint, here), "log": log}


def view(complaint: Complaint, here: Context) -> dict[str, Any]:
    """A complaint as DESIGN §4 Values draws it."""
    return {
        "number": complaint.number,
        "status": complaint.status,
        "level": complaint.level,
        "deadline": here.iso(complaint.deadline),
        "owner": complaint.owner,
        "text": complaint.text,
        "plate": complaint.plate,
        "phone": complaint.phone,
        "channel": complaint.channel,
        "user": complaint.user,
        "signals": sorted(name for name, given in complaint.signals.items() if given),
        "wish": complaint.wish,
        "solution": complaint.solution,
        "created_at": here.iso(complaint.created_at),
        "next_update_at": here.iso(complaint.next_update_at),
        "answered_at": here.iso(complaint.answered_at),
        "closed_at": here.iso(complaint.closed_at),
    }
