"""Agents of the desk: who they are, how they sign in, how long their session lasts."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.business.refusals import InvalidValue, SignInRefused
from bot.business.sign_in_tries import WITHIN, check_tries
from bot.business.staff import Agent, check_name, check_place
from bot.services.desk_ports import DeskUnitOfWork

LONGEST_SESSION = timedelta(hours=14)
# Pages note that an agent is there, but not with every click.
SEEN_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Session:
    """A signed-in browser: whose it is, and the word its forms must carry."""

    agent: Agent
    csrf: str
    token_hash: str
    created_at: datetime
    seen_at: datetime


async def add_agent(
    uow: DeskUnitOfWork,
    now: datetime,
    *,
    login: str,
    name: str,
    role: str,
    password_hash: str,
    team: str = "",
    demo: bool = False,
    must_change_password: bool = False,
    actor: str = "desk",
) -> Agent:
    """The new agent; raises InvalidValue for a login or name that is taken or empty, or an unknown role."""
    login, name = login.strip().casefold(), name.strip()
    if not login or any(character.isspace() for character in login) or len(login) > 40:
        raise InvalidValue("login", "malformed")
    check_name(name)
    check_place(role, team)
    if await uow.agents.by_login(login) is not None:
        raise InvalidValue("login", "taken")
    if await uow.agents.by_name(name) is not None:
        raise InvalidValue("name", "taken")
    agent_id = await uow.agents.add(
        now,
        login=login,
        name=name,
        role=role,
        team=team,
        password_hash=password_hash,
        demo=demo,
        must_change_password=must_change_password,
    )
    await uow.audit.write(now, actor=actor, action="add", kind="agent", subject=login)
    found = await uow.agents.get(agent_id)
    assert found is not None  # noqa: S101 - just inserted in this transaction
    return found


async def begin_sign_in(uow: DeskUnitOfWork, real_now: datetime, *, login: str, address: str) -> tuple[int, str | None]:
    """Count the try before the password is looked at; its id and the hash to compare with, None for nobody.

    Raises LockedOut(until).
    """
    login = login.strip().casefold()[:40]
    await uow.agents.in_line()
    of_login, of_address = await uow.agents.wrong_tries(login, address, real_now - WITHIN)
    check_tries(of_login, of_address, real_now)
    try_id = await uow.agents.add_try(login=login, address=address, time=real_now)
    return try_id, await uow.agents.password_hash(login)


async def end_sign_in(
    uow: DeskUnitOfWork, now: datetime, real_now: datetime, *, login: str, try_id: int, right: bool, demo: bool
) -> tuple[Session, str]:
    """The session of who gave the right password, and the token for the cookie; raises SignInRefused.

    Agents of the demo dealership sign in only while it is one (`demo`).
    """
    agent = await uow.agents.by_login(login.strip().casefold())
    if not right or agent is None or not agent.active or (agent.demo and not demo):
        raise SignInRefused()
    await uow.agents.forgive_tries(try_id, agent.login)
    token = secrets.token_urlsafe(32)
    session = Session(agent, secrets.token_urlsafe(24), hashed(token), real_now, real_now)
    await uow.agents.add_session(session.token_hash, agent.id, session.csrf, real_now)
    await uow.audit.write(now, actor=agent.name, action="sign_in", kind="agent", subject=agent.login)
    return session, token


async def session_of(uow: DeskUnitOfWork, real_now: datetime, *, token: str, idle: timedelta) -> Session | None:
    """The session of the browser with this token; None when it ended, was idle too long, or its agent left."""
    found = await uow.agents.session(hashed(token))
    if found is None or not found.agent.active:
        return None
    if real_now - found.seen_at > idle or real_now - found.created_at > LONGEST_SESSION:
        return None
    return found


async def sign_out(uow: DeskUnitOfWork, now: datetime, *, session: Session) -> None:
    """End this browser's session."""
    await uow.agents.end_session(session.token_hash)
    await uow.audit.write(now, actor=session.agent.name, action="sign_out", kind="agent", subject=session.agent.login)


def hashed(token: str) -> str:
    """What is kept of a session's token: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
