"""People at the desk are added, changed and sent away; nothing they had is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from bot.business.refusals import InvalidValue, LockedOut, UnknownAgent
from bot.business.staff import Agent
from bot.messages.inbox import real_now
from bot.services import staff
from bot.services.agents import add_agent, begin_sign_in, session_of
from bot.services.handoffs import claim, request_handoff
from bot.store.engine import Store
from tests.desk.desks import agent_with, session_for

BOSS = {"actor": "管理员"}


async def people(store: Store, now: datetime) -> tuple[Agent, Agent]:
    """An adviser and the only administrator."""
    return await agent_with(store, now, "adviser"), await agent_with(store, now, "administrator")


async def with_a_customer(store: Store, now: datetime, agent: Agent) -> int:
    async with store.transaction() as uow:
        receipt = await request_handoff(uow, now, channel="web", user="li", reason="wants_person")
        await claim(uow, now, handoff_id=receipt.id, agent=agent.name)
        return receipt.id


async def test_what_is_in_hand_follows_a_new_name(store: Store, now: datetime) -> None:
    adviser, _ = await people(store, now)
    handoff_id = await with_a_customer(store, now, adviser)
    async with store.transaction() as uow:
        after = await staff.change_agent(
            uow, now, agent_id=adviser.id, name=" 周顾问 ", role="supervisor", team=" 前台 ", **BOSS
        )
        handoff = await uow.handoffs.get(handoff_id)
        conversation = await uow.conversations.find("web", "li")
        written = await uow.audit.about("agent", "adviser")
    assert (after.name, after.role, after.team) == ("周顾问", "supervisor", "前台")
    assert handoff is not None
    assert conversation is not None
    assert (handoff.owner, conversation.agent) == ("周顾问", "周顾问")
    assert [(entry.actor, entry.action) for entry in written][-1] == ("管理员", "change")


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": ""}, "name", "malformed"),
        ({"name": "很" * 21}, "name", "malformed"),
        ({"name": "a\nb"}, "name", "malformed"),
        ({"name": "管理员"}, "name", "taken"),
        ({"name": "售后主管"}, "name", "taken"),
        ({"name": "Bot"}, "name", "taken"),
        ({"role": "owner"}, "role", "unknown"),
        ({"team": "组" * 21}, "team", "malformed"),
    ],
)
async def test_what_cannot_be_an_agent_is_refused(
    store: Store, now: datetime, change: dict[str, str], field: str, reason: str
) -> None:
    adviser, _ = await people(store, now)
    wished: dict[str, Any] = {"name": "小周", "role": "adviser", "team": "", **change}
    async with store.transaction() as uow:
        with pytest.raises(InvalidValue) as refused:
            await staff.change_agent(uow, now, agent_id=adviser.id, **wished, **BOSS)
        with pytest.raises(InvalidValue):
            await add_agent(
                uow, now, login="new", password_hash="x", **{**wished, "name": change.get("name", "新同事")}
            )
    assert (refused.value.field, refused.value.reason) == (field, reason)


async def test_who_leaves_is_signed_out_and_their_customers_wait_again(store: Store, now: datetime) -> None:
    adviser, _ = await people(store, now)
    handoff_id = await with_a_customer(store, now, adviser)
    token, _ = await session_for(store, now, adviser)
    async with store.transaction() as uow:
        assert await staff.deactivate(uow, now, agent_id=adviser.id, **BOSS) == 1
    async with store.reading() as uow:
        handoff, agent = await uow.handoffs.get(handoff_id), await uow.agents.get(adviser.id)
        session = await session_of(uow, real_now(), token=token, idle=staff.WITHIN)
    assert handoff is not None
    assert agent is not None
    assert (handoff.status, handoff.owner, handoff.requested_at) == ("waiting", None, now)
    assert (agent.active, session) == (False, None)
    async with store.transaction() as uow:
        await staff.activate(uow, now, agent_id=adviser.id, **BOSS)
        back = await uow.agents.get(adviser.id)
    assert back is not None
    assert back.active


async def test_a_given_password_ends_sessions_and_must_be_changed(store: Store, now: datetime) -> None:
    adviser, _ = await people(store, now)
    token, _ = await session_for(store, now, adviser)
    async with store.transaction() as uow:
        await staff.give_password(uow, now, agent_id=adviser.id, password_hash="new", **BOSS)
    async with store.reading() as uow:
        agent = await uow.agents.get(adviser.id)
        assert await session_of(uow, real_now(), token=token, idle=staff.WITHIN) is None
        assert await uow.agents.password_hash("adviser") == "new"
    assert agent is not None
    assert agent.must_change_password


async def test_who_typed_wrong_passwords_is_let_in_again(store: Store, now: datetime) -> None:
    adviser, _ = await people(store, now)
    real = real_now()
    for _ in range(5):
        async with store.transaction() as uow:
            await begin_sign_in(uow, real, login="adviser", address="")
    async with store.transaction() as uow:
        assert await staff.locked_logins(uow, real) == {"adviser"}
        with pytest.raises(LockedOut):
            await begin_sign_in(uow, real, login="adviser", address="")
    async with store.transaction() as uow:
        await staff.unlock(uow, now, agent_id=adviser.id, **BOSS)
        assert await staff.locked_logins(uow, real) == set()
        await begin_sign_in(uow, real, login="adviser", address="")


Act = Callable[[Any, datetime, int], Awaitable[Any]]


@pytest.mark.parametrize(
    "act",
    [
        lambda uow, now, key: staff.deactivate(uow, now, agent_id=key, **BOSS),
        lambda uow, now, key: staff.change_agent(
            uow, now, agent_id=key, name="管理员", role="manager", team="", **BOSS
        ),
    ],
)
async def test_the_last_administrator_stays(store: Store, now: datetime, act: Act) -> None:
    _, boss = await people(store, now)
    async with store.transaction() as uow:
        with pytest.raises(InvalidValue) as refused:
            await act(uow, now, boss.id)
    assert refused.value.reason == "last_administrator"


async def test_two_administrators_who_send_each_other_away_leave_one(store: Store, now: datetime) -> None:
    _, first = await people(store, now)
    second = await agent_with(store, now, "administrator", "另一位")

    async def send_away(agent: Agent) -> None:
        async with store.transaction() as uow:
            await staff.deactivate(uow, now, agent_id=agent.id, **BOSS)

    done = await asyncio.gather(send_away(first), send_away(second), return_exceptions=True)
    assert sorted(isinstance(each, InvalidValue) for each in done) == [False, True]
    async with store.reading() as uow:
        assert len([each for each in await uow.agents.all() if each.active and each.role == "administrator"]) == 1


async def test_somebody_unknown_is_refused(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        for act in (staff.deactivate, staff.activate, staff.unlock):
            with pytest.raises(UnknownAgent):
                await act(uow, now, agent_id=99, **BOSS)
