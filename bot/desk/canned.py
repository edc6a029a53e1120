"""Replies ready to send: everybody reads them, who may change them keeps the dealer's own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.canned import LONGEST_TEXT, LONGEST_TITLE, VARIABLES, filled
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.changes import change
from bot.desk.pages import PREFIX, page
from bot.services.canned import add_reply, canned_replies, change_reply, remove_reply

router = APIRouter(prefix="/canned")
Title = Annotated[str, Form(max_length=200)]
Text = Annotated[str, Form(max_length=4000)]
_MAY_CHANGE = [allowed(Permission.CANNED)]


@router.get("")
async def show_replies(request: Request, signed: Signed, here: Here) -> Response:
    """All replies, as agents see them before anything is filled in."""
    return page(request, signed, "canned.html", **await _replies(here))


@router.get("/list")
async def show_list(request: Request, signed: Signed, here: Here) -> Response:
    """The replies alone, for a page that is open."""
    return page(request, signed, "_canned.html", **await _replies(here))


@router.post("", dependencies=_MAY_CHANGE)
async def add(request: Request, title: Title, text: Text, signed: Signed, here: Here) -> Response:
    """One more of the dealer's own."""
    async with change(here, "canned") as uow:
        await add_reply(uow, here.clock.now(), title=title, text=text, actor=signed.agent.name)
    return await _shown(request, signed, here)


@router.post("/{key}", dependencies=_MAY_CHANGE)
async def save(request: Request, key: Id, title: Title, text: Text, signed: Signed, here: Here) -> Response:
    """Other words for one of the dealer's own."""
    async with change(here, "canned") as uow:
        await change_reply(uow, here.clock.now(), reply_id=key, title=title, text=text, actor=signed.agent.name)
    return await _shown(request, signed, here)


@router.post("/{key}/remove", dependencies=_MAY_CHANGE)
async def remove(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """One of the dealer's own less."""
    async with change(here, "canned") as uow:
        await remove_reply(uow, here.clock.now(), reply_id=key, actor=signed.agent.name)
    return await _shown(request, signed, here)


async def _shown(request: Request, signed: SignedIn, here: Context) -> Response:
    if "hx-request" in request.headers:
        return page(request, signed, "_canned.html", **await _replies(here))
    return RedirectResponse(f"{PREFIX}/canned", HTTPStatus.SEE_OTHER)


async def _replies(here: Context) -> dict[str, Any]:
    async with here.store.reading() as uow:
        replies = await canned_replies(uow, here.phrase)
    return {
        "built_in": [(each, filled(each.text, {})) for each in replies if each.own is None],
        "own": [(each, filled(each.text, {})) for each in replies if each.own is not None],
        "variables": list(VARIABLES.values()),
        "longest": {"title": LONGEST_TITLE, "text": LONGEST_TEXT},
    }
