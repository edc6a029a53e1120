"""Puts the desk's pages together: an app of its own below /desk, with its own errors and security headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django_htmx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk import (
    audit,
    calendar,
    call_backs,
    canned,
    card,
    complaint_filing,
    complaints,
    conversation,
    conversation_customer,
    conversation_parts,
    customers,
    doubles,
    live,
    meter,
    person_data,
    pictures,
    profile,
    queue,
    report,
    rescue,
    sign_in,
    staff,
    supervision,
    troubles,
    vehicles,
    workshop,
    workshop_arrivals,
    workshop_forms,
)
from bot.desk.pages import PREFIX
from bot.desk.telegram_link import router as telegram_link

FILES = Path(__file__).parent / "static"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx"

# One line a page.
PAGES = (
    sign_in.router,
    queue.router,
    call_backs.router,
    supervision.router,
    conversation.router,
    conversation.files,
    conversation_parts.router,
    pictures.router,
    card.router,
    conversation_customer.router,
    rescue.router,
    meter.router,
    live.router,
    telegram_link,
    report.router,
    staff.router,
    profile.router,
    calendar.router,
    complaint_filing.router,
    complaints.router,
    customers.router,
    vehicles.router,
    doubles.router,
    person_data.router,
    audit.router,
    canned.router,
    workshop.router,
    workshop_forms.router,
    workshop_arrivals.router,
)
_SECURITY = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
        b" media-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}
_KEEP_NOTHING = {b"cache-control": b"no-store"}


def install(app: FastAPI, context: Any) -> None:
    """Mount the desk below /desk of the bot's app."""
    desk = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    desk.state.context = context
    for router in PAGES:
        desk.router.routes.extend(router.routes)  # as they are: to include them would read every signature again
    desk.mount("/static/htmx", StaticFiles(directory=HTMX))
    desk.mount("/static", StaticFiles(directory=FILES))
    troubles.install(desk)
    app.add_middleware(SecureHeaders)  # around the whole app: its own errors on our addresses are answers of the desk
    app.add_api_route(PREFIX, _to_first_page, include_in_schema=False)
    app.mount(PREFIX, desk)


async def _to_first_page(_: Request) -> Response:
    return RedirectResponse(f"{PREFIX}/")


class SecureHeaders:
    """ASGI middleware: what browsers may do with the desk's pages, unless a route has said it more strictly.

    Nothing but the desk's own files is kept by a browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to each answer."""

        path = scope.get("path", "")
        if scope["type"] != "http" or (path != PREFIX and not path.startswith(f"{PREFIX}/")):
            await self._app(scope, receive, send)
            return
        wanted = _SECURITY if path.startswith(f"{PREFIX}/static/") else {**_SECURITY, **_KEEP_NOTHING}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                more = [(name, value) for name, value in wanted.items() if name not in given]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, with_headers)
