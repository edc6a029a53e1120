"""Live events of the desk: one stream a page tells what has changed, whichever copy of the bot changed it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from bot.api.context import Context, Here
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, idle_time
from bot.desk.rows import row_of
from bot.messages.inbox import real_now
from bot.messages.news import Watcher, heard_within
from bot.services.agents import session_of

router = APIRouter()
_STILL_HERE = 15.0
# Changes that come together are told together.
_GATHER = 0.08
CONVERSATION, LOOKING, ALERT = "conversation ", "looking ", "alert "


@router.get("/here")
async def note_presence(_: Signed) -> Response:
    """The agent uses the page; nothing else."""
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/events")
async def events(request: Request, signed: Signed, here: Here) -> Response:
    """Server-sent events: topic, conversation, row (of the queue), looking, alert."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, signed, here), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, signed: SignedIn, here: Context) -> AsyncIterator[str]:
    yield "retry: 1500\n\n"
    with here.news.watching() as watcher:
        while True:  # cancelled when the page goes away
            if await _heard(watcher):
                for topic in watcher.take():
                    if (told := await _event_of(request, signed, here, topic)) is not None:
                        yield told
            elif await _ended(signed, here, request):
                return
            else:
                yield ": still here\n\n"


async def _heard(watcher: Watcher) -> bool:
    if not await heard_within(watcher.event, _STILL_HERE):
        return False
    await asyncio.sleep(_GATHER)
    return True


async def _ended(signed: SignedIn, here: Context, request: Request) -> bool:
    """Whether the agent has signed out, was idle too long or may no longer sign in."""
    token = request.cookies.get("desk", "")
    async with here.store.reading() as uow:
        return await session_of(uow, real_now(), token=token, idle=idle_time(here)) is None


async def _event_of(request: Request, signed: SignedIn, here: Context, topic: str) -> str | None:
    may_read = signed.agent.may(Permission.CONVERSE)
    if topic.startswith(CONVERSATION):
        key = int(topic.removeprefix(CONVERSATION))
        return await _conversation_events(request, signed, here, key) if may_read else None
    if topic.startswith(LOOKING):
        _, key_text, word, name = topic.split(" ", 3)
        return _event("looking", {"id": int(key_text), "word": word, "name": name}) if may_read else None
    if topic.startswith(ALERT):
        return _event("alert", json.loads(topic.removeprefix(ALERT))) if may_read else None
    return f"event: topic\ndata: {topic}\n\n"


async def _conversation_events(request: Request, signed: SignedIn, here: Context, key: int) -> str:
    row = await row_of(request, signed, here, key)
    told = _event("conversation", {"id": key})
    return told if row is None else told + _event("row", row)


def _event(kind: str, data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
