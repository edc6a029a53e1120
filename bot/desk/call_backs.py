"""Calls that are owed, from the conversation: the number to call, and what became of the call."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from bot.api.context import Here
from bot.api.fields import Id
from bot.business.staff import Permission
from bot.desk.access import Signed, allowed
from bot.desk.changes import change
from bot.desk.pages import page
from bot.desk.toasts import said
from bot.desk.words import N_
from bot.services.call_backs import GOES_ON, MISSED, SETTLED, called_back, reveal_phone

router = APIRouter(prefix="/conversations/{key}", dependencies=[allowed(Permission.CONVERSE)])
_SAID = {
    SETTLED: N_("已记下回电并办结，会话在“已结束”里。"),
    GOES_ON: N_("已记下回电，客户由您继续接待。"),
    MISSED: N_("已记下没有打通，还在“需回电”里。"),
}


@router.post("/phone", dependencies=[allowed(Permission.REVEAL)])
async def show_phone(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """The whole number in its place, which is noted."""
    async with here.store.transaction() as uow:
        phone = await reveal_phone(uow, here.clock.now(), conversation_id=key, agent=signed.agent.name)
    return page(request, signed, "_call_phone.html", phone=phone)


@router.post("/called")
async def note_call(
    key: Id,
    signed: Signed,
    here: Here,
    text: Annotated[str, Form(max_length=500)],
    result: Annotated[str, Form(max_length=20)] = GOES_ON,
) -> Response:
    """What became of the call, with a word that colleagues read."""
    async with change(here, conversation=key) as uow:
        await called_back(
            uow, here.clock.now(), conversation_id=key, agent=signed.agent.name, result=result, text=text
        )
    return said(signed, _SAID[result])
