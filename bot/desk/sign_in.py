"""Signing in and out of the desk; wrong passwords are slowed, and which half was wrong is never said."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.business.passwords import NOBODY, is_password
from bot.business.refusals import LockedOut, SignInRefused
from bot.desk.access import COOKIE, Forged, Signed, address_of, same_origin, set_cookie
from bot.desk.changes import STAFF, change
from bot.desk.pages import PREFIX, page
from bot.desk.troubles import sentence_of
from bot.messages.inbox import real_now
from bot.services.agents import begin_sign_in, end_sign_in, sign_out

router = APIRouter()
Field = Annotated[str, Form(max_length=200)]
# Hashing takes 64 MB each: a flood of tries waits in line instead of filling the memory.
_AT_ONCE = 4
_HASHING = "desk_hashing"


@router.get("/sign-in")
async def show_sign_in(request: Request, next: str = PREFIX) -> Response:
    """The sign-in page."""
    return page(request, None, "sign_in.html", next=_inside(next), login="", trouble=None)


@router.post("/sign-in")
async def do_sign_in(
    request: Request, here: Here, login: Field, password: Field, next: Annotated[str, Form()] = PREFIX
) -> Response:
    """The session in a cookie and on to the page that was asked for; the same page with a sentence when refused."""
    if not same_origin(request):
        raise Forged
    try:
        token = await _token(request, here, login, password)
    except (SignInRefused, LockedOut) as refusal:
        words, _ = sentence_of(refusal)
        status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(refusal, LockedOut) else HTTPStatus.UNAUTHORIZED
        return page(request, None, "sign_in.html", status=status, next=_inside(next), login=login, trouble=words)
    answer = RedirectResponse(_inside(next), HTTPStatus.SEE_OTHER)
    set_cookie(answer, request, token)
    return answer


@router.post("/sign-out")
async def do_sign_out(signed: Signed, here: Here) -> Response:
    """End the session here."""
    async with change(here, STAFF) as uow:
        await sign_out(uow, here.clock.now(), session=signed.session)
    answer = RedirectResponse(f"{PREFIX}/sign-in", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path=PREFIX)
    return answer


async def _token(request: Request, here: Context, login: str, password: str) -> str:
    async with here.store.transaction() as uow:
        try_id, kept = await begin_sign_in(uow, real_now(), login=login, address=address_of(request))
    async with hashing(request):
        right = await asyncio.to_thread(is_password, kept or NOBODY, password)
    async with here.store.transaction() as uow:
        _, token = await end_sign_in(
            uow,
            here.clock.now(),
            real_now(),
            login=login,
            try_id=try_id,
            right=right and kept is not None,
            demo=here.settings.demo,
        )
    return token


def hashing(request: Request) -> asyncio.Semaphore:
    """The place in line for one look at a password."""
    state = request.app.state
    if not hasattr(state, _HASHING):
        setattr(state, _HASHING, asyncio.Semaphore(_AT_ONCE))
    semaphore: asyncio.Semaphore = getattr(state, _HASHING)
    return semaphore


def _inside(target: str) -> str:
    """The address if it is one of the desk's, else the desk's first page: nobody is led elsewhere."""
    plain = target.startswith(f"{PREFIX}/") and not set(target) & set("\\\r\n\t") and "//" not in target
    return target if plain and not target.startswith(f"{PREFIX}/sign-") else PREFIX
