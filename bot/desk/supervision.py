"""What was not kept in time, for whoever is in charge: open until somebody has seen it, each with its item."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.alert_words import about, address_of, title_of
from bot.desk.changes import change
from bot.desk.pages import PREFIX, page
from bot.services.supervision import TOPIC, mark_all_seen, mark_seen, open_alerts, supervised

router = APIRouter(prefix="/alerts", dependencies=[allowed(Permission.ALERTS)])


@router.get("")
async def show_alerts(request: Request, signed: Signed, here: Here) -> Response:
    """The page."""
    return page(request, signed, "alerts.html", **await _values(here, signed))


@router.get("/list")
async def show_list(request: Request, signed: Signed, here: Here) -> Response:
    """The alerts alone, for a page that is open."""
    return page(request, signed, "_alerts.html", **await _values(here, signed))


@router.get("/count")
async def show_count(request: Request, signed: Signed, here: Here) -> Response:
    """How many nobody has seen."""
    async with here.store.reading() as uow:
        count = await open_alerts(uow)
    return page(request, signed, "_alerts_count.html", count=count)


@router.post("/seen")
async def see_all(
    request: Request, signed: Signed, here: Here, up_to: Annotated[int, Form(ge=1, le=2**62)]
) -> Response:
    """All that the page showed."""
    async with change(here, TOPIC) as uow:
        await mark_all_seen(uow, here.clock.now(), up_to=up_to, agent=signed.agent.name)
    return await _answer(request, signed, here)


@router.post("/{key}/seen")
async def see(request: Request, key: Id, signed: Signed, here: Here) -> Response:
    """One of them."""
    async with change(here, TOPIC) as uow:
        await mark_seen(uow, here.clock.now(), notice_id=key, agent=signed.agent.name)
    return await _answer(request, signed, here)


async def _answer(request: Request, signed: SignedIn, here: Context) -> Response:
    if "hx-request" not in request.headers:
        return RedirectResponse(f"{PREFIX}/alerts", 303)
    return page(request, signed, "_alerts.html", **await _values(here, signed))


async def _values(here: Context, signed: SignedIn) -> dict[str, Any]:
    async with here.store.reading() as uow:
        found = await supervised(uow)
    newest = max((each.notice.id for each in found.open), default=0)
    return {"found": found, "newest": newest, "title_of": title_of, "about": about, "address_of": address_of}
