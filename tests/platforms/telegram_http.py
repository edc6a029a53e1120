"""A small HTTP/1.1 server: quick enough to share two cores with the program that is measured."""

from __future__ import annotations

import asyncio
import json
import re
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import httptools

_PART_NAME = re.compile(rb'name="([^"]*)"')
_PART_FILE = re.compile(rb'filename="([^"]*)"')
_PART_TYPE = re.compile(rb"content-type:\s*([^\r\n]+)", re.IGNORECASE)


@dataclass
class Request:
    """One request, read to its end."""

    verb: str
    path: str
    query: str
    content_type: str
    body: bytes
    keep_alive: bool = True

    def fields(self) -> dict[str, Any]:
        """Parameters of query and body (JSON, form, multipart; a file is an `Upload`). ValueError if broken."""
        found: dict[str, Any] = dict(parse_qsl(self.query, keep_blank_values=True)) if self.query else {}
        if not self.body:
            return found
        if self.content_type.startswith("application/json"):
            found.update(json.loads(self.body))
        elif self.content_type.startswith("multipart/form-data"):
            found.update(_multipart(self.body, self.content_type))
        else:
            found.update(parse_qsl(self.body.decode(), keep_blank_values=True))
        return found


@dataclass(frozen=True)
class Upload:
    """A file in a multipart body."""

    name: str
    mime: str
    content: bytes = field(repr=False)


Answer = bytes | None
Handle = Callable[[Request], "Answer | Awaitable[Answer]"]


def http_answer(status: int, body: bytes, content_type: str = "application/json") -> bytes:
    """The bytes of a whole answer."""
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nServer: fake-telegram\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One client's connection: answers its requests one after another.

    `handle` gives the bytes of the answer at once, or something to await; None cuts the connection without an answer.
    What is awaited is cancelled when the client gives up.
    """

    def __init__(self, handle: Handle, everyone: set[Connection]) -> None:
        self._handle = handle
        self._everyone = everyone
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Request] = deque()
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport | None = None
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._everyone.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._everyone.discard(self)
        self.transport = None
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.cut()

    def cut(self) -> None:
        """End the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def on_message_begin(self) -> None:
        self._url = b""
        self._content_type = ""
        self._body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._content_type = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        self._waiting.append(
            Request(
                self._parser.get_method().decode(),
                unquote(path),
                query,
                self._content_type,
                b"".join(self._body),
                self._parser.should_keep_alive(),
            )
        )
        self._answer_waiting()

    def _answer_waiting(self) -> None:
        while self._waiting and self.task is None:
            request = self._waiting.popleft()
            answer = self._handle(request)
            if answer is None or isinstance(answer, bytes):
                self._write(answer, request)
            else:
                self.task = asyncio.get_running_loop().create_task(self._answer_later(answer, request))

    async def _answer_later(self, awaited: Awaitable[Answer], request: Request) -> None:
        try:
            answer = await awaited
        except Exception:
            traceback.print_exc()
            answer = None
        finally:
            self.task = None
        self._write(answer, request)
        self._answer_waiting()

    def _write(self, answer: Answer, request: Request) -> None:
        if self.transport is None:
            return
        if answer is None:
            self.cut()
            return
        self.transport.write(answer)
        if not request.keep_alive:
            self.transport.close()


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:
    boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('" ').encode()
    if not boundary:
        raise ValueError("no boundary")
    found: dict[str, Any] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        content = content[:-2]
        name, file = _PART_NAME.search(head), _PART_FILE.search(head)
        if name is None:
            raise ValueError("a part without a name")
        mime = _PART_TYPE.search(head)
        found[name[1].decode()] = (
            Upload(file[1].decode(), mime[1].decode() if mime else "application/octet-stream", content)
            if file
            else content.decode()
        )
    return found
