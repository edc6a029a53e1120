"""Who is at the desk and what they may do; asked on the server for every route."""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from bot.api.context import Context, Here
from bot.business.staff import Agent, Permission
from bot.messages.inbox import real_now
from bot.services.agents import SEEN_EVERY, Session, session_of
from bot.services.unavailable import StoreUnavailable

COOKIE = "desk"
_SAFE = ("GET", "HEAD")
_HOUSEHOLD = 64
# Where somebody may go who has to choose a password first.
_BEFORE_ALL = ("/desk/profile", "/desk/profile/password", "/desk/profile/language", "/desk/sign-out")
# What pages fetch by themselves does not count as somebody being there.
_BY_ITSELF = "x-by-itself"


class NotSignedIn(Exception):
    """Nobody is signed in in this browser, or their session has ended."""


class MustChangePassword(Exception):
    """The agent's password was given to them by somebody else: first they choose their own."""


class Forged(Exception):
    """A request that did not come from a page of the desk."""


@dataclass(frozen=True)
class SignedIn:
    """The agent of this request and the word that their forms carry."""

    agent: Agent
    csrf: str
    session: Session


async def signed_in(request: Request, here: Here) -> SignedIn:
    """The agent of this request; raises NotSignedIn, MustChangePassword, and Forged for a bare POST."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotSignedIn
    request.state.since = here.news.stamp
    now = real_now()
    async with here.store.reading() as uow:
        session = await session_of(uow, now, token=token, idle=idle_time(here))
    if session is None:
        raise NotSignedIn
    request.state.language = session.agent.language
    if request.method not in _SAFE:
        await _check_origin(request, session.csrf)
    if session.agent.must_change_password and request.url.path not in _BEFORE_ALL:
        raise MustChangePassword
    signed = SignedIn(session.agent, session.csrf, session)
    request.state.signed = signed
    if _BY_ITSELF not in request.headers and now - session.seen_at > SEEN_EVERY:
        await _note_seen(here, session, now)
    return signed


async def who_asks(request: Request, here: Context) -> SignedIn | None:
    """Who is signed in, for an answer where no route has asked; None for nobody."""
    with suppress(NotSignedIn, Forged, MustChangePassword, StoreUnavailable):
        return await signed_in(request, here)
    return None


Signed = Annotated[SignedIn, Depends(signed_in)]


def allowed(permission: Permission) -> Any:
    """A route's dependency: the agent's role allows it; raises Forbidden."""

    async def check(signed: Signed) -> SignedIn:
        signed.agent.check(permission)
        return signed

    return Depends(check)


def idle_time(here: Context) -> timedelta:
    """How long a session lasts when nobody touches the page."""
    return timedelta(minutes=here.settings.desk_idle_minutes)


def set_cookie(answer: Response, request: Request, token: str) -> None:
    """Give the browser its session; scripts cannot read it, other sites' forms do not carry it."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_secure(request), path="/desk")


def is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, also to a proxy before us."""
    return request.headers.get("x-forwarded-proto", request.url.scheme) == "https"


def address_of(request: Request) -> str:
    """Where the browser is, for counting guesses: its address, with IPv6 the network that one household has."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:45]
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), _HOUSEHOLD), strict=False))


def same_origin(request: Request) -> bool:
    """Whether the request comes from our own page, as far as the browser tells."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        return False
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


async def _check_origin(request: Request, csrf: str) -> None:
    given = request.headers.get("x-csrf-token")
    if given is None and "form" in request.headers.get("content-type", ""):
        found = (await request.form()).get("csrf")
        given = found if isinstance(found, str) else None
    right = hmac.compare_digest((given or "").encode("utf-8", "replace"), csrf.encode())
    if not right or not same_origin(request):
        raise Forged


async def _note_seen(here: Context, session: Session, now: datetime) -> None:
    async with here.store.transaction() as uow:
        await uow.agents.seen(session, here.clock.now(), now)
