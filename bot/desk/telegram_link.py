"""How an agent becomes known in the Telegram group: a code to send there."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.staff import Permission
from bot.desk.access import Signed, allowed
from bot.desk.pages import PREFIX, page
from bot.messages.inbox import real_now
from bot.services.telegram_links import GOOD_FOR, link_code, unlink

router = APIRouter(prefix="/profile/telegram", dependencies=[allowed(Permission.CONVERSE)])


@router.get("")
async def show_link(request: Request, signed: Signed, here: Here) -> Response:
    """Whether the agent is known in the group, and how to become so."""
    return page(request, signed, "telegram_link.html", code=None, is_on=_is_on(here))


@router.post("")
async def give_code(request: Request, signed: Signed, here: Here) -> Response:
    """A new code, shown once."""
    async with here.store.transaction() as uow:
        code = await link_code(uow, real_now(), agent=signed.agent)
    minutes = int(GOOD_FOR.total_seconds() // 60)
    return page(request, signed, "telegram_link.html", code=code, minutes=minutes, is_on=_is_on(here))


@router.post("/remove")
async def remove_link(signed: Signed, here: Here) -> Response:
    """The agent is no longer known there."""
    async with here.store.transaction() as uow:
        await unlink(uow, here.clock.now(), agent=signed.agent)
    return RedirectResponse(f"{PREFIX}/profile/telegram", HTTPStatus.SEE_OTHER)


def _is_on(here: Context) -> bool:
    telegram = here.settings.telegram
    return telegram is not None and telegram.agent_chat_id is not None
