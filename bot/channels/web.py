"""The web chat: one page, a signed cookie that says who writes, messages in and out without reloading."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Query, Request, Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, Extra, StrictStr
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.staticfiles import StaticFiles

from bot.api.context import Context, Here
from bot.api.conversations import message_view
from bot.api.fields import Id, Name
from bot.api.problems import Problem
from bot.business.conversations import BOT, IMAGE, Message
from bot.business.pictures import JPEG, PNG, WEBP
from bot.channels.rest import check_length
from bot.messages.news import heard_within

CHANNEL = "web"
COOKIE = "chat"
FILES = Path(__file__).parent / "webchat"
_YEAR = 365 * 24 * 3600
_HISTORY = 100
# Without news another process may have written; this is how long that can go unseen.
_LOOK_EVERY = 2.0
_SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

_PICTURES = (JPEG, PNG, WEBP)
_PICTURE = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}

After = Annotated[int, Query(ge=0, le=2**62)]

router = APIRouter(include_in_schema=False)


class WebMessage(BaseModel, extra=Extra.forbid):
    """What the page sends; a retry carries the same `id` and acts once."""

    id: Name
    text: StrictStr


def install(app: FastAPI) -> None:
    """Serve the page's own style and script."""
    app.mount("/webchat", StaticFiles(directory=FILES), name="webchat")


@router.get("/")
async def page(request: Request, here: Here) -> HTMLResponse:
    """The chat page; a new visitor gets a name of their own in a signed cookie."""
    answer = HTMLResponse((FILES / "page.html").read_text(encoding="utf-8"), headers=_SECURITY)
    answer.headers["Cache-Control"] = "no-cache"
    if _user_in(request, here) is None:
        name = secrets.token_urlsafe(12)
        secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        value = _signer(here).dumps(name)
        answer.set_cookie(COOKIE, value, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/chat/messages", status_code=HTTPStatus.ACCEPTED)
async def send(posted: WebMessage, request: Request, here: Here) -> dict[str, Any]:
    """Store the message and start its turn; what is said to it comes through the events."""
    user = _user(request, here)
    _check_origin(request)
    check_length(posted.text, here)
    delivery = await here.inbox.receive(channel=CHANNEL, user=user, text=posted.text, platform_id=posted.id)
    if delivery.claim is not None:
        here.router.run(delivery.claim)
    here.news.tell(delivery.conversation.id)
    return {"id": delivery.message_id, "owner": delivery.conversation.owner}


@router.get("/chat/events")
async def events(request: Request, here: Here, after: After = 0) -> Response:
    """Server-sent events: `message` for each message, `status` when owner or busyness changes."""
    user = _user(request, here)
    last_seen = request.headers.get("last-event-id", "")
    start = int(last_seen) if last_seen.isdigit() and len(last_seen) < 19 else max(0, after)
    stream = _stream(user, start, here)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@router.get("/chat/media/{media_id}")
async def show_picture(media_id: Id, request: Request, here: Here) -> Response:
    """A picture of the visitor's own conversation; for everybody else there is no such file."""
    user = _user(request, here)
    async with here.store.reading() as uow:
        file = await uow.media.get(media_id)
        message = await uow.messages.get(file.message_id) if file is not None and file.content is not None else None
        conversation = await uow.conversations.find(CHANNEL, user)
    if conversation is None or message is None or message.conversation_id != conversation.id:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no such picture.")
    if file.ref.mime not in _PICTURES:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no such picture.")
    return Response(file.content, media_type=file.ref.mime, headers=_PICTURE)


async def _stream(user: str, after: int, here: Context) -> AsyncIterator[str]:
    """Everything after the message `after`, as it comes; the first call makes the conversation."""
    async with here.store.transaction() as uow:
        conversation_id = (await uow.conversations.ensure(CHANNEL, user, here.clock.now())).id
    yield "retry: 1500\n\n"
    status: dict[str, Any] | None = None
    quiet = 0.0
    with here.news.listening(conversation_id) as event:
        while True:  # cancelled when the page goes away
            messages, files, now = await _look(conversation_id, after, here)
            for message in messages:
                after = message.id
                yield _event("message", _shown(message, files, here), message.id)
            if now != status:
                status = now
                yield _event("status", now)
            if len(messages) == _HISTORY:
                continue
            if await heard_within(event, _LOOK_EVERY):
                quiet = 0.0
                continue
            quiet += _LOOK_EVERY
            if quiet >= 15:
                quiet = 0.0
                yield ": still here\n\n"


async def _look(conversation_id: int, after: int, here: Context) -> tuple[list[Message], list[Any], dict[str, Any]]:
    async with here.store.reading() as uow:
        if after:
            messages = await uow.messages.after(conversation_id, after, _HISTORY)
        else:
            messages = await uow.messages.latest(conversation_id, _HISTORY)
        files = await uow.media.of_messages([each.id for each in messages if each.kind == IMAGE])
        conversation = await uow.conversations.get(conversation_id)
        waits = await uow.turns.waits(conversation_id)
    owner = conversation.owner if conversation else BOT
    agent = conversation.agent if conversation else None
    return messages, files, {"owner": owner, "agent": agent, "busy": waits and owner == BOT}


def _shown(message: Message, files: Sequence[Any], here: Context) -> dict[str, Any]:
    """The message with its pictures and the id that the page gave it, so that the page finds its own again."""
    own = [file for file in files if file.message_id == message.id]
    return {**message_view(message, here, own), "page_id": message.platform_id}


def _event(kind: str, data: dict[str, Any], key: int | None = None) -> str:
    identity = f"id: {key}\n" if key is not None else ""
    return f"event: {kind}\n{identity}data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _signer(here: Context) -> URLSafeSerializer:
    return URLSafeSerializer(here.settings.secret_key, salt="web chat visitor")


def _user_in(request: Request, here: Context) -> str | None:
    try:
        name = _signer(here).loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return name if isinstance(name, str) else None


def _user(request: Request, here: Context) -> str:
    user = _user_in(request, here)
    if user is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, "Open the chat page first.")
    return user


def _check_origin(request: Request) -> None:
    """Other sites' pages cannot write in a visitor's name."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Problem(HTTPStatus.FORBIDDEN, "Messages are sent from the chat page only.")
