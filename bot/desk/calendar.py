"""/desk/calendar: days and weeks of the workshop by bay or technician, and what is left of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.context import Here
from bot.business.staff import Permission
from bot.desk import calendar_blocks, calendar_booking, calendar_visits
from bot.desk.access import Signed, allowed
from bot.desk.calendar_view import Shown, board_values
from bot.desk.pages import page

router = APIRouter(prefix="/calendar", dependencies=[allowed(Permission.CALENDAR)])


@router.get("")
async def show_calendar(request: Request, signed: Signed, here: Here, view: Shown) -> Response:
    """The page with nothing opened beside the board."""
    return page(request, signed, "calendar.html", panel="", **await board_values(here, signed, view))


@router.get("/board")
async def show_board(
    request: Request, signed: Signed, here: Here, view: Shown, state: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The board alone, for a page that is open; nothing when it shows `state` already."""
    values = await board_values(here, signed, view)
    if values["state"] == state:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return page(request, signed, "_calendar_board.html", **values)


router.include_router(calendar_visits.router)
router.include_router(calendar_booking.router)
router.include_router(calendar_blocks.router)
