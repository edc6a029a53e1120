"""What an open conversation shows beside the queue: head, transcript, meter and card, all in one answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed, idle_time
from bot.desk.card import card_for
from bot.desk.meter import meter_for
from bot.desk.pages import page
from bot.messages.inbox import real_now
from bot.services.desk_conversations import colleagues_of, head_of, transcript

router = APIRouter(prefix="/conversations/{key}", dependencies=[allowed(Permission.CONVERSE)])


@router.get("/news")
async def show_news(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """All parts as they are now, for a page that is open when something has happened. Reading them is audited."""
    async with here.store.reading() as uow:
        parts = await parts_of(uow, here, signed, key)
    async with here.store.transaction() as uow:
        await uow.desk_queue.read_by_agent(key)
        await note_card(uow, here, signed, key)
    return page(request, signed, "_news.html", **parts)


async def parts_of(uow: Any, here: Context, signed: SignedIn, key: int) -> dict[str, Any]:
    """What the parts show; raises UnknownConversation."""
    head = await head_of(uow, key)
    lines, earlier = await transcript(uow, conversation_id=key)
    colleagues = await colleagues_of(uow, real_now(), agent=signed.agent, idle=idle_time(here))
    own = {signed.agent.team} if signed.agent.team else set()
    return {
        "key": key,
        "head": head,
        "lines": lines,
        "earlier": earlier,
        "card": await card_for(uow, here, signed, key),
        "meter": await meter_for(uow, here, key),
        "unreachable": bool(head.unreachable),
        "colleagues": colleagues,
        "teams": sorted(own | {each.agent.team for each in colleagues if each.agent.team}),
    }


async def note_card(uow: Any, here: Context, signed: SignedIn, key: int) -> None:
    """The audit log knows who has read the card."""
    await uow.audit.write(here.clock.now(), actor=signed.agent.name, action="read", kind="card", subject=str(key))
