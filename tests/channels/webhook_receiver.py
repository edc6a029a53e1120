"""Another system that hears the bot's notices: checks each signature as Standard Webhooks say, answers as told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

SECRET = "a-secret-of-the-webhook"


@dataclass
class Receiver:
    """`async with Receiver() as receiver`; `heard` are the bodies that were taken, `answers` what comes back next."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    tries: list[dict[str, str]] = field(default_factory=list)
    answers: deque[tuple[int, str]] = field(default_factory=deque)
    url: str = ""

    async def __aenter__(self) -> Receiver:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/notices"
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
            headers = {name.lower(): value for name, _, value in lines}
            body = await reader.readexactly(int(headers["content-length"]))
            status, more = self._answer(headers, body)
            writer.write(f"HTTP/1.1 {status} Told\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        self.tries.append(headers)
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != f"v1,{right}":
            return 401, ""
        if self.answers:
            return self.answers.popleft()
        self.heard.append(json.loads(body))
        return 204, ""
