"""WeChat Official Account: the address that WeChat calls, and the channel behind it (PLATFORMS: the callback)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TypeVar

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.api.context import context_of
from bot.api.problems import problem
from bot.business.conversations import Incoming, MediaRef
from bot.channels.channel import Fetched, Intake
from bot.channels.wechat_callback import Callback, Forged, Unusable
from bot.channels.wechat_messages import CHANNEL, Push, read_push
from bot.channels.wechat_passive import Asked, Passive, PassiveLimits, rendered
from bot.channels.wechat_platform import WechatPlatform
from bot.environment.platforms import WechatSettings
from bot.messages import figures
from bot.messages.inbox import Delivery
from bot.messages.sending import Platform
from bot.messages.spool import Gone, Kept, NotKept, Spool
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

ADDRESS = "/channels/wechat"
# The literal that tells WeChat not to ask again; it stays plain in every mode.
RECEIVED = "success"
KEPT = "utter_kept_until_back"
UNSUBSCRIBED = "unsubscribed"
# A database that does not answer for so long counts as away: WeChat waits five seconds.
_STORED_WITHIN = 3.0


class _TooLong(Exception):
    """More bytes than a push ever has."""


def install(app: FastAPI) -> None:
    """Serve the address: first of all routes and without FastAPI's own work, so that bursts are taken in quickly."""
    app.router.routes.insert(0, Route(ADDRESS, _called, methods=["GET", "POST"], include_in_schema=False))


async def _called(request: Request) -> Response:
    channel = context_of(request).channels.get(CHANNEL)
    if not isinstance(channel, WechatChannel):
        return problem(HTTPStatus.NOT_FOUND, "There is no such address.")
    if request.method == "POST":
        return await channel.receive(request)
    return channel.prove(request.query_params)


