"""How much an agent may still say on WeChat, and the plea to the customer to write again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.refusals import UnknownConversation
from bot.business.staff import Permission
from bot.desk.access import Signed, allowed
from bot.desk.changes import change
from bot.desk.pages import page
from bot.messages.allowance import AllowanceRules
from bot.messages.allowances import Meter, allowance_of, ask_to_write
from bot.messages.inbox import real_now

router = APIRouter(prefix="/conversations/{key}/meter", dependencies=[allowed(Permission.CONVERSE)])


@router.get("")
async def show_meter(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """How many messages are left and until when; empty where nothing is counted."""
    async with here.store.reading() as uow:
        meter = await meter_for(uow, here, key)
        entry = await uow.desk_queue.get(key)
    unreachable = entry is not None and bool(entry.unreachable)  # the head says so; how many could be sent is idle then
    return page(request, signed, "_meter.html", meter=meter, key=key, unreachable=unreachable)


@router.post("/ask")
async def ask(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """The customer is asked for a word, if that makes sense still; the meter as it is then."""
    async with change(here, conversation=key) as uow:
        rules, now = await _rules(uow, here, key), here.clock.now()
        who: dict[str, Any] = {"conversation_id": key, "agent": signed.agent.name}
        await ask_to_write(uow, now, here.phrase, **who, rules=rules, real_now=real_now())
        meter = await meter_for(uow, here, key)
    return page(request, signed, "_meter.html", meter=meter, key=key, unreachable=False)


async def meter_for(uow: Any, here: Context, key: int) -> Meter:
    """The meter of this conversation; raises UnknownConversation."""
    rules = await _rules(uow, here, key)
    return await allowance_of(uow, key, rules, now=here.clock.now(), real_now=real_now())


async def _rules(uow: Any, here: Context, key: int) -> AllowanceRules | None:
    conversation = await uow.conversations.get(key)
    if conversation is None:
        raise UnknownConversation("id", str(key))
    channel = here.channels.get(conversation.channel)
    return channel.rules if channel is not None else None
