"""A car arrives: its plate is looked up, and a work order is opened, usually from its appointment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from bot.api.context import Here
from bot.business.staff import Permission
from bot.desk.access import Signed, allowed
from bot.desk.pages import page
from bot.desk.workshop import Line, after_change, board_values, changing
from bot.desk.workshop_forms import Short, time_in, whole_in
from bot.services.receiving import Reception, look_up, receive
from bot.services.workshop_board import board

router = APIRouter(prefix="/workshop/arrivals", dependencies=[allowed(Permission.WORKSHOP)])


@router.get("")
async def show_arrival(
    request: Request, signed: Signed, here: Here, plate: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Whose car it is, with the form to receive it; beside the board unless htmx asks."""
    now = here.clock.now()
    async with here.store.transaction() as uow:
        arrival = await look_up(uow, now, plate=plate, agent=signed.agent.name)
        types = {each.code: each.name for each in await uow.workshop.service_types()}
        if "hx-request" in request.headers:
            return page(request, signed, "_workshop_arrival.html", arrival=arrival, types=types)
        values = board_values(await board(uow, now), "", here)
    return page(request, signed, "workshop.html", **values, opened=None, form="", arrival=arrival, types=types)


@router.post("")
async def open_order(
    request: Request,
    signed: Signed,
    here: Here,
    plate: Short,
    work: Annotated[str, Form(max_length=600)] = "",
    mileage: Short = "",
    promised_at: Short = "",
    visit: Short = "",
    surname: Short = "",
    title: Short = "",
    phone: Short = "",
    model: Line = "",
) -> Response:
    """The new work order; its customer hears that the car was received."""
    reception = Reception(
        plate,
        work,
        whole_in("mileage", mileage),
        time_in(here, "promised_at", promised_at),
        visit or None,
        surname,
        title,
        phone,
        model,
    )
    async with changing(request, signed, here) as uow:
        order = await receive(uow, here.clock.now(), reception=reception, agent=signed.agent.name)
    here.news.tell_topic("calendar")
    return after_change(request, order.number, opened=True)
