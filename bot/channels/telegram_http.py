"""HTTP for the Telegram library on aiohttp, which costs a third of its own client and tells what was never sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.messages.sending import Rejected, TryAgain

_CONNECT_SECONDS = 5.0
_DOWNLOAD_SECONDS = 60.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TROUBLES = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
_NO_SUCH_FILE = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)


class NotTaken(NetworkError):
    """It was never sent, or a server said that it is in trouble, or a proxy answered: the call was not taken."""

    __slots__ = ()


@dataclass
class _Begun:
    sent: bool = False


class ApiRequest(BaseRequest):
    """At most `connections` requests at once; each may take `seconds`, of which at most five to connect."""

    __slots__ = ("_connections", "_ending", "_running", "_seconds", "_session")

    def __init__(self, connections: int, seconds: float) -> None:
        self._connections = connections
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None
        self._running = 0
        self._ending = False

    @property
    def read_timeout(self) -> float:
        """In seconds."""
        return self._seconds

    async def initialize(self) -> None:
        """Nothing; connections are opened when they are needed."""

    async def shutdown(self) -> None:
        """Close all connections once nothing is on its way; what is still to be said can be sent."""
        self._ending = True
        await self._close_if_idle()

    async def _close_if_idle(self) -> None:
        if self._ending and not self._running and self._session is not None:
            session, self._session = self._session, None
            await session.close()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._session is None:
            self._session = _new_session(self._connections)
        self._running += 1
        try:
            yield self._session
        finally:
            self._running -= 1
            await self._close_if_idle()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body; raises NotTaken, or TimedOut and NetworkError for what may have been taken."""
        seconds = self._seconds if read_timeout is BaseRequest.DEFAULT_NONE else float(read_timeout)
        body, headers = _body(request_data)
        begun = _Begun()
        try:
            async with (
                self._opened() as session,
                session.request(
                    method,
                    url,
                    data=body,
                    headers=headers,
                    timeout=_limits(seconds),
                    allow_redirects=False,
                    trace_request_ctx=begun,
                ) as answer,
            ):
                payload = await answer.content.read()
                if isinstance(body, aiohttp.FormData):
                    answer.close()  # answered before all of a file was taken, it would be waited for without end
        except _TROUBLES as error:
            kind = type(error).__name__
            if not begun.sent:
                raise NotTaken(kind) from error
            raise (TimedOut(kind) if isinstance(error, asyncio.TimeoutError) else NetworkError(kind)) from error
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise NotTaken(f"status {answer.status}")
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES and _object(payload) is None:
            raise NotTaken(f"status {answer.status} of somebody else")
        return answer.status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The JSON object; raises TelegramError, which does not repeat its content."""
        found = _object(payload)
        if found is None or ("result" not in found and "description" not in found):
            raise TelegramError("the answer is no answer of the Bot API")
        return found

    async def download(self, url: str, largest: int) -> bytes:
        """A file of at most `largest` bytes; raises TryAgain or Rejected."""
        content = bytearray()
        try:
            limits = _limits(_DOWNLOAD_SECONDS)
            async with self._opened() as session, session.get(url, timeout=limits) as answer:
                if answer.status in _NO_SUCH_FILE:
                    raise Rejected("no such file")
                if answer.status != HTTPStatus.OK:
                    raise TryAgain(f"status {answer.status}")
                async for piece in answer.content.iter_any():
                    content += piece
                    if len(content) > largest:
                        raise Rejected("too large")
        except _TROUBLES as error:
            raise TryAgain(type(error).__name__) from error
        return bytes(content)


def _body(data: RequestData | None) -> tuple[bytes | aiohttp.FormData, dict[str, str]]:
    """The parameters as a form; with files among them, as a form of several parts."""
    if data is None or not data.contains_files:
        return urlencode(data.json_parameters if data else {}).encode(), _FORM
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, {}


def _new_session(connections: int) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)  # type: ignore[arg-type] # aiosignal's stubs are newer
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        trace_configs=[trace],
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=True,
    )


async def _note_sent(_session: aiohttp.ClientSession, context: Any, _parameters: Any) -> None:
    if context.trace_request_ctx is not None:
        context.trace_request_ctx.sent = True


def _limits(seconds: float) -> aiohttp.ClientTimeout:
    """For the whole request; no limit on a single read.

    When an answer is quicker than the task that writes a request without a body, aiohttp 3.9 begins to count that limit
    only after the answer: it then runs out while the connection is idle, and the next message on it is lost.
    """
    return aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, _CONNECT_SECONDS))


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(payload)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
