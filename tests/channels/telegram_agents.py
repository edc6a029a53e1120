"""Agents in their Telegram group, on a bot with a fake Telegram: who they are, what waits, what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.business.staff import Agent
from bot.messages.inbox import real_now
from bot.services import handoffs
from bot.services.telegram_links import link, link_code
from bot.wiring import Bot
from tests.channels.telegram_bot import LI, bot_on, messages_of, until
from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.telegram_record import Sent

GROUP = -1001234567890
ZHOU, WANG, STRANGER = 9001, 9002, 9009
DESK = "https://bot.dealer.cn/desk"


@asynccontextmanager
async def desk_on(fake: FakeTelegram, database_url: str, **more: Any) -> AsyncIterator[Bot]:
    """A bot with the agents' group, 小周 and 小王 known there by their accounts."""
    fake.record.group(GROUP, "顾问群")
    given = {"TELEGRAM_AGENT_CHAT_ID": str(GROUP), "BOT_DESK_URL": DESK, **more}
    async with bot_on(fake, database_url, **given) as bot:
        for name, account in (("小周", ZHOU), ("小王", WANG)):
            await known(bot, name, account)
        yield bot


async def known(bot: Bot, name: str, account: int | None = None, role: str = "adviser") -> Agent:
    """An agent, linked with this account; added unless another copy of the bot has done so."""
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        agent = await uow.agents.by_name(name)
        if agent is None:
            values = {"login": f"login-{name}", "name": name, "role": role, "password_hash": "none"}
            agent = await uow.agents.get(await uow.agents.add(now, **values))
        if account is not None and agent.telegram_user_id is None:
            code = await link_code(uow, real_now(), agent=agent)
            agent = await link(uow, now, real_now(), code=code, account=account)
    assert agent is not None
    return agent


async def asked(bot: Bot, user: int = LI, urgency: str = "normal", reason: str = "wants_person", **facts: Any) -> int:
    """Somebody on Telegram asks for a person; the hand-off's number."""
    async with bot.store.transaction() as uow:
        receipt = await handoffs.request_handoff(
            uow, bot.clock.now(), channel="telegram", user=str(user), reason=reason, urgency=urgency, facts=facts
        )
    return receipt.id


async def handoff_of(bot: Bot, number: int) -> handoffs.Handoff:
    async with bot.store.reading() as uow:
        found = await uow.handoffs.get(number)
    assert found is not None
    return found


async def told(fake: FakeTelegram, count: int = 1) -> Sent:
    """The last message in the group, once there are so many."""
    return (await fake.wait_sent(count, GROUP))[-1]


async def changed(fake: FakeTelegram, words: str) -> None:
    """Wait until a message of the group was changed and says this."""
    await until(lambda: any(words in (edit.text or "") for edit in fake.edits(GROUP)))


async def said_by_agents(bot: Bot, user: int = LI) -> list[tuple[str | None, str | None]]:
    """Agent and words of what agents said to this customer."""
    return [(message.agent, message.text) for message in await messages_of(bot, user) if message.sender == "agent"]


async def notice_states(bot: Bot) -> list[tuple[str, str]]:
    """Kind and state of every notice, in order."""
    async with bot.store.connection() as connection:
        query = "SELECT kind, state FROM desk_notices WHERE target <> 'desk' ORDER BY id"
        found = await connection.exec_driver_sql(query)
        return [(kind, state) for kind, state in found]
