"""Walks the routes of the desk's sub-app, so that a route that is added is tried without a test of its own."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from bot.api.app import create_app
from bot.store.tables import metadata
from bot.wiring import Bot
from tests.desk.desks import agent_with, session_for

# An endless stream: its beginning is all that is looked at.
STREAM = "/events"
# Forms that are read by hand name their fields only there.
_BY_HAND = (
    *("start", "end", "reason", "where", "anyway", "seen", "why", "status", "bay", "technician", "again", "consent"),
    *("plate", "phone", "surname", "title", "model", "mileage_km", "loaner", "note", "service_type"),
    *("text", "came_by", "level", "customer_id", "conversation_id", "mine", "tell"),
)
_READ_BY_HAND = ("/calendar", "/customers", "/vehicles", "/complaints/new", "/complaints/weigh")
_UNKNOWN: Mapping[str, str] = {"key": "987654", "number": "X-987654"}
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Step:
    """One route with one method; `name` is as in the table of permissions, `fields` those of its form and query."""

    method: str
    path: str
    fields: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The route as the table names it."""
        return f"{self.method} {self.path}"

    @property
    def places(self) -> Sequence[str]:
        """The names of what stands in the address."""
        return _PLACE.findall(self.path)

    def at(self, given: Mapping[str, Any] | None = None) -> str:
        """The address with these values; ids that there are not for the others."""
        values = {**dict.fromkeys(self.places, "987654"), **_UNKNOWN, **(given or {})}
        return "/desk" + _PLACE.sub(lambda place: str(values[place[1]]), self.path)


def steps(app: FastAPI) -> list[Step]:
    """Every route of the desk."""
    desk = next(each.app for each in app.routes if isinstance(each, Mount) and each.path == "/desk")
    found = []
    for route in desk.routes:  # type: ignore[attr-defined]
        if isinstance(route, APIRoute):
            named = tuple(each.alias for each in route.dependant.body_params)
            asked = tuple(each.alias for each in route.dependant.query_params)
            if route.path.startswith(_READ_BY_HAND):
                named = named or _BY_HAND
            found += [Step(method, route.path, named, asked) for method in sorted(route.methods)]
        else:
            assert getattr(route, "path", "").startswith("/static"), f"{route} is not tried by any test"
    return found


@dataclass
class Walker:
    """Somebody with or without a session who tries every route."""

    app: FastAPI
    client: httpx.AsyncClient
    steps: Sequence[Step]
    csrf: str = ""
    seen: list[tuple[str, httpx.Response]] = field(default_factory=list)

    async def go(self, step: Step, given: Mapping[str, Any] | None = None, **options: Any) -> httpx.Response:
        """The answer to the step; of the live events only the beginning."""
        return await self.ask(step.method, step.at(given), **options)

    async def ask(self, method: str, address: str, **options: Any) -> httpx.Response:
        """The answer at this address."""
        request = self.client.build_request(method, address, **options)
        if request.url.path.endswith(STREAM) and method == "GET":
            answer = await beginning(self.app, request)
        else:
            answer = await self.client.send(request)
        self.seen.append((f"{method} {address}", answer))
        return answer


@asynccontextmanager
async def walker(bot: Bot, role: str | None = None, **headers: str) -> AsyncIterator[Walker]:
    """Who walks as this role, with the session's word in each request; None: nobody is signed in."""
    app = create_app(bot.context)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    cookies, csrf = {}, ""
    if role is not None:
        now = bot.clock.now()
        token, csrf = await session_for(bot.store, now, await agent_with(bot.store, now, role))
        cookies, headers = {"desk": token}, {"X-CSRF-Token": csrf, **headers}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bot", cookies=cookies, headers=headers
    ) as client:
        yield Walker(app, client, steps(app), csrf)


async def beginning(app: FastAPI, request: httpx.Request) -> httpx.Response:
    """Status and headers of an answer that has no end."""
    begun: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not begun.done():
            begun.set_result(message)

    async def receive() -> Any:
        await asyncio.sleep(3600)

    url = request.url
    scope = {"type": "http", "method": request.method, "path": url.path, "raw_path": url.raw_path}
    scope |= {"query_string": url.query, "headers": request.headers.raw, "scheme": url.scheme}
    scope["headers"] = [(name.lower(), value) for name, value in request.headers.raw]
    scope |= {"http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("bot", 80), "root_path": ""}
    scope["asgi"] = {"version": "3.0"}
    task = asyncio.create_task(app(scope, receive, send))
    await asyncio.wait({begun, task}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    message = begun.result()
    return httpx.Response(message["status"], headers=message["headers"], request=request)


async def everything(bot: Bot, *but: str) -> dict[str, str]:
    """What each table holds, as a short word, to see whether anything has changed."""
    found = {}
    async with bot.store.reading() as uow:
        for table in metadata.sorted_tables:
            if table.name not in but:
                rows = (await uow.connection.execute(sa.select(table))).all()
                found[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    return found
