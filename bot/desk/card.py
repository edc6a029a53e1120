"""The hand-off card beside a conversation."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.refusals import UnknownConversation
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.pages import page
from bot.services.canned import ready_replies
from bot.services.handoff_card import Card, card_of, words_of

router = APIRouter(prefix="/conversations/{key}/ready", dependencies=[allowed(Permission.CONVERSE)])


@router.get("")
async def show_ready(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """The replies ready to send, filled with what the card knows; what is not known stays visible as 【…】."""
    async with here.store.reading() as uow:
        card = await card_for(uow, here, signed, key)
        replies = await ready_replies(uow, here.phrase, {**words_of(card), "agent": signed.agent.name})
    return page(request, signed, "_ready.html", replies=replies, key=key)


async def card_for(uow: Any, here: Context, signed: SignedIn, key: int) -> Card:
    """The card of this conversation, for the agent who is signed in; raises UnknownConversation."""
    now = here.clock.now()
    card = await card_of(uow, now, here.phrase, conversation_id=key, agent=signed.agent.name)
    if card is None:
        raise UnknownConversation("id", str(key))
    return card
