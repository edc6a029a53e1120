"""Everybody's own page: language, whether they are there, their password."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.passwords import NOBODY, SHORTEST, check_password, is_password, password_hash
from bot.business.refusals import InvalidValue, LockedOut, Refusal, WeakPassword
from bot.desk.access import Signed, SignedIn, address_of
from bot.desk.changes import STAFF, change
from bot.desk.pages import PREFIX, page
from bot.desk.sign_in import hashing
from bot.desk.staff_words import DONE, ROLE_NAMES, what_is_wrong
from bot.messages.inbox import real_now
from bot.services import staff
from bot.services.agents import begin_sign_in

router = APIRouter(prefix="/profile")
Field = Annotated[str, Form(max_length=200)]


@router.get("")
async def show_profile(request: Request, signed: Signed, done: str = "") -> Response:
    """The agent's own settings; who must change the password is told so."""
    return _page(request, signed, done=done)


@router.post("/language")
async def set_language(request: Request, signed: Signed, here: Here, language: Field = "") -> Response:
    """Chinese or English."""
    try:
        async with here.store.transaction() as uow:
            await staff.set_language(uow, here.clock.now(), agent=signed.agent, language=language)
    except InvalidValue as refusal:
        return _page(request, signed, refusal=refusal)
    return _to("language")


@router.post("/available")
async def set_available(signed: Signed, here: Here, available: Field = "") -> Response:
    """There, or away for a while."""
    here_now = available == "yes"
    async with change(here, "queue") as uow:
        await staff.set_available(uow, here.clock.now(), agent=signed.agent, available=here_now)
    return _to("available" if here_now else "away")


@router.post("/password")
async def change_password(
    request: Request, signed: Signed, here: Here, old: Field = "", new: Field = "", again: Field = ""
) -> Response:
    """A new password for who knows the old one; guessing it is slowed as at the door."""
    try:
        if new != again:
            raise InvalidValue("password", "differs")
        if new == old:
            raise WeakPassword(SHORTEST)
        check_password(new, signed.agent.login)
        try_id = await _prove(request, signed, here, old)
        async with hashing(request):
            kept = await asyncio.to_thread(password_hash, new)
        async with change(here, STAFF) as uow:
            await staff.change_own_password(
                uow, here.clock.now(), session=signed.session, try_id=try_id, password_hash=kept
            )
    except (InvalidValue, WeakPassword, LockedOut) as refusal:
        return _page(request, signed, refusal=refusal)
    return _to("own_password")


async def _prove(request: Request, signed: SignedIn, here: Context, old: str) -> int:
    """The id of the counted try; raises InvalidValue("password", "wrong") and LockedOut."""
    who = {"login": signed.agent.login, "address": address_of(request)}
    async with here.store.transaction() as uow:
        try_id, kept = await begin_sign_in(uow, real_now(), **who)
    async with hashing(request):
        right = await asyncio.to_thread(is_password, kept or NOBODY, old)
    if not right:
        raise InvalidValue("password", "wrong")
    return try_id


def _page(request: Request, signed: SignedIn, *, done: str = "", refusal: Refusal | None = None) -> Response:
    return page(
        request,
        signed,
        "profile.html",
        status=HTTPStatus.OK if refusal is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        roles=ROLE_NAMES,
        trouble=what_is_wrong(refusal),
        done=DONE.get(done),
    )


def _to(done: str) -> Response:
    return RedirectResponse(f"{PREFIX}/profile?done={done}", HTTPStatus.SEE_OTHER)
