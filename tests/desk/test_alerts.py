"""Open pages are alerted of what waits, whichever process stored it; agents get a code for their Telegram group."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.messages.inbox import real_now
from bot.services import handoffs
from bot.services.desk_notices import notify
from bot.services.telegram_links import link, link_code, linked_agent
from bot.store.engine import Store
from bot.wiring import Bot
from tests.desk.desks import agent_with, at_desk
from tests.running import running_bot, settings_for


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def alerts(bot: Bot, count: int) -> list[dict[str, Any]]:
    """The next alerts that this process's pages are told."""
    found: list[dict[str, Any]] = []
    with bot.context.news.watching() as watcher:
        while len(found) < count:
            await asyncio.wait_for(watcher.event.wait(), 5)
            topics = watcher.take()
            found += [json.loads(topic.removeprefix("alert ")) for topic in topics if topic.startswith("alert ")]
    return found


async def test_what_another_process_stores_alerts_the_pages_of_this_one(bot: Bot, database_url: str) -> None:
    heard = asyncio.create_task(alerts(bot, 2))
    await asyncio.sleep(0)
    other = Store(database_url)
    await other.start()
    async with other.transaction() as uow:
        now = bot.clock.now()
        receipt = await handoffs.request_handoff(uow, now, channel="web", user="u1", reason="wants_person")
        await handoffs.claim(uow, now, handoff_id=receipt.id, agent="小周")
        handoff = await uow.handoffs.get(receipt.id)
        await notify(uow, now, kind="customer_waits", conversation_id=handoff.conversation_id, handoff_id=receipt.id)
    await other.close()
    waiting, again = await heard
    assert (waiting["kind"], waiting["urgency"], waiting["title"]) == ("handoff_waiting", "normal", "顾客在等人工")
    assert waiting["url"] == f"/desk/conversations/{handoff.conversation_id}"
    assert (waiting["agent"], again["agent"]) == (None, "小周")


async def test_each_notice_alerts_once_and_nothing_from_before_the_start(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        await notify(uow, bot.clock.now(), kind="rescue_open", urgency="danger", payload={"number": "R-1"})
    assert [alert["number"] for alert in await alerts(bot, 1)] == ["R-1"]
    async with bot.store.transaction() as uow:
        await notify(uow, bot.clock.now(), kind="complaint_late", payload={"number": "C-1"})
    heard = asyncio.create_task(alerts(bot, 2))
    await asyncio.sleep(2.5)
    assert not heard.done()
    heard.cancel()


async def test_code_from_the_desk_links_the_account_and_can_be_taken_back(bot: Bot) -> None:
    async with at_desk(bot) as client:
        assert "还没有设置顾问群" in (await client.get("/desk/profile/telegram")).text
    on = settings_for("sqlite:///x", TELEGRAM_BOT_TOKEN="1:a", TELEGRAM_AGENT_CHAT_ID="-1").telegram
    bot.context.settings = replace(bot.settings, telegram=on)
    async with at_desk(bot) as client:
        assert "领取绑定码" in (await client.get("/desk/profile/telegram")).text
        shown = (await client.post("/desk/profile/telegram")).text
        found = re.search(r"/link ([A-Z0-9-]+)<", shown)
        assert found is not None
        async with bot.store.transaction() as uow:
            agent = await link(uow, bot.clock.now(), real_now(), code=found[1], account=77)
        assert agent is not None
        assert agent.name == "小周"
        assert "解除绑定" in (await client.get("/desk/profile/telegram")).text
        assert (await client.post("/desk/profile/telegram/remove")).status_code == 303
    assert (await agent_with(bot.store, bot.clock.now(), "adviser")).telegram_user_id is None


async def test_one_account_belongs_to_one_agent(bot: Bot) -> None:
    now = bot.clock.now()
    for name in ("小周", "小王"):
        agent = await agent_with(bot.store, now, "adviser", name)
        async with bot.store.transaction() as uow:
            code = await link_code(uow, real_now(), agent=agent)
            assert await link(uow, now, real_now(), code=code, account=77) is not None
            assert await link(uow, now, real_now(), code=code, account=78) is None
    async with bot.store.reading() as uow:
        found = await linked_agent(uow, account=77)
        assert found is not None
        assert found.name == "小王"


async def test_who_may_not_converse_gets_no_code(bot: Bot) -> None:
    async with at_desk(bot, "administrator") as client:
        assert (await client.post("/desk/profile/telegram")).status_code == 403
