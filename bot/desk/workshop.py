"""The workshop board: work orders by stage, live; one order opened beside it; moves by drag, key and button."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.refusals import ChangedMeanwhile, WrongStep
from bot.business.staff import Permission
from bot.business.stages import STAGES
from bot.business.work_orders import agreed_extras, cost_of, work_done
from bot.business.workshop_board import COLUMNS
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.changes import change
from bot.desk.pages import PREFIX, page
from bot.desk.words import N_, speaker
from bot.services import workshop
from bot.services.workshop_board import Board, Panel, board, panel, panel_version

router = APIRouter(prefix="/workshop", dependencies=[allowed(Permission.WORKSHOP)])
Number = Annotated[str, Path(max_length=40)]
Words = Annotated[str, Query(max_length=40)]
Seen = Annotated[str, Form(max_length=80)]
Line = Annotated[str, Form(max_length=300)]
TOPIC = "workshop"
# Who else changes work orders, as agents read it.
_DMS = N_("车间系统")
_OTHERS = {"": _DMS, "workshop": _DMS, "api": _DMS, "customer": N_("客户"), "bot": N_("助手")}


@router.get("")
async def show_board(request: Request, signed: Signed, here: Here, q: Words = "") -> Response:
    """The whole page; whose orders it shows is audited."""
    async with here.store.transaction() as uow:
        found = await board(uow, here.clock.now(), words=q)
        await _note_list(uow, here, signed, found)
    return page(request, signed, "workshop.html", **board_values(found, q, here), opened=None, form="")


@router.get("/board")
async def show_cards(request: Request, signed: Signed, here: Here, q: Words = "", version: str = "") -> Response:
    """The cards alone, for a page that is open; nothing when they are as it shows them."""
    async with here.store.reading() as uow:
        if version and version == await _version(uow, here):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        found = await board(uow, here.clock.now(), words=q)
    return page(request, signed, "_workshop_board.html", **board_values(found, q, here))


@router.get("/orders/{number}")
async def show_order(
    request: Request, number: Number, signed: Signed, here: Here, form: str = "", version: str = ""
) -> Response:
    """One order beside the board; alone for htmx, and nothing when it is as the page shows it (`version`)."""
    now, agent = here.clock.now(), signed.agent.name
    if version and await _unchanged(here, number, version):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    async with here.store.transaction() as uow:
        opened = await panel(uow, now, number=number, agent=agent)
        if "hx-request" in request.headers:
            return page(request, signed, "_workshop_panel.html", **panel_values(opened, form))
        found = await board(uow, now)
        await _note_list(uow, here, signed, found)
    return page(request, signed, "workshop.html", **{**board_values(found, "", here), **panel_values(opened, form)})


@router.post("/orders/{number}/stage")
async def move(
    request: Request, number: Number, signed: Signed, here: Here, stage: Line, seen: Seen, note: Line = ""
) -> Response:
    """The card to another stage; the customer hears of it some seconds later, so that a slip can be put right."""
    async with changing(request, signed, here) as uow:
        await workshop.move(
            uow, here.clock.now(), number=number, stage=stage, seen=seen, agent=signed.agent.name, note=note
        )
    return after_change(request, number)


@asynccontextmanager
async def changing(request: Request, signed: SignedIn, here: Context) -> AsyncIterator[Any]:
    """A change of the board; a stale page learns who was faster, and every refusal makes the board show what is."""
    try:
        async with change(here, TOPIC) as uow:
            yield uow
    except ChangedMeanwhile as stale:
        speak = speaker(signed.agent.language)
        raise ChangedMeanwhile(speak(_OTHERS.get(stale.by, stale.by)), stale.at) from stale
    except WrongStep as wrong:
        speak = speaker(signed.agent.language)
        raise WrongStep(speak(wrong.before), speak(wrong.after)) from wrong


def after_change(request: Request, number: str, *, opened: bool = False) -> Response:
    """Nothing for htmx, which fetches the board anew (and shows the order when it was just `opened`); else the page."""
    if "hx-request" in request.headers:
        events = {TOPIC: {}, **({"order-opened": {"number": number}} if opened else {})}
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": json.dumps(events)})
    return RedirectResponse(f"{PREFIX}/workshop/orders/{number}", HTTPStatus.SEE_OTHER)


def board_values(found: Board, q: str, here: Context) -> dict[str, Any]:
    """What the board's templates need."""
    stages = {stage.code: stage for stage in STAGES}
    return {"board": found, "columns": COLUMNS, "stages": stages, "q": q, "version": _at(found.version, here)}


def panel_values(opened: Panel | None, form: str) -> dict[str, Any]:
    """What the template of one order needs; `form` is the part to open."""
    stages = {stage.code: stage for stage in STAGES}
    forms = {"promise", *workshop.WITH_A_FORM}
    shown = {"opened": opened, "form": form if form in forms else "", "stages": stages, "others": _OTHERS}
    if opened is None:
        return shown
    order, items = opened.file.work_order, opened.file.proposals
    extras = () if order.delivered_at else agreed_extras(items)  # what was done is written down at the hand-over
    return {**shown, "cost": cost_of(order, items), "extras": extras, "work_done": work_done(order, items)}


async def _version(uow: Any, here: Context) -> str:
    return _at(await uow.board.version(), here)


def _at(version: str, here: Context) -> str:
    """The board as of this minute: clocks on it go on."""
    return f"{version} {here.clock.now():%d%H%M}"


async def _unchanged(here: Context, number: str, version: str) -> bool:
    async with here.store.reading() as uow:
        return version == await panel_version(uow, number=number)


async def _note_list(uow: Any, here: Context, signed: SignedIn, found: Board) -> None:
    numbers = [card.standing.order.number for cards in found.cards.values() for card in cards]
    await uow.audit.write_many(
        here.clock.now(), actor=signed.agent.name, action="list", kind="work_order", subjects=numbers
    )
