"""Closing a bay, a technician or the whole workshop for a time, and opening it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.api.problems import status_of
from bot.business.refusals import InTheWay, InvalidValue, Refusal
from bot.business.windows import Place
from bot.desk.access import Signed, SignedIn
from bot.desk.calendar_forms import moment_in
from bot.desk.calendar_view import Shown, View, panel, said_of
from bot.desk.changes import change
from bot.desk.forms import form_of
from bot.desk.words import N_
from bot.services import booking
from bot.services.blocking import block_time, unblock_time

router = APIRouter(prefix="/blocks")
_TEMPLATE = "_calendar_blocks.html"
REASONS = (N_("设备维护"), N_("培训"), N_("请假"), N_("停电停水"))
_AHEAD = timedelta(days=90)


@router.get("")
async def show_blocks(
    request: Request,
    signed: Signed,
    here: Here,
    view: Shown,
    start: Annotated[str, Query(max_length=40)] = "",
    where: Annotated[str, Query(max_length=30)] = "",
) -> Response:
    """What is closed from now on, and the form to close more."""
    return await _blocks(request, here, signed, view, {"start": start, "where": where})


@router.post("")
async def block(request: Request, signed: Signed, here: Here, view: Shown) -> Response:
    """Closes the time, other places being found for the visits there if asked; names those that are in the way."""
    given = await form_of(request)
    try:
        async with change(here, "calendar") as uow:
            left = await block_time(
                uow,
                here.clock.now(),
                start=moment_in(given, "start", here),
                end=moment_in(given, "end", here),
                place=_place(given),
                reason=given.get("reason", ""),
                agent=signed.agent.name,
                rearrange=bool(given.get("rearrange")),
                anyway=bool(given.get("anyway")),
            )
    except Refusal as refusal:
        values = said_of(refusal)
        if isinstance(refusal, InTheWay):
            values["in_the_way"] = await _visits(here, refusal.numbers)
        return await _blocks(request, here, signed, view, given, status=status_of(type(refusal)), **values)
    done = N_("已停用，下面的预约需要逐个改时间。") if left else N_("已停用，这段时间不再接受预约。")
    return await _blocks(request, here, signed, view, {}, done=done, in_the_way=left, closed=True)


@router.post("/{block_id}/open")
async def unblock(request: Request, block_id: Id, signed: Signed, here: Here, view: Shown) -> Response:
    """Opens it again; no matter if somebody has done so before."""
    async with change(here, "calendar") as uow:
        opened = await unblock_time(uow, here.clock.now(), block_id=block_id, agent=signed.agent.name)
    done = N_("已恢复，这段时间可以预约了。") if opened else N_("这段时间之前已经恢复。")
    return await _blocks(request, here, signed, view, {}, done=done)


def _place(given: Mapping[str, str]) -> Place:
    what, _, key = given.get("where", "").partition(":")
    if what == "workshop":
        return Place()
    if what not in ("bay", "technician") or not (key.isascii() and key.isdigit() and len(key) < 10):
        raise InvalidValue("where", "missing")
    return Place(bay_id=int(key)) if what == "bay" else Place(technician_id=int(key))


async def _visits(here: Context, numbers: tuple[str, ...]) -> list[Any]:
    async with here.store.reading() as uow:
        return [await booking.find_appointment(uow, number) for number in numbers]


async def _blocks(
    request: Request, here: Context, signed: SignedIn, view: View, given: Mapping[str, str], **values: Any
) -> Response:
    now = here.clock.now().astimezone(here.settings.timezone)
    day = max(view.day, now.date())
    async with here.store.reading() as uow:
        periods = (await uow.calendar.load()).periods_of(day)
        midnight = datetime.combine(day, time(8, 30), now.tzinfo)
        shown = {
            "blocks": await uow.workshop.blocks(now, now + _AHEAD),
            "bays": {bay.id: bay.name for bay in await uow.workshop.bays()},
            "team": {each.id: each.name for each in await uow.workshop.team()},
        }
    usual = {
        "start": _local(periods[0].opens if periods else midnight),
        "end": _local(periods[-1].closes if periods else midnight + timedelta(hours=9)),
    }
    chosen = {**usual, **{name: value for name, value in given.items() if value}}
    more = {"given": chosen, "reasons": REASONS, "in_the_way": (), "closed": False}
    return await panel(request, here, signed, view, _TEMPLATE, **{**shown, **more, **values})


def _local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")
