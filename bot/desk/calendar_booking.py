"""Booking a visit at the desk: for somebody on the phone, or for somebody who stands at the counter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.problems import status_of
from bot.business.refusals import AlreadyBooked, InvalidValue, Refusal
from bot.desk.access import Signed, SignedIn
from bot.desk.calendar_chats import chat_in
from bot.desk.calendar_forms import moment_in, place_in, plate_in, request_in
from bot.desk.calendar_telling import carry_out
from bot.desk.calendar_view import Shown, View, on_day_of, panel, said_of
from bot.desk.calendar_visits import asked_on, times_of
from bot.desk.forms import form_of
from bot.desk.pages import page
from bot.services import visits
from bot.services.agenda import known_by_plate
from bot.services.visit_news import Change

router = APIRouter()
_FORM, _DONE = "_calendar_form.html", "_calendar_booked.html"
_FIRST_SERVICE = "maintenance"
Asked = Annotated[str, Query(max_length=40)]


@router.get("/new")
async def show_form(
    request: Request,
    signed: Signed,
    here: Here,
    view: Shown,
    start: Asked = "",
    bay: Asked = "",
    technician: Asked = "",
    plate: Asked = "",
    service_type: Asked = _FIRST_SERVICE,
    conversation: Asked = "",
) -> Response:
    """The form for a visit to come; for a `conversation` it holds what the chat has told."""
    given = {"start": start, "bay": bay, "technician": technician, "plate": plate, "service_type": service_type}
    if chat := await chat_in(here, signed, {"conversation": conversation}):
        given = {**given, **chat.filled, **{name: each for name, each in given.items() if each and name == "start"}}
    return await _form(request, here, signed, view, given, walk_in=False)


@router.get("/walk-in")
async def show_walk_in(request: Request, signed: Signed, here: Here, view: Shown) -> Response:
    """The form for a visit that begins now."""
    return await _form(request, here, signed, view, {"service_type": _FIRST_SERVICE}, walk_in=True)


@router.get("/times")
async def show_times(
    request: Request,
    signed: Signed,
    here: Here,
    service_type: Asked = _FIRST_SERVICE,
    on: Asked = "",
    bay: Asked = "",
    technician: Asked = "",
    start: Asked = "",
    conversation: Asked = "",
) -> Response:
    """The free times of a day for this kind of work; the one that was chosen stays so while it is free."""
    given = {"start": asked_on(on, start), "bay": bay, "technician": technician, "conversation": conversation}
    async with here.store.reading() as uow:
        values = await times_of(uow, here, signed, service_type, given)
    return page(request, signed, "_calendar_times.html", zone=here.settings.timezone, **values)


@router.get("/known")
async def show_known(request: Request, signed: Signed, here: Here, plate: Asked = "") -> Response:
    """Whose car this is, for the form; the look is noted."""
    known = await _known(here, signed, {"plate": plate})
    return page(request, signed, "_calendar_known.html", known=known, zone=here.settings.timezone)


@router.post("/new")
async def book(request: Request, signed: Signed, here: Here, view: Shown) -> Response:
    """Books the visit; the form again, with other times, when it could not be booked."""
    return await _book(request, signed, here, view, walk_in=False)


@router.post("/walk-in")
async def receive(request: Request, signed: Signed, here: Here, view: Shown) -> Response:
    """Books the visit from now on and notes that they have arrived."""
    return await _book(request, signed, here, view, walk_in=True)


async def _book(request: Request, signed: SignedIn, here: Context, view: View, *, walk_in: bool) -> Response:
    given = await form_of(request)
    try:
        done = await carry_out(here, lambda uow, now: _booked(uow, now, here, signed, given, walk_in=walk_in))
    except Refusal as refusal:
        offer = walk_in and bool(getattr(refusal, "alternatives", ()))
        values = {"again": isinstance(refusal, AlreadyBooked), **said_of(refusal)}
        status = status_of(type(refusal))
        return await _form(request, here, signed, view, given, walk_in=walk_in and not offer, status=status, **values)
    there = on_day_of(view, done.appointment, here)
    shown: dict[str, Any] = {"change": done, "visit": done.appointment, "walk_in": walk_in}
    return await panel(request, here, signed, there, _DONE, came_from=view, **shown)


async def _booked(
    uow: Any, now: datetime, here: Context, signed: SignedIn, given: Mapping[str, str], *, walk_in: bool
) -> Change:
    agent = signed.agent.name
    known = await known_by_plate(uow, now, plate=plate_in(given), agent=agent)
    start = now if walk_in else moment_in(given, "start", here)
    vehicle, customer = (known.vehicle, known.customer) if known else (None, None)
    wish = await request_in(uow, given, start, vehicle, customer)
    if not walk_in and not wish.phone:
        raise InvalidValue("phone", "missing")
    act = visits.walk_in if walk_in else visits.book_visit
    return await act(uow, now, wish, agent=agent, place=place_in(given), again=bool(given.get("again")))


async def _form(
    request: Request,
    here: Context,
    signed: SignedIn,
    view: View,
    given: Mapping[str, str],
    *,
    walk_in: bool,
    **values: Any,
) -> Response:
    now = here.clock.now().astimezone(here.settings.timezone)
    asked = {**given, "start": given.get("start") or f"{max(view.day, now.date()).isoformat()}T00:00"}
    async with here.store.reading() as uow:
        services = await uow.workshop.service_types()
        kinds = [service.code for service in services]
        kind = given.get("service_type") if given.get("service_type") in kinds else next(iter(kinds), "")
        times = await times_of(uow, here, signed, kind, asked) if kind else {}
        shown = {
            "services": services,
            "bays": {bay.id: bay.name for bay in await uow.workshop.bays() if bay.active},
            "team": {each.id: each.name for each in await uow.workshop.team() if each.active},
        }
    known = await _known(here, signed, given)
    shown |= {"given": given, "walk_in": walk_in, "known": known, "again": False, "first": now.date().isoformat()}
    shown |= {"last": _last_day(now), "chat": await chat_in(here, signed, given)}
    return await panel(request, here, signed, view, _FORM, **{**shown, **times, **values})


def _last_day(now: datetime) -> str:
    return (now.date() + timedelta(days=366)).isoformat()


async def _known(here: Context, signed: SignedIn, given: Mapping[str, str]) -> Any:
    try:
        plate = plate_in(given)
    except InvalidValue:
        return None
    async with here.store.transaction() as uow:
        return await known_by_plate(uow, here.clock.now(), plate=plate, agent=signed.agent.name)
