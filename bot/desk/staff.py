"""The administrator's page: who works at the desk, added, changed, let in again, sent away."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.api.context import Context, Here
from bot.api.fields import Id
from bot.business.passwords import check_password, password_hash
from bot.business.refusals import InvalidValue, UnknownAgent, WeakPassword
from bot.business.staff import ROLES, Permission
from bot.desk.access import Signed, SignedIn, allowed
from bot.desk.changes import STAFF, change
from bot.desk.pages import PREFIX, page
from bot.desk.sign_in import hashing
from bot.desk.staff_words import DONE, ROLE_NAMES, what_is_wrong
from bot.messages.inbox import real_now
from bot.services import staff
from bot.services.agents import add_agent

router = APIRouter(prefix="/staff", dependencies=[allowed(Permission.STAFF)])
Field = Annotated[str, Form(max_length=200)]


@router.get("")
async def show_staff(request: Request, signed: Signed, here: Here, done: str = "") -> Response:
    """Everybody, and the form for somebody new."""
    return await _list(request, signed, here, done=done)


@router.post("")
async def add(
    request: Request,
    signed: Signed,
    here: Here,
    login: Field = "",
    name: Field = "",
    role: Field = "",
    team: Field = "",
    password: Field = "",
) -> Response:
    """A new agent, who changes the given password at the first sign-in."""
    given = {"login": login, "name": name, "role": role, "team": team}
    try:
        check_password(password, login)
        kept = await _hashed(request, password)
        async with here.store.transaction() as uow:
            await add_agent(
                uow,
                here.clock.now(),
                login=login,
                name=name,
                role=role,
                team=team.strip(),
                password_hash=kept,
                must_change_password=True,
                actor=signed.agent.name,
            )
    except (InvalidValue, WeakPassword) as refusal:
        return await _list(request, signed, here, given=given, refusal=refusal)
    return _to("", "added")


@router.get("/{agent_id}")
async def show_agent(request: Request, signed: Signed, here: Here, agent_id: Id, done: str = "") -> Response:
    """One agent with all that can be changed."""
    return await _one(request, signed, here, agent_id, done=done)


@router.post("/{agent_id}")
async def change_agent(
    request: Request, signed: Signed, here: Here, agent_id: Id, name: Field = "", role: Field = "", team: Field = ""
) -> Response:
    """Another name, role or team."""
    try:
        async with change(here, "queue", STAFF) as uow:
            await staff.change_agent(
                uow, here.clock.now(), agent_id=agent_id, name=name, role=role, team=team, actor=signed.agent.name
            )
    except InvalidValue as refusal:
        return await _one(request, signed, here, agent_id, refusal=refusal)
    return _to(f"/{agent_id}", "changed")


@router.post("/{agent_id}/password")
async def give_password(request: Request, signed: Signed, here: Here, agent_id: Id, password: Field = "") -> Response:
    """A new password, told to the agent by the administrator."""
    try:
        async with here.store.reading() as uow:
            agent = await uow.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(agent_id)
        check_password(password, agent.login)
        kept = await _hashed(request, password)
        async with change(here, STAFF) as uow:
            await staff.give_password(
                uow, here.clock.now(), agent_id=agent_id, password_hash=kept, actor=signed.agent.name
            )
    except WeakPassword as refusal:
        return await _one(request, signed, here, agent_id, refusal=refusal)
    return _to(f"/{agent_id}", "password")


@router.post("/{agent_id}/deactivate")
async def deactivate(request: Request, signed: Signed, here: Here, agent_id: Id) -> Response:
    """Signed out for good; their customers wait for somebody else."""
    try:
        if agent_id == signed.agent.id:
            raise InvalidValue("agent", "oneself")
        async with change(here, "queue", STAFF) as uow:
            await staff.deactivate(uow, here.clock.now(), agent_id=agent_id, actor=signed.agent.name)
    except InvalidValue as refusal:
        return await _one(request, signed, here, agent_id, refusal=refusal)
    return _to(f"/{agent_id}", "deactivated")


@router.post("/{agent_id}/activate")
async def activate(signed: Signed, here: Here, agent_id: Id) -> Response:
    """Back at the desk."""
    async with here.store.transaction() as uow:
        await staff.activate(uow, here.clock.now(), agent_id=agent_id, actor=signed.agent.name)
    return _to(f"/{agent_id}", "activated")


@router.post("/{agent_id}/unlock")
async def unlock(signed: Signed, here: Here, agent_id: Id) -> Response:
    """May try a password again at once."""
    async with here.store.transaction() as uow:
        await staff.unlock(uow, here.clock.now(), agent_id=agent_id, actor=signed.agent.name)
    return _to(f"/{agent_id}", "unlocked")


async def _list(
    request: Request,
    signed: SignedIn,
    here: Context,
    *,
    done: str = "",
    given: dict[str, str] | None = None,
    refusal: InvalidValue | WeakPassword | None = None,
) -> Response:
    async with here.store.reading() as uow:
        everybody, locked = await uow.agents.all(), await staff.locked_logins(uow, real_now())
    everybody.sort(key=lambda agent: (not agent.active, ROLES.index(agent.role), agent.name))
    return page(
        request,
        signed,
        "staff.html",
        status=_status(refusal),
        everybody=everybody,
        locked=locked,
        teams=_teams(everybody),
        given=given or {"login": "", "name": "", "role": ROLES[0], "team": ""},
        roles=ROLE_NAMES,
        trouble=what_is_wrong(refusal),
        done=DONE.get(done),
    )


async def _one(
    request: Request,
    signed: SignedIn,
    here: Context,
    agent_id: int,
    *,
    done: str = "",
    refusal: InvalidValue | WeakPassword | None = None,
) -> Response:
    async with here.store.reading() as uow:
        agent = await uow.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(agent_id)
        locked = agent.login in await staff.locked_logins(uow, real_now())
        in_hand, everybody = await uow.agents.in_hand(agent.name), await uow.agents.all()
    return page(
        request,
        signed,
        "staff_agent.html",
        status=_status(refusal),
        who=agent,
        locked=locked,
        in_hand=len(in_hand),
        teams=_teams(everybody),
        roles=ROLE_NAMES,
        trouble=what_is_wrong(refusal),
        done=DONE.get(done),
    )


def _teams(everybody: list[Any]) -> list[str]:
    return sorted({agent.team for agent in everybody if agent.team})


def _status(refusal: object) -> int:
    return HTTPStatus.OK if refusal is None else HTTPStatus.UNPROCESSABLE_ENTITY


async def _hashed(request: Request, password: str) -> str:
    async with hashing(request):
        return await asyncio.to_thread(password_hash, password)


def _to(place: str, done: str) -> Response:
    return RedirectResponse(f"{PREFIX}/staff{place}?done={done}", HTTPStatus.SEE_OTHER)
