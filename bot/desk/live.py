"""Live events of the desk: one stream a page tells what has changed, whichever copy of the bot changed it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from bot.api.context import Context, Here
from bot.business.staff import Permission
from bot.desk.access import COOKIE, Signed, SignedIn, idle_time
from bot.desk.alert_words import for_agent
from bot.desk.changes import STAFF
from bot.desk.rows import event, rows_of
from bot.messages.inbox import real_now
from bot.messages.news import Watcher, heard_within
from bot.services.agents import Session, session_of

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
async def events(request: Request, signed: Signed, here: Here, since: str = "") -> Response:
    """Server-sent events: topic, conversation, row (of the queue), counts, looking, alert.

    `since` is what the page knew when it was drawn. A page that was cut off fetches all anew by itself.
    """
    if "last-event-id" in request.headers:
        since = ""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, signed, here, since), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, signed: SignedIn, here: Context, since: str) -> AsyncIterator[str]:
    yield "retry: 1500\nid: 1\n\n"
    looked, counts = time.monotonic(), ""
    with here.news.watching(since) as watcher:
        while True:  # cancelled when the page goes away
            topics = watcher.take() if await _heard(watcher) else [": still here"]
            if STAFF in topics or time.monotonic() - looked >= _STILL_HERE:
                session, looked = await _session(here, request), time.monotonic()
                if session is None:
                    return
                signed = replace(signed, agent=session.agent)
            found = [await _event_of(request, signed, here, topic) for topic in topics]
            before, counts = counts, await _counts(request, signed, here)
            yield "".join([told for told in found if told is not None] + [counts] * (counts != before))


async def _heard(watcher: Watcher) -> bool:
    if not await heard_within(watcher.event, _STILL_HERE):
        return False
    await asyncio.sleep(_GATHER)
    return True


async def _session(here: Context, request: Request) -> Session | None:
    """The session as it is now; None when the agent has signed out, was idle too long or may no longer sign in."""
    token = request.cookies.get(COOKIE, "")
    async with here.store.reading() as uow:
        return await session_of(uow, real_now(), token=token, idle=idle_time(here))


async def _event_of(request: Request, signed: SignedIn, here: Context, topic: str) -> str | None:
    if topic.startswith(":"):
        return f"{topic}\n\n"
    may_read = signed.agent.may(Permission.CONVERSE)
    if topic.startswith(CONVERSATION):
        key = int(topic.removeprefix(CONVERSATION))
        return await rows_of(request).of(request, signed, here, key) if may_read else None
    if topic.startswith(LOOKING):
        _, key_text, word, name = topic.split(" ", 3)
        return event("looking", {"id": int(key_text), "word": word, "name": name}) if may_read else None
    if topic.startswith(ALERT):
        alert = for_agent(json.loads(topic.removeprefix(ALERT)), signed.agent) if may_read else None
        return None if alert is None else event("alert", alert)
    return f"event: topic\ndata: {topic}\n\n"


async def _counts(request: Request, signed: SignedIn, here: Context) -> str:
    if not signed.agent.may(Permission.CONVERSE):
        return ""
    counts = await rows_of(request).counts(here)
    return event("counts", counts.for_agent(signed.agent.name))
