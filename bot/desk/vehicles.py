"""Vehicles: one vehicle with all that belongs to it, its data, and its owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.refusals import Refusal
from bot.business.staff import Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.customers import keep_what_was_not_shown, revealed, seen_at, stamp, told
from bot.desk.forms import form_of, saved
from bot.desk.pages import PREFIX, page
from bot.desk.person_words import WORDS, as_typed
from bot.services.person_changes import change_owner, edit_vehicle
from bot.services.person_files import vehicle_file

router = APIRouter(prefix="/vehicles", dependencies=[allowed(Permission.CUSTOMERS)])


@router.get("/{vehicle_id}")
async def show_vehicle(request: Request, vehicle_id: Id, signed: Signed, here: Here) -> Response:
    """One vehicle with its owner, warranty, history and what is open."""
    return await _show(request, here, signed, vehicle_id, "vehicle.html")


@router.get("/{vehicle_id}/edit")
async def show_form(request: Request, vehicle_id: Id, signed: Signed, here: Here) -> Response:
    """The vehicle's form."""
    return await _show(request, here, signed, vehicle_id, "vehicle_edit.html")


@router.post("/{vehicle_id}/edit")
async def save_form(request: Request, vehicle_id: Id, signed: Signed, here: Here) -> Response:
    """Save the vehicle; the form again with a sentence when something is not right or has changed meanwhile."""
    given = await form_of(request)
    keep_what_was_not_shown(given, "vin")

    async def save(uow: Any, now: datetime) -> None:
        by: dict[str, Any] = {"seen": seen_at(given.get("seen", "")), "actor": signed.agent.name}
        by |= {"corrects": "corrects" in given}
        await edit_vehicle(uow, now, vehicle_id=vehicle_id, given=given, **by)

    return await _saved(request, here, signed, vehicle_id, "vehicle_edit.html", given, save)


@router.post("/{vehicle_id}/reveal")
async def show_whole(request: Request, vehicle_id: Id, signed: Signed, here: Here) -> Response:
    """The whole VIN."""
    return await revealed(request, here, signed, "vehicle", vehicle_id, "vin")


@router.get("/{vehicle_id}/owner")
async def show_owner_form(request: Request, vehicle_id: Id, signed: Signed, here: Here) -> Response:
    """Who the vehicle belongs to from now on."""
    return await _show(request, here, signed, vehicle_id, "vehicle_owner.html")


@router.post("/{vehicle_id}/owner")
async def save_owner(request: Request, vehicle_id: Id, signed: Signed, here: Here) -> Response:
    """Give the vehicle another owner, known by their phone or new; nobody when nothing is filled in."""
    given = await form_of(request)

    async def save(uow: Any, now: datetime) -> None:
        by: dict[str, Any] = {"seen": seen_at(given.get("seen", "")), "actor": signed.agent.name}
        await change_owner(uow, now, vehicle_id=vehicle_id, given=given, **by)

    return await _saved(request, here, signed, vehicle_id, "vehicle_owner.html", given, save)


async def _saved(
    request: Request,
    here: Context,
    signed: SignedIn,
    vehicle_id: int,
    template: str,
    given: dict[str, str],
    save: Callable[[Any, datetime], Awaitable[None]],
) -> Response:
    async def again(refusal: Refusal) -> Response:
        return await _show(request, here, signed, vehicle_id, template, typed=given, refusal=refusal)

    there = RedirectResponse(f"{PREFIX}/vehicles/{vehicle_id}", HTTPStatus.SEE_OTHER)
    return await saved(here, save, "customers", then=lambda _: there, again=again)


async def _show(
    request: Request,
    here: Context,
    signed: SignedIn,
    vehicle_id: int,
    template: str,
    *,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with here.store.transaction() as uow:
        file = await vehicle_file(uow, here.clock.now(), vehicle_id=vehicle_id, actor=signed.agent.name)
    stored = as_typed(file.vehicle)
    values: dict[str, Any] = {"file": file, "vehicle": file.vehicle, "stored": stored, "seen": stamp(file.vehicle)}
    values |= {"values": {**stored, **(typed or {})}}
    return page(request, signed, template, **values, **told(refusal), **WORDS)
