"""A light HTTP server for fakes: it can answer late, never answer, drop connections and refuse them."""

from __future__ import annotations

import asyncio
import socket
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httptools

JSON = "application/json; encoding=utf-8"


@dataclass(slots=True)
class Request:
    """One request; `gone()` tells whether the caller has hung up since."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    peer: str
    gone: Callable[[], bool]


@dataclass(slots=True)
class Answer:
    """What goes back; `hold` never answers, `drop` closes the connection without a word."""

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    hold: bool = False
    drop: bool = False

    def raw(self) -> bytes:
        """The bytes of the answer."""
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        head = f"HTTP/1.1 {self.status} X\r\nContent-Type: {self.content_type}\r\n{more}"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


Handler = Callable[[Request], "Answer | Awaitable[Answer]"]


class _Connection(asyncio.Protocol):
    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._transport: Any = None
        self._peer = ""
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._peer = (transport.get_extra_info("peername") or ("",))[0]
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._target = b""
        self._body = []

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        path, _, query = self._target.decode("latin-1").partition("?")
        pairs = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        method = self._parser.get_method().decode()
        request = Request(method, path, pairs, b"".join(self._body), self._peer, self._transport.is_closing)
        keep = self._parser.should_keep_alive()
        try:
            answer = self._server.handler(request)
        except Exception:  # the fake must stay up and show its own fault
            answer = _broken()
        if isinstance(answer, Answer):
            self._send(answer, keep)
        else:
            self._server.later(self._answer_later(answer, keep))

    async def _answer_later(self, answer: Awaitable[Answer], keep: bool) -> None:
        try:
            found = await answer
        except Exception:
            found = _broken()
        self._send(found, keep)

    def _send(self, answer: Answer, keep: bool) -> None:
        if answer.drop:
            self._transport.abort()
        elif not answer.hold and not self._transport.is_closing():
            self._transport.write(answer.raw())
            if not keep:
                self._transport.close()

    def abort(self) -> None:
        self._transport.abort()


def _broken() -> Answer:
    traceback.print_exc()
    return Answer(b"the fake itself failed", 500, "text/plain")


class HttpServer:
    """Serves `handler` on a port of 127.0.0.1 until stopped; the port stays the same while it refuses."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.port = 0
        self.connections: set[_Connection] = set()
        self._server: asyncio.AbstractServer | None = None
        self._reserved: socket.socket | None = None
        self._opening: socket.socket | None = None
        self._tasks: set[asyncio.Future[None]] = set()

    async def start(self, port: int = 0) -> None:
        """Listen; `port` 0 takes a free one."""
        self._opening = _bound(port)
        await self._serve(self._opening)

    async def _serve(self, bound: socket.socket) -> None:
        if bound is not self._opening:
            return
        self._opening = None
        self.port = bound.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=bound, backlog=2048)

    def refuse(self) -> None:
        """Connections are refused from now on; the open ones are cut."""
        if self._reserved is None:
            self.close()
            self._reserved = _bound(self.port)

    def accept(self) -> None:
        """Connections are taken again."""
        if self._reserved is not None:
            self._opening, self._reserved = self._reserved, None
            self._opening.listen(2048)
            self.later(self._serve(self._opening))

    def later(self, work: Awaitable[None]) -> None:
        """Run `work` beside the requests; stopping ends it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._opening is not None:
            self._opening.close()
            self._opening = None
        for connection in list(self.connections):
            connection.abort()

    async def stop(self) -> None:
        """Close, and wait until what was running has ended."""
        self.close()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
