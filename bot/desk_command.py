"""`python -m bot desk add-user`: the first administrator, and anybody who lost their way in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.business.passwords import check_password, password_hash
from bot.business.refusals import InvalidValue, WeakPassword
from bot.clock import Clock
from bot.services.agents import add_agent
from bot.settings import Settings
from bot.store.engine import Store

_WHY = {
    ("login", "malformed"): "A login has 1 to 40 characters and no blanks.",
    ("login", "taken"): "Somebody has this login already; `desk set-password` gives them a new password.",
    ("name", "malformed"): "A name has 1 to 20 characters; customers see it.",
    ("name", "taken"): "A colleague has this name already; customers could not tell you apart.",
    ("role", "unknown"): "The role is adviser, supervisor, manager or administrator.",
    ("team", "malformed"): "A team has at most 20 characters.",
}


async def add_user(settings: Settings, *, login: str, name: str, role: str, team: str, password: str) -> str:
    """What became of it, as a sentence; raises ValueError with the sentence when it cannot be done."""
    try:
        check_password(password, login)
    except WeakPassword as error:
        raise ValueError(f"The password needs {error.shortest} characters or more, without the login in it.") from error
    async with _opened(settings) as (store, clock):
        try:
            async with store.transaction() as uow:
                agent = await add_agent(
                    uow,
                    clock.now(),
                    login=login,
                    name=name,
                    role=role,
                    team=team,
                    password_hash=password_hash(password),
                )
        except InvalidValue as error:
            raise ValueError(_WHY[error.field, error.reason]) from error
    return f"{agent.name} ({agent.role}) can sign in as {agent.login} at /desk."


async def set_password(settings: Settings, *, login: str, password: str) -> str:
    """A new password for the agent, whose sessions end; raises ValueError with a sentence."""
    try:
        check_password(password, login)
    except WeakPassword as error:
        raise ValueError(f"The password needs {error.shortest} characters or more, without the login in it.") from error
    async with _opened(settings) as (store, clock), store.transaction() as uow:
        agent = await uow.agents.by_login(login.strip().casefold())
        if agent is None:
            raise ValueError("Nobody has this login; `desk add-user` adds an agent.")
        await uow.agents.change(agent.id, clock.now(), password_hash=password_hash(password), active=True)
        await uow.agents.end_sessions_of(agent.id)
        await uow.agents.forgive_tries(0, agent.login)
        await uow.audit.write(clock.now(), actor="desk", action="set_password", kind="agent", subject=agent.login)
    return f"{agent.name} can sign in as {agent.login} with the new password."


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Store, Clock]]:
    """The store and the business clock of these settings."""
    store, clock = Store(settings.database_url, settings.timezone.key), Clock(settings.timezone)
    await store.start()
    try:
        await clock.start(store, settings.clock)
        yield store, clock
    finally:
        await clock.stop()
        await store.close()
