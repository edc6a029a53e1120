"""The form for a complaint told by telephone or at the counter; its level is suggested while the words are typed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.complaints import CAME_BY, IN_THE_CHAT, Complaint, decides
from bot.business.refusals import Refusal
from bot.business.spoken import time_text
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.forms import form_of, saved
from bot.desk.pages import PREFIX, page
from bot.desk.troubles import sentence_of
from bot.messages.saying import say
from bot.services.complaint_filing import LEVELS, Told, readable, take_down, told_in_chat, weigh
from bot.services.complaint_words import reachable
from bot.services.complaint_words import told as notice_of

router = APIRouter(prefix="/complaints", dependencies=[allowed(Permission.COMPLAINTS)])
Key = Annotated[int | None, Query(ge=1, le=2**62)]
_SUGGESTED = ""


@router.get("/new")
async def show_form(
    request: Request, signed: Signed, here: Here, customer: Key = None, vehicle: Key = None, conversation: Key = None
) -> Response:
    """The empty form; from a customer's, a vehicle's or a conversation's page it knows whose the complaint is."""
    keys = {"customer_id": customer, "conversation_id": conversation}
    given = {name: str(key) for name, key in keys.items() if key is not None}
    async with here.store.transaction() as uow:
        if vehicle is not None:
            found = await uow.vehicles.get(vehicle)
            given["plate"] = (found.plate or "") if found else ""
        if conversation is not None:
            told = await told_in_chat(uow, here.clock.now(), conversation, actor=signed.agent.name)
            given["text"] = told.text
    return await _form(request, here, signed, given)


@router.post("/weigh")
async def show_weighed(request: Request, signed: Signed, here: Here) -> Response:
    """Whose it is and how serious, of what is typed so far."""
    given = await form_of(request)
    return page(request, signed, "_complaint_weighed.html", **await _weighed(here, signed, given))


@router.post("/new")
async def save_form(request: Request, signed: Signed, here: Here) -> Response:
    """The complaint's page once it is taken down; the form again with a sentence when something is not right."""
    given = await form_of(request)

    async def save(uow: Any, now: datetime) -> Complaint:
        filed = await take_down(uow, now, _told(given), agent=signed.agent, mine="mine" in given)
        if "tell" in given and await reachable(uow, filed):
            deadline = time_text(filed.deadline)
            values = {"level": str(filed.level), "deadline": deadline}
            notice = await notice_of(uow, now, filed, signed.agent, "utter_complaint_registered", **values)
            phrase: Any = here.phrase
            await say(uow, now, phrase, notice)
        return filed

    async def again(refusal: Refusal) -> Response:
        return await _form(request, here, signed, given, refusal=refusal)

    return await saved(here, save, "complaints", then=_to_complaint, again=again)


def _to_complaint(filed: Complaint) -> Response:
    return RedirectResponse(f"{PREFIX}/complaints/{filed.number}", HTTPStatus.SEE_OTHER)


async def _form(
    request: Request, here: Context, signed: SignedIn, given: dict[str, str], refusal: Refusal | None = None
) -> Response:
    words, values = sentence_of(refusal) if refusal else ("", {})
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    weighed = await _weighed(here, signed, given)
    ways = (IN_THE_CHAT, *CAME_BY) if given.get("conversation_id") else CAME_BY
    shown = {"given": given, "ways": ways, "words": words, "values": values, **weighed}
    return page(request, signed, "complaint_new.html", status=status, **shown)


async def _weighed(here: Context, signed: SignedIn, given: dict[str, str]) -> dict[str, Any]:
    """What the form says of whose it is and how serious; what cannot be read yet tells nothing."""
    async with here.store.transaction() as uow:
        found = await weigh(uow, here.clock.now(), readable(_told(given)), actor=signed.agent.name)
        shut = found.conversation is not None and await uow.conversations.is_unreachable(found.conversation.id)
    chosen = _number(given.get("level", _SUGGESTED)) or found.level
    level = chosen if chosen in LEVELS else found.level
    return {
        "weighed": found,
        "signals": asdict(found.signals),
        "level": level,
        "may_take": decides(signed.agent.role, level),
        "unreachable": shut,
        "given": given,
    }


def _told(given: dict[str, str]) -> Told:
    return Told(
        text=given.get("text", ""),
        came_by=given.get("came_by", ""),
        plate=given.get("plate", ""),
        phone=given.get("phone", ""),
        customer_id=_number(given.get("customer_id", "")),
        conversation_id=_number(given.get("conversation_id", "")),
        level=_number(given.get("level", _SUGGESTED)),
        reason=given.get("reason", ""),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
