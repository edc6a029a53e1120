"""Complaints: the board by level and by what is due first, and the page of one with all that is done about it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.complaints import KINDS, YES_WAYS, Complaint, decides
from bot.business.refusals import InvalidValue, UnknownComplaint
from bot.business.spoken import time_text
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.changes import change
from bot.desk.forms import Once
from bot.desk.pages import PREFIX, page
from bot.desk.words import N_
from bot.messages.saying import say
from bot.services.complaint_closing import close_complaint, record_yes, reopen_complaint
from bot.services.complaint_files import complaint_board, complaint_dossier, conversation_of
from bot.services.complaint_words import ask_to_pass_on, reachable, told, told_elsewhere
from bot.services.complaint_work import (
    annotate,
    assign,
    classify,
    offer_solution,
    promise_news,
    raise_level,
    reveal_phone,
)

router = APIRouter(prefix="/complaints", dependencies=[allowed(Permission.COMPLAINTS)])
Number = Annotated[str, Path(max_length=40)]
Words = Annotated[str, Form(max_length=4000)]
Reason = Annotated[str, Form(max_length=4000)]
Code = Annotated[str, Form(max_length=40)]
_ASKED = N_("投诉 {number} 由 {owner} 负责，请把这个会话转交给 {owner}。")
Change = Callable[[Any, datetime], Awaitable[Any]]


@router.get("")
async def show_board(
    request: Request, signed: Signed, here: Here, scope: Annotated[str, Query(max_length=10)] = "open"
) -> Response:
    """The board; `scope` open, mine or all."""
    return page(request, signed, "complaints.html", **await _board(here, signed, scope))


@router.get("/board")
async def show_columns(
    request: Request, signed: Signed, here: Here, scope: Annotated[str, Query(max_length=10)] = "open"
) -> Response:
    """The columns alone, for a board that is open."""
    return page(request, signed, "_complaints_board.html", **await _board(here, signed, scope, again=True))


@router.get("/{number}")
async def show_complaint(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """One complaint."""
    return page(request, signed, "complaint.html", **await _dossier(here, signed, number))


@router.get("/{number}/state")
async def show_state(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """Where it stands, for a page that is open."""
    return page(request, signed, "_complaint_state.html", **await _dossier(here, signed, number, again=True))


@router.get("/{number}/log")
async def show_log(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """What was done about it, for a page that is open."""
    return page(request, signed, "_complaint_log.html", **await _dossier(here, signed, number, again=True))


@router.get("/{number}/answers")
async def show_answers(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """What the customer has written since a solution was offered."""
    return page(request, signed, "_complaint_answers.html", **await _dossier(here, signed, number, again=True))


@router.get("/{number}/chat")
async def show_chat(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """What was said in the chat since it was filed, and who has the chat."""
    return page(request, signed, "_complaint_chat.html", **await _dossier(here, signed, number, again=True))


@router.post("/{number}/ask-chat")
async def ask_for_chat(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """Who has the chat is asked by a note there to pass it on to who is responsible."""

    async def ask(uow: Any, now: datetime) -> None:
        await ask_to_pass_on(uow, now, number=number, agent=signed.agent, words=_ASKED)

    return await _changed(request, here, signed, number, ask)


@router.post("/{number}/reveal", dependencies=[allowed(Permission.REVEAL)])
async def show_phone(request: Request, number: Number, signed: Signed, here: Here) -> Response:
    """The whole phone number in its place on the page, or the page with it."""
    async with here.store.transaction() as uow:
        whole = await reveal_phone(uow, here.clock.now(), number=number, agent=signed.agent)
    if "hx-request" in request.headers:
        return page(request, signed, "_complaint_phone.html", whole_phone=whole)
    return page(request, signed, "complaint.html", whole_phone=whole, **await _dossier(here, signed, number))


@router.post("/{number}/owner")
async def set_owner(
    request: Request, number: Number, owner: Code, signed: Signed, here: Here, reason: Reason = ""
) -> Response:
    """Who is responsible."""
    by: dict[str, Any] = {"number": number, "agent": signed.agent, "owner": owner, "reason": reason}
    return await _changed(request, here, signed, number, lambda uow, now: assign(uow, now, **by))


@router.post("/{number}/note")
async def add_note(request: Request, number: Number, text: Words, signed: Signed, here: Here) -> Response:
    """A line that only agents see."""
    by: dict[str, Any] = {"number": number, "agent": signed.agent, "text": text}
    return await _changed(request, here, signed, number, lambda uow, now: annotate(uow, now, **by))


@router.post("/{number}/kind")
async def set_kind(request: Request, number: Number, kind: Code, signed: Signed, here: Here) -> Response:
    """What it is about."""
    by: dict[str, Any] = {"number": number, "agent": signed.agent, "kind": kind}
    return await _changed(request, here, signed, number, lambda uow, now: classify(uow, now, **by))


@router.post("/{number}/next-update")
async def set_next_update(
    request: Request,
    number: Number,
    at: Code,
    signed: Signed,
    here: Here,
    tell: Annotated[bool, Form()] = False,
    how: Reason = "",
) -> Response:
    """By when the customer hears next: told to them in the chat, or `how` else they were told."""
    moment = _moment(here, at, "at")

    async def promise(uow: Any, now: datetime) -> None:
        after = await promise_news(uow, now, number=number, agent=signed.agent, at=moment)
        if tell:
            await _tell(uow, now, here, signed, after, "utter_complaint_next_update", time=time_text(moment))
        else:
            await told_elsewhere(uow, now, after, signed.agent, how)

    return await _changed(request, here, signed, number, promise)


@router.post("/{number}/solution")
async def set_solution(
    request: Request,
    number: Number,
    solution: Words,
    due_at: Code,
    once: Once,
    signed: Signed,
    here: Here,
    tell: Annotated[bool, Form()] = False,
    how: Reason = "",
) -> Response:
    """A solution with its time and owner: sent to the customer's chat, told elsewhere as `how` says, else a draft."""
    offered: dict[str, Any] = {"number": number, "agent": signed.agent, "solution": solution, "once": once}
    offered |= {"due_at": _moment(here, due_at, "due_at"), "phrase": here.phrase if tell else None, "how": how}
    return await _changed(request, here, signed, number, lambda uow, now: offer_solution(uow, now, **offered))


