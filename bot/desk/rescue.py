"""The rescue of a conversation: an agent sends help, completes the ticket, and says that it is arranged or over."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.refusals import InvalidValue, UnknownRescue
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.card import card_for
from bot.desk.changes import change
from bot.desk.pages import page
from bot.desk.words import N_
from bot.messages.saying import say
from bot.services.desk_rescues import report_rescue, send_help
from bot.services.notices import Said

router = APIRouter(prefix="/conversations/{key}/rescue", dependencies=[allowed(Permission.CONVERSE)])
Line = Annotated[str, Form(max_length=200)]
_DONE = {
    "open": N_("救援单已登记，已在聊天里告诉客户。"),
    "more": N_("救援单已补充。"),
    "arranged": N_("已登记安排好，已在聊天里告诉客户；到达时间请您直接告诉客户。"),
    "closed": N_("救援单已结束。"),
    "over": N_("救援单已结束，已在聊天里告诉客户。"),
}


@router.get("")
async def show_form(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """The form to send help, or to complete the ticket that is open."""
    return await _form(request, here, signed, key, {})


@router.post("")
async def send(
    request: Request,
    key: Id,
    signed: Signed,
    here: Here,
    place: Line = "",
    phone: Line = "",
    plate: Line = "",
    text: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Help is sent, or the open ticket knows more."""
    given = {"place": place, "phone": phone, "plate": plate, "text": text}
    try:
        async with change(here, conversation=key) as uow:
            _, said = await send_help(uow, here.clock.now(), conversation_id=key, agent=signed.agent.name, **given)
            await _tell(uow, here, said)
    except InvalidValue:
        return await _form(request, here, signed, key, given, HTTPStatus.UNPROCESSABLE_ENTITY)
    return page(request, signed, "_card_done.html", words=_DONE["open" if said else "more"])


@router.post("/state")
async def report(
    request: Request, key: Id, status: Annotated[str, Form(regex="^(arranged|closed)$")], signed: Signed, here: Here
) -> Response:
    """Help is arranged, or the rescue is over; raises UnknownRescue, NotAllowed."""
    async with change(here, conversation=key) as uow:
        conversation = await uow.conversations.get(key)
        rescue = await uow.rescues.open_of(conversation.channel, conversation.user) if conversation else None
        if rescue is None:
            raise UnknownRescue("")
        whose = {"number": rescue.number, "status": status, "agent": signed.agent.name}
        said = await report_rescue(uow, here.clock.now(), **whose)
        await _tell(uow, here, said)
    return page(request, signed, "_card_done.html", words=_DONE["over" if said and status == "closed" else status])


async def _tell(uow: Any, here: Context, said: Said) -> None:
    for notice in said:
        await say(uow, here.clock.now(), here.phrase, notice)


async def _form(
    request: Request, here: Context, signed: SignedIn, key: int, given: dict[str, str], status: int = HTTPStatus.OK
) -> Response:
    """What was typed, else what is known of the rescue, else what the chat has told."""
    async with here.store.transaction() as uow:
        card = await card_for(uow, here, signed, key)
        await uow.audit.write(here.clock.now(), actor=signed.agent.name, action="read", kind="card", subject=str(key))
    rescue, told = card.rescue, card.told
    known = {"place": "", "phone": told.phone, "plate": told.plate, "text": "，".join(told.symptoms.problem)}
    for name in ("place", "phone", "plate"):
        known[name] = (getattr(rescue, name) if rescue else None) or known[name]
    values = {"rescue": rescue, "given": given or known, "wrong": status != HTTPStatus.OK}
    return page(request, signed, "_rescue.html", status=status, key=key, **values)
