"""One visit of the calendar: what is known of it, and how it is moved, cancelled, confirmed and received."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.problems import status_of
from bot.business.appointments import Appointment
from bot.business.refusals import InvalidValue, Refusal
from bot.business.staff import Permission
from bot.business.windows import Place
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.calendar_chats import talk_in
from bot.desk.calendar_forms import moment_in, place_in
from bot.desk.calendar_telling import carry_out
from bot.desk.calendar_view import Shown, View, on_day_of, panel, said_of
from bot.desk.forms import form_of
from bot.desk.pages import page
from bot.desk.words import N_
from bot.services import booking, visits
from bot.services.visit_news import Change
from bot.services.visit_orders import order_of_visit
from bot.services.visits import state_of

router = APIRouter(prefix="/visits/{number}")
Number = Annotated[str, Path(max_length=30)]
_TEMPLATE = "_calendar_visit.html"
_DONE = {
    "move": N_("已改好。"),
    "cancel": N_("已取消。"),
    "confirm": N_("已确认。"),
    "arrived": N_("已登记到店。"),
    "order": N_("已开工单。"),
    "done": N_("已登记完成。"),
    "no_show": N_("已登记未到店。"),
}


@router.get("")
async def show_visit(
    request: Request,
    number: Number,
    signed: Signed,
    here: Here,
    view: Shown,
    start: Annotated[str, Query(max_length=40)] = "",
    bay: Annotated[str, Query(max_length=12)] = "",
    technician: Annotated[str, Query(max_length=12)] = "",
    form: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """The visit; with a `start`, `bay` or `technician` it is about to be moved there. `form` is the part to open."""
    given = {"start": start, "bay": bay, "technician": technician}
    async with here.store.transaction() as uow:
        await booking.find_appointment(uow, number)
        await uow.audit.write(
            here.clock.now(), actor=signed.agent.name, action="read", kind="appointment", subject=number
        )
    return await _visit_panel(request, here, signed, view, number, wished=given, open=form)


@router.get("/times")
async def show_times(
    request: Request,
    number: Number,
    signed: Signed,
    here: Here,
    on: Annotated[str, Query(max_length=20)] = "",
    bay: Annotated[str, Query(max_length=12)] = "",
    technician: Annotated[str, Query(max_length=12)] = "",
    start: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The times of a day to which the visit may be moved; the one that was chosen stays so while it is free."""
    given = {"start": asked_on(on, start), "bay": bay, "technician": technician}
    async with here.store.reading() as uow:
        found = await booking.find_appointment(uow, number)
        values = await times_of(uow, here, signed, found.service_type, given, number)
    return page(request, signed, "_calendar_times.html", zone=here.settings.timezone, **values)


@router.post("/move")
async def move(request: Request, number: Number, signed: Signed, here: Here, view: Shown) -> Response:
    """To another time or place."""

    def told(given: Mapping[str, str]) -> dict[str, Any]:
        return {"start": moment_in(given, "start", here), "place": place_in(given), "why": given.get("why", "")}

    return await _changed(request, here, signed, view, number, "move", visits.move_visit, told)


@router.post("/cancel")
async def cancel(request: Request, number: Number, signed: Signed, here: Here, view: Shown) -> Response:
    """Not coming; the reason stays in the house."""

    def told(given: Mapping[str, str]) -> dict[str, Any]:
        wished = given.get("whose") == "customer"
        return {"reason": given.get("reason", ""), "why": given.get("why", ""), "wished": wished}

    return await _changed(request, here, signed, view, number, "cancel", visits.cancel_visit, told)


@router.post("/confirm")
async def confirm(request: Request, number: Number, signed: Signed, here: Here, view: Shown) -> Response:
    """A person has looked at it."""
    return await _changed(request, here, signed, view, number, "confirm", visits.confirm_visit)


@router.post("/status")
async def mark(request: Request, number: Number, signed: Signed, here: Here, view: Shown) -> Response:
    """Arrived, done or not come."""
    status = (await form_of(request)).get("status", "")
    told = {"status": status}
    return await _changed(request, here, signed, view, number, status, visits.mark_visit, lambda _: told)


@router.post("/order", dependencies=[allowed(Permission.WORKSHOP)])
async def open_order(request: Request, number: Number, signed: Signed, here: Here, view: Shown) -> Response:
    """The work order of a car that has arrived; opened once."""
    return await _changed(request, here, signed, view, number, "order", visits.open_order)


