"""Changes to the people at the desk: by the administrator, and by everybody to their own settings."""

from __future__ import annotations

from datetime import datetime

from bot.business.refusals import InvalidValue, UnknownAgent
from bot.business.sign_in_tries import TRIES_OF_A_LOGIN, WITHIN
from bot.business.staff import Agent, check_name, check_place
from bot.services.agents import Session
from bot.services.desk_ports import DeskUnitOfWork
from bot.services.handoffs import return_to_queue

LANGUAGES = ("zh", "en")
_ADMINISTRATOR = "administrator"


async def change_agent(
    uow: DeskUnitOfWork, now: datetime, *, agent_id: int, name: str, role: str, team: str, actor: str
) -> Agent:
    """The agent with another name, role or team; what they have in hand follows the name.

    Raises UnknownAgent, and InvalidValue: name malformed or taken, role unknown or last_administrator, team malformed.
    """
    before = await _known(uow, agent_id)
    name, team = name.strip(), team.strip()
    check_name(name)
    check_place(role, team)
    namesake = await uow.agents.by_name(name)
    if namesake is not None and namesake.id != agent_id:
        raise InvalidValue("name", "taken")
    if role != _ADMINISTRATOR:
        await _keep_an_administrator(uow, before)
    await uow.agents.change(agent_id, now, name=name, role=role, team=team)
    if name != before.name:
        await uow.agents.rename(before.name, name)
    detail = f"{before.role} {before.name} -> {role} {name}"
    await uow.audit.write(now, actor=actor, action="change", kind="agent", subject=before.login, detail=detail)
    return await _known(uow, agent_id)


async def give_password(uow: DeskUnitOfWork, now: datetime, *, agent_id: int, password_hash: str, actor: str) -> None:
    """A password for the next sign-in, to be changed then; every session of the agent ends. Raises UnknownAgent."""
    agent = await _known(uow, agent_id)
    await uow.agents.change(agent_id, now, password_hash=password_hash, must_change_password=True)
    await uow.agents.end_sessions_of(agent_id)
    await uow.agents.forgive_tries(0, agent.login)
    await uow.audit.write(now, actor=actor, action="set_password", kind="agent", subject=agent.login)


async def deactivate(uow: DeskUnitOfWork, now: datetime, *, agent_id: int, actor: str) -> int:
    """The agent leaves: signed out at once, their customers wait again from their first request; how many those are.

    Raises UnknownAgent, and InvalidValue("role", "last_administrator").
    """
    agent = await _known(uow, agent_id)
    await _keep_an_administrator(uow, agent)
    await uow.agents.change(agent_id, now, active=False, available=False)
    await uow.agents.end_sessions_of(agent_id)
    left = await uow.agents.in_hand(agent.name)
    for handoff_id in left:
        await return_to_queue(uow, now, handoff_id=handoff_id)
    await uow.audit.write(now, actor=actor, action="deactivate", kind="agent", subject=agent.login)
    return len(left)


async def activate(uow: DeskUnitOfWork, now: datetime, *, agent_id: int, actor: str) -> None:
    """The agent is back and may sign in again; raises UnknownAgent."""
    agent = await _known(uow, agent_id)
    await uow.agents.change(agent_id, now, active=True, available=True)
    await uow.audit.write(now, actor=actor, action="activate", kind="agent", subject=agent.login)


async def unlock(uow: DeskUnitOfWork, now: datetime, *, agent_id: int, actor: str) -> None:
    """Wrong passwords typed until now count no more; raises UnknownAgent."""
    agent = await _known(uow, agent_id)
    await uow.agents.forgive_tries(0, agent.login)
    await uow.audit.write(now, actor=actor, action="unlock", kind="agent", subject=agent.login)


async def locked_logins(uow: DeskUnitOfWork, real_now: datetime) -> set[str]:
    """Who cannot sign in for a while because of wrong passwords."""
    found = set()
    for agent in await uow.agents.all():
        wrong, _ = await uow.agents.wrong_tries(agent.login, "", real_now - WITHIN)
        if len(wrong) >= TRIES_OF_A_LOGIN:
            found.add(agent.login)
    return found


async def change_own_password(
    uow: DeskUnitOfWork, now: datetime, *, session: Session, try_id: int, password_hash: str
) -> None:
    """The agent's own new password, after the old one was right; their other sessions end."""
    agent = session.agent
    await uow.agents.forgive_tries(try_id, agent.login)
    await uow.agents.change(agent.id, now, password_hash=password_hash, must_change_password=False)
    await uow.agents.end_sessions_of(agent.id, but=session.token_hash)
    await uow.audit.write(now, actor=agent.name, action="change_password", kind="agent", subject=agent.login)


async def set_language(uow: DeskUnitOfWork, now: datetime, *, agent: Agent, language: str) -> None:
    """The language of the agent's pages; raises InvalidValue("language")."""
    if language not in LANGUAGES:
        raise InvalidValue("language", "unknown")
    await uow.agents.change(agent.id, now, language=language)


async def set_available(uow: DeskUnitOfWork, now: datetime, *, agent: Agent, available: bool) -> None:
    """Whether the agent takes customers now; what they have in hand stays theirs."""
    await uow.agents.change(agent.id, now, available=available)
    action = "available" if available else "away"
    await uow.audit.write(now, actor=agent.name, action=action, kind="agent", subject=agent.login)


async def _known(uow: DeskUnitOfWork, agent_id: int) -> Agent:
    agent = await uow.agents.get(agent_id)
    if agent is None:
        raise UnknownAgent(agent_id)
    return agent


async def _keep_an_administrator(uow: DeskUnitOfWork, agent: Agent) -> None:
    """Somebody must always be left who can let the others in."""
    if agent.role == _ADMINISTRATOR and agent.active and await uow.agents.administrators() == [agent.id]:
        raise InvalidValue("role", "last_administrator")
