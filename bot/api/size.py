"""Refuses bodies that are too long before they fill the memory."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.problems import problem

MOST_BYTES = 1_000_000
# Where agents send pictures: as much as is kept of a file, and what the form around it takes.
_PICTURES = re.compile(r"/desk/conversations/\d+/picture")
_AROUND = 65_536


class _TooLong(Exception):
    """More bytes came than announced or allowed."""


class LimitedBodies:
    """ASGI middleware: 413 for a body of more than `most` bytes (pictures: `of_picture`), announced or not."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES, of_picture: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most
        self._most_of_picture = max(most, of_picture + _AROUND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or answer 413."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            return await problem(HTTPStatus.NOT_FOUND, "There is no such address.")(scope, receive, send)
        most = self._most_of_picture if _PICTURES.fullmatch(scope["path"]) else self._most
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > most:
            return await self._refuse(most, scope, receive, send)
        try:
            await self._app(scope, self._counting(receive, most), send)
        except _TooLong:
            await self._refuse(most, scope, receive, send)

    def _counting(self, receive: Receive, most: int) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _TooLong
            return message

        return counted

    async def _refuse(self, most: int, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is longer than {most} bytes.")
        await answer(scope, receive, send)
