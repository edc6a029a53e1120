"""The hand-off card and the WeChat meter beside a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.messages.inbox import real_now
from bot.services.handoffs import request_handoff
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.platforms.wechat_api import FakeWechat
from tests.running import client_of, running_bot, settings_for

EVIL = "<script>alert('x')</script>"


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="1", BOT_WORKER="0")) as running:
        yield running


async def waiting(bot: Bot, user: str = "u1", phone: str | None = None, **facts: Any) -> int:
    """Somebody waits for a person; with `phone` they are proven to be that customer. The conversation."""
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        if phone:
            customer = await uow.customers.by_phone(phone)
            assert customer is not None
            await uow.conversations.ensure("web", user, now)
            await uow.customers.bind(customer.id, "web", user, now)
        await request_handoff(uow, now, channel="web", user=user, reason="wants_person", facts=facts)
        conversation = await uow.conversations.find("web", user)
    assert conversation is not None
    return conversation.id


async def card(bot: Bot, key: int, role: str = "adviser") -> str:
    async with at_desk(bot, role) as client:
        answer = await client.get(f"/desk/conversations/{key}/news")
    assert answer.status_code == 200, answer.text
    return answer.text[answer.text.index('id="handoff-card"') :]


async def test_the_card_shows_a_proven_customer_with_the_repair_and_what_to_say(bot: Bot) -> None:
    text = await card(bot, await waiting(bot, phone="13800138001"))
    for shown in ("已核实", "速腾", "WO-1001", "维修中", "李女士您好，我是小周", "填入回复框", "客户要求人工"):
        assert shown in text
    assert "未核实" not in text


async def test_who_was_not_matched_is_marked_as_not_verified(bot: Bot) -> None:
    text = await card(bot, await waiting(bot, plate="粤B8K321", surname="张", phone_tail="1"))
    assert "未核实" in text
    assert "不一定是本人" in text
    assert ">您好，我是小周" in text


async def test_telephones_are_masked_and_what_people_told_is_harmless(bot: Bot) -> None:
    key = await waiting(bot, user="u2", complaint_text=EVIL, problem=[EVIL], surname=EVIL)
    async with bot.store.transaction() as uow:
        handoff = await uow.handoffs.open_of(key)
        assert handoff is not None
        facts = await uow.handoffs.facts(handoff.id)
        await uow.handoffs.set_facts(handoff.id, {**facts, "phone": "13800000001"})
    text = await card(bot, key)
    assert "13800000001" not in text
    assert "<script>" not in text


async def test_a_look_at_the_card_is_audited(bot: Bot) -> None:
    key = await waiting(bot)
    await card(bot, key)
    async with bot.store.reading() as uow:
        rows = await uow.connection.exec_driver_sql(
            "SELECT actor, action, subject FROM audit_log WHERE subject_kind = 'card'"
        )
        assert [tuple(row) for row in rows] == [("小周", "read", str(key))]


@pytest.mark.parametrize("page", ["news", "meter"])
async def test_strangers_see_nothing_and_unknown_conversations_are_none(bot: Bot, page: str) -> None:
    key = await waiting(bot)
    async with client_of(bot) as stranger:
        assert (await stranger.get(f"/desk/conversations/{key}/{page}")).status_code == 303
    async with at_desk(bot) as client:
        assert (await client.get(f"/desk/conversations/999999/{page}")).status_code == 404


async def test_where_nothing_is_counted_the_meter_is_not_shown(bot: Bot) -> None:
    async with at_desk(bot) as client:
        text = (await client.get(f"/desk/conversations/{await waiting(bot)}/meter")).text
    assert 'class="meter unlimited"' in text


@pytest.mark.parametrize(
    ("used", "hours", "shown", "asks"),
    [
        (1, 1, "还可发 3 条", False),
        (4, 1, "还可发 0 条", True),
        (5, 1, "已用完", False),
        (0, 49, "窗口已关闭", False),
    ],
)
async def test_the_meter_counts_what_wechat_allows(
    used: int, hours: int, shown: str, asks: bool, database_url: str, tmp_path: Any
) -> None:
    async with FakeWechat() as fake:
        settings = settings_for(
            database_url,
            WECHAT_APP_ID=fake.app_id,
            WECHAT_APP_SECRET=fake.secret,
            WECHAT_TOKEN="a-token-of-the-callback",
            WECHAT_API_BASE_URL=fake.url,
            BOT_SPOOL_DIR=str(tmp_path / "spool"),
            BOT_WORKER="0",
        )
        async with running_bot(settings) as bot, at_desk(bot) as client:
            fake.customer_did("oAnn")
            key = await on_wechat(bot, used, hours)
            page = await client.get(f"/desk/conversations/{key}/meter")
            assert shown in page.text
            assert ("请客户回一句" in page.text) is asks
            answer = await client.post(f"/desk/conversations/{key}/meter/ask")
            async with bot.store.reading() as uow:
                said = [each.text for each in await uow.messages.latest(key)]
            assert said == ([bot.context.phrase("utter_ask_to_write_again")] if asks else [])
            assert ("已请客户回话" in answer.text) is asks


async def on_wechat(bot: Bot, used: int, hours: int) -> int:
    """Ann has written on WeChat so many hours ago, and so many messages were sent to her since."""
    at = real_now() - timedelta(hours=hours)
    async with bot.store.transaction() as uow:
        opened = await uow.conversations.open(
            channel="wechat", user="oAnn", at=bot.clock.now(), token="t", until=at, real_now=at
        )
        await uow.connection.exec_driver_sql(f"UPDATE conversations SET quota_used = {used}")
    key: int = opened.conversation.id
    return key