@router.post("/phone", dependencies=[allowed(Permission.REVEAL)])
async def reveal(request: Request, number: Number, signed: Signed, here: Here, view: Shown) -> Response:
    """The whole phone number, which is noted."""
    async with here.store.transaction() as uow:
        found = await booking.find_appointment(uow, number)
        await uow.audit.write(
            here.clock.now(), actor=signed.agent.name, action="reveal", kind="appointment", subject=number
        )
    if "hx-request" in request.headers:
        return page(request, signed, "_calendar_phone.html", phone=found.phone)
    return await _visit_panel(request, here, signed, view, number, phone=found.phone)


async def _changed(
    request: Request,
    here: Context,
    signed: SignedIn,
    view: View,
    number: str,
    action: str,
    use_case: Callable[..., Awaitable[Change]],
    told: Callable[[Mapping[str, str]], Mapping[str, Any]] = lambda given: {},
) -> Response:
    """The visit after the change, or as it is with the reason why it could not be changed.

    `told` reads from the form what the use case asks for besides the visit, its state and the agent.
    """
    given = await form_of(request)

    async def act(uow: Any, now: datetime) -> Change:
        seen = given.get("seen", "")
        return await use_case(uow, now, number=number, agent=signed.agent.name, seen=seen, **told(given))

    try:
        done = await carry_out(here, act)
    except Refusal as refusal:
        values = {"wished": given if action == "move" else None, "open": action, **said_of(refusal)}
        status = status_of(type(refusal))
        return await _visit_panel(request, here, signed, view, number, status=status, given=given, **values)
    there = on_day_of(view, done.appointment, here)
    return await _visit_panel(request, here, signed, there, number, came_from=view, done=_DONE[action], change=done)


async def _visit_panel(
    request: Request,
    here: Context,
    signed: SignedIn,
    view: View,
    number: str,
    wished: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    async with here.store.reading() as uow:
        found = await booking.find_appointment(uow, number)
        asked = {"start": found.start.isoformat(), **{name: each for name, each in (wished or {}).items() if each}}
        times = await times_of(uow, here, signed, found.service_type, asked, number)
        service = await uow.workshop.service_type(found.service_type)
        entries = await uow.audit.about("appointment", number)
        shown = {
            "visit": found,
            "seen": state_of(found),
            "service": service.name if service else found.service_type,
            "bays": {bay.id: bay.name for bay in await uow.workshop.bays() if bay.active or bay.id == found.bay_id},
            "team": {each.id: each.name for each in await uow.workshop.team() if each.active},
            "source": _source_of(found, {entry.action for entry in entries}),
            "log": [entry for entry in entries if entry.action != "read"][-6:],
            "order": await order_of_visit(uow, found),
            "moving": bool(wished and any(wished.values())),
            "given": {},
            "open": "",
            "change": None,
            "phone": "",
        }
    return await panel(request, here, signed, view, _TEMPLATE, **{**shown, **times, **values})


def _source_of(visit: Appointment, noted: Collection[str]) -> str:
    """How the visit came: somebody walked in, was booked by an agent without a chat of their own, or the channel."""
    if "walk_in" in noted:
        return "walk_in"
    return "desk" if "book" in noted and not visit.user else visit.channel


def asked_on(on: str, start: str) -> str:
    """What to look for on the day `on`: the `start` that was chosen if it lies there, else any time."""
    return start if start.startswith(f"{on}T") else f"{on}T00:00"


async def times_of(
    uow: Any, here: Context, signed: SignedIn, service_type: str, given: Mapping[str, str], number: str | None = None
) -> dict[str, Any]:
    """The free times of the day that is asked about; what is asked about and cannot be read finds none."""
    now = here.clock.now()
    try:
        start, place, talk = moment_in(given, "start", here), place_in(given), await talk_in(uow, given)
        windows = await visits.free_times(
            uow,
            now,
            service_type=service_type,
            since=start,
            place=place,
            number=number,
            agent=signed.agent.name,
            holder=talk.key if talk else "",
        )
    except InvalidValue:
        start, place, windows = now.astimezone(here.settings.timezone), Place(), []
    chosen = next((window.start for window in windows if window.start == start), None)
    return {"times": windows, "asked_start": start, "chosen": chosen, "place": place, "on": start.date().isoformat()}