@router.post("/{number}/level")
async def set_level(
    request: Request,
    number: Number,
    level: Annotated[int, Form(ge=1, le=3)],
    reason: Reason,
    signed: Signed,
    here: Here,
) -> Response:
    """A higher level, with the reason."""
    by: dict[str, Any] = {"number": number, "agent": signed.agent, "level": level, "reason": reason}
    return await _changed(request, here, signed, number, lambda uow, now: raise_level(uow, now, **by))


@router.post("/{number}/yes")
async def set_yes(
    request: Request,
    number: Number,
    answer: Code,
    signed: Signed,
    here: Here,
    note: Reason = "",
    solution: Reason = "",
    due_at: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """The customer's yes: `answer` is "message:ID" of theirs in the chat, or how else it came.

    Where they had not been told a solution before, the one agreed on comes with it.
    """
    way, _, key = answer.partition(":")
    by: dict[str, Any] = {"number": number, "agent": signed.agent, "note": note}
    by |= {"way": "chat", "message_id": _key(key)} if way == "message" else {"way": way}
    by |= {"solution": solution, "due_at": _moment(here, due_at, "due_at") if due_at else None}
    return await _changed(request, here, signed, number, lambda uow, now: record_yes(uow, now, **by))


@router.post("/{number}/close")
async def close(
    request: Request,
    number: Number,
    signed: Signed,
    here: Here,
    reason: Reason = "",
    tell: Annotated[bool, Form()] = False,
) -> Response:
    """Closed with the customer's yes, or for a supervisor's reason, of which they hear if they can be reached."""

    async def end(uow: Any, now: datetime) -> None:
        after = await close_complaint(uow, now, number=number, agent=signed.agent, reason=reason)
        if not after.is_agreed:
            if await reachable(uow, after):
                await _tell(uow, now, here, signed, after, "utter_complaint_closed_for_now")
        elif tell:
            await _tell(uow, now, here, signed, after, "utter_complaint_closed")

    return await _changed(request, here, signed, number, end)


@router.post("/{number}/reopen")
async def reopen(request: Request, number: Number, reason: Reason, signed: Signed, here: Here) -> Response:
    """Open again, with the reason."""
    by: dict[str, Any] = {"number": number, "agent": signed.agent, "reason": reason}
    return await _changed(request, here, signed, number, lambda uow, now: reopen_complaint(uow, now, **by))


async def _board(here: Context, signed: SignedIn, scope: str, again: bool = False) -> dict[str, Any]:
    async with here.store.transaction() as uow:
        lines = await complaint_board(uow, here.clock.now(), scope=scope, actor=signed.agent.name, again=again)
    columns = [(level, [each for each in lines if each.complaint.level == level]) for level in (3, 2, 1)]
    return {"columns": columns, "scope": scope, "count": len(lines)}


async def _dossier(here: Context, signed: SignedIn, number: str, again: bool = False) -> dict[str, Any]:
    now = here.clock.now()
    async with here.store.transaction() as uow:
        dossier = await complaint_dossier(uow, now, number=number, actor=signed.agent.name, again=again)
        agents = [each for each in await uow.agents.all() if each.active and each.may(Permission.COMPLAINTS)]
        hours = await uow.calendar.load()
    complaint = dossier.complaint
    is_mine = not complaint.has_named_owner or complaint.owner == signed.agent.name
    roles = {each.name: each.role for each in agents}
    owner_role = roles.get(complaint.owner, "")
    agent_decides = decides(signed.agent.role, complaint.level)
    return {
        "dossier": dossier,
        "complaint": complaint,
        "agents": [each.name for each in agents if each.name != complaint.owner],
        "may_act": is_mine or signed.agent.may(Permission.TAKE_FROM_OTHERS),
        "decides": agent_decides,
        "may_begin": complaint.has_named_owner or agent_decides,
        "owner_decides": not owner_role or decides(owner_role, complaint.level),
        "kinds": KINDS,
        "ways": [way for way in YES_WAYS if way != "chat"],
        "news_by": hours.add_working_time(now, 120),
        "once": secrets.token_hex(8),
        "solved_by": hours.add_working_time(now, 8 * 60),
    }


async def _changed(request: Request, here: Context, signed: SignedIn, number: str, doing: Change) -> Response:
    """The change made, and the complaint as it is now: its part of the page, or the page."""
    async with change(here, "complaints", conversation=await _conversation(here, number)) as uow:
        await doing(uow, here.clock.now())
    if "hx-request" in request.headers:
        return page(request, signed, "_complaint.html", **await _dossier(here, signed, number, again=True))
    return RedirectResponse(f"{PREFIX}/complaints/{number}", HTTPStatus.SEE_OTHER)


async def _conversation(here: Context, number: str) -> int | None:
    async with here.store.reading() as uow:
        complaint = await uow.complaints.find(number)
        if complaint is None:
            raise UnknownComplaint(number)
        found = await conversation_of(uow, complaint)
    return found.id if found else None


async def _tell(
    uow: Any, now: datetime, here: Context, signed: SignedIn, complaint: Complaint, response: str, **values: str
) -> None:
    notice = await told(uow, now, complaint, signed.agent, response, **values)
    phrase: Any = here.phrase
    await say(uow, now, phrase, notice)


def _moment(here: Context, given: str, field: str) -> datetime:
    """What a browser's field of day and time gives; raises InvalidValue."""
    try:
        moment = here.aware(datetime.fromisoformat(given))
    except ValueError:
        raise InvalidValue(field, "malformed") from None
    assert moment is not None  # noqa: S101 - only nothing gives nothing
    return moment


def _key(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
