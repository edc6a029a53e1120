"""Agents who are signed in, for tests of the desk's pages without a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from bot.business.passwords import password_hash
from bot.business.staff import Agent
from bot.messages.inbox import real_now
from bot.services.agents import add_agent, begin_sign_in, end_sign_in
from bot.store.engine import Store
from bot.wiring import Bot
from tests.running import client_of

PASSWORD = "a-good-long-password"
# Hashing is slow on purpose; once is enough for all tests.
HASH = password_hash(PASSWORD)
NAMES = {"adviser": "小周", "supervisor": "王主管", "manager": "陈经理", "administrator": "管理员"}


async def agent_with(store: Store, now: datetime, role: str, name: str | None = None, team: str = "") -> Agent:
    """An agent of this role in the store, added when missing; login and name follow from the role."""
    name = name or NAMES[role]
    login = role if name == NAMES[role] else f"{role}-{name}"
    async with store.transaction() as uow:
        found: Agent | None = await uow.agents.by_login(login) or await uow.agents.by_name(name)
        return found or await add_agent(
            uow, now, login=login, name=name, role=role, password_hash=HASH, team=team
        )


async def session_for(store: Store, now: datetime, agent: Agent) -> tuple[str, str]:
    """The cookie's token and the csrf word of a new session, without the password's slow comparison."""
    async with store.transaction() as uow:
        try_id, _ = await begin_sign_in(uow, real_now(), login=agent.login, address="")
        session, token = await end_sign_in(
            uow, now, real_now(), login=agent.login, try_id=try_id, right=True, demo=True
        )
    return token, session.csrf


@asynccontextmanager
async def at_desk(bot: Bot, role: str = "adviser", name: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose agent of this role is signed in; POSTs carry the session's word."""
    now = bot.clock.now()
    token, csrf = await session_for(bot.store, now, await agent_with(bot.store, now, role, name))
    async with client_of(bot, cookies={"desk": token}, headers={"X-CSRF-Token": csrf, "HX-Request": "true"}) as client:
        yield client