class WechatChannel:
    """The account, switched on."""

    name = CHANNEL

    def __init__(
        self,
        settings: WechatSettings,
        intake: Intake,
        platform: WechatPlatform,
        spool: Spool,
        passive_limits: PassiveLimits | None = None,
    ) -> None:
        self.platform: Platform = platform
        self._wechat = platform
        self.rules = platform.rules
        self._most = settings.body_bytes
        self._intake = intake
        self._callback = Callback(settings)
        self._passive = Passive(settings, intake, passive_limits) if settings.reply == "passive" else None
        self._spool = spool
        self._told: set[str] = set()
        self._late: set[asyncio.Task[Delivery | None]] = set()

    @property
    def trouble(self) -> str | None:
        """What is to be mended before the account works."""
        return self._wechat.trouble

    async def start(self) -> None:
        """Hand in what an earlier process has kept on disk; see whether WeChat lets us in."""
        await self._spool.start()
        await self._wechat.start()

    async def stop(self) -> None:
        """No longer hand in what was kept on disk."""
        await self._spool.stop()

    async def close(self) -> None:
        """Give back the connections."""
        await self._wechat.stop()

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        """A file that came with a message."""
        return await self._wechat.fetch(ref, largest)

    def prove(self, query: Mapping[str, str]) -> Response:
        """The answer to WeChat's check of the address: the echo, or 403."""
        try:
            return PlainTextResponse(self._callback.echo(query))
        except Forged as error:
            return _refused(error)

    async def receive(self, request: Request) -> Response:
        """The answer to a push: `success` or a reply when it is stored; 403 forged, 413 too long; 500 only when it
        could be kept nowhere, so that WeChat sends it again."""
        asked = Asked(time.monotonic(), request.is_disconnected)
        try:
            self._callback.check(request.query_params)
            body = await _body(request, self._most)
            push = read_push(self._callback.open(request.query_params, body))
        except Forged as error:
            return _refused(error)
        except Unusable as error:
            log.warning("A push cannot be used: channel=%s %s", CHANNEL, error)
            return PlainTextResponse(RECEIVED)
        except _TooLong:
            return PlainTextResponse("", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except ClientDisconnect:
            return PlainTextResponse("", HTTPStatus.BAD_REQUEST)
        try:
            return self._answer(push, await self._act(push, asked))
        except NotKept:
            return PlainTextResponse("", HTTPStatus.INTERNAL_SERVER_ERROR)

    def _answer(self, push: Push, text: str | None) -> Response:
        if not text:
            return PlainTextResponse(RECEIVED)
        return Response(self._callback.seal(rendered(text, push.user, push.account)), media_type="application/xml")

    async def _act(self, push: Push, asked: Asked) -> str | None:
        """Store what happened; the text of the reply, if any. Raises NotKept."""
        if push.notice is not None:
            log.warning("A template message did not arrive: channel=%s %s", CHANNEL, push.notice)
        what: Kept | None = Gone(CHANNEL, push.user, UNSUBSCRIBED) if push.left else push.incoming
        if what is None:
            return None
        if self._spool.holds:
            await self._spool.keep(what)
            return self._told_once(push)
        try:
            delivery = await self._in_time(self._store(push, what))
        except StoreUnavailable as error:
            log.warning("A push is kept on disk: channel=%s %s", CHANNEL, type(error.__cause__ or error).__name__)
            await self._spool.keep(what)
            return self._told_once(push)
        self._told.clear()
        if delivery is None or self._passive is None:
            figures.ACKNOWLEDGED.labels(CHANNEL).observe(time.monotonic() - asked.began)
            return None
        return await self._passive.reply(delivery, asked)

    def _told_once(self, push: Push) -> str | None:
        """That the message is kept, once a person until the database is back."""
        if push.left or push.user in self._told:
            return None
        self._told.add(push.user)
        return self._intake.phrase(KEPT)

    async def _store(self, push: Push, what: Kept) -> Delivery | None:
        if push.item is not None and isinstance(what, Incoming):
            what = await self._tapped(what, *push.item)
        if self._passive is None or not isinstance(what, Incoming):
            return await hand_in(self._intake, what)
        delivery = await self._intake.inbox.take(what)
        if delivery.claim is not None:
            self._intake.router.run(delivery.claim)
        return replace(delivery, claim=None)

    async def _tapped(self, tap: Incoming, message_id: int, place: int) -> Incoming:
        """What the choice stands for; a choice that we did not offer this person is no more than its words."""
        async with self._intake.store.reading() as uow:
            conversation = await uow.conversations.find(CHANNEL, tap.user)
            message = await uow.messages.get(message_id)
        if conversation is None or message is None or message.conversation_id != conversation.id:
            return tap
        if message.sender != "bot" or place >= len(message.buttons):
            return tap
        details = {**(tap.details or {}), "tapped": f"{message_id}:{place}"}
        command = str(message.buttons[place].get("payload") or "") or None
        return replace(tap, kind="choice", command=command, details=details)

    async def _in_time(self, storing: Awaitable[Delivery | None]) -> Delivery | None:
        """Raises StoreUnavailable when it takes too long; it goes on then, and what is stored twice acts once."""
        task = asyncio.ensure_future(storing)
        done, _ = await asyncio.wait({task}, timeout=_STORED_WITHIN)
        if done:
            return task.result()
        self._late.add(task)
        task.add_done_callback(self._came_late)
        raise StoreUnavailable("no answer in time")

    def _came_late(self, task: asyncio.Task[Delivery | None]) -> None:
        self._late.discard(task)
        if not task.cancelled():
            task.exception()


async def hand_in(intake: Intake, what: Kept) -> Delivery | None:
    """What a push or the spool holds, taken in; raises StoreUnavailable."""
    if isinstance(what, Gone):
        await intake.inbox.lost(channel=what.channel, user=what.user, reason=what.reason)
        return None
    return await intake.take(what)


async def _body(request: Request, most: int) -> bytes:
    """The body; raises _TooLong as soon as that is known, ClientDisconnect when it is cut short."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise _TooLong
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise _TooLong
        parts.append(part)
    return b"".join(parts)


def _refused(error: Forged) -> Response:
    log.warning("A call is refused: channel=%s %s", CHANNEL, error)
    return PlainTextResponse("", HTTPStatus.FORBIDDEN)
