"""Rescue from the hand-off card: an agent sends help, completes the ticket, and says how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.business.rescues import Rescue
from bot.services.handoffs import claim
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.desk.test_card import card, waiting
from tests.running import running_bot, settings_for


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="1", BOT_WORKER="0")) as running:
        yield running


async def post(bot: Bot, key: int, path: str = "", **data: Any) -> Any:
    async with at_desk(bot) as client:
        return await client.post(f"/desk/conversations/{key}/rescue{path}", data=data)


async def ticket(bot: Bot) -> Rescue:
    async with bot.store.transaction() as uow:
        found = await uow.rescues.open_of("web", "u1")
    assert found is not None
    return found


async def heard(bot: Bot, key: int) -> list[str]:
    async with bot.store.reading() as uow:
        return [each.text or "" for each in await uow.messages.latest(key) if each.sender == "system"]


async def test_help_is_sent_from_the_card_and_the_customer_hears_of_it(bot: Bot) -> None:
    key = await waiting(bot, plate="粤B12345", problem=["刹车失灵"])
    assert "登记救援" in await card(bot, key)
    answer = await post(bot, key, place="深南大道科技园出口", phone="13711112222", plate="粤B12345", text="刹车失灵")
    assert "已登记" in answer.text
    found = await ticket(bot)
    assert (found.status, found.place, found.phone, found.text) == (
        "open",
        "深南大道科技园出口",
        "13711112222",
        "刹车失灵",
    )
    said = (await heard(bot, key))[-1]
    assert found.number in said
    assert "电话已经转给专员" in said
    async with bot.store.reading() as uow:
        handoff = await uow.handoffs.open_of(key)
    assert handoff is not None
    assert (handoff.urgency, handoff.owner, handoff.status) == ("danger", "小周", "claimed")
    shown = await card(bot, key)
    for words in (found.number, "等待安排", "深南大道科技园出口", "137****2222", "已安排好", "危险"):
        assert words in shown
    assert "登记救援" not in shown


async def test_what_is_missing_is_asked_of_the_customer_and_can_be_added(bot: Bot) -> None:
    key = await waiting(bot)
    await post(bot, key, text="爆胎")
    assert "您的位置（路名、方向或附近标志）和手机号" in (await heard(bot, key))[-1]
    assert "补充" in (await post(bot, key, place="北环大道", phone="13711112222")).text
    found = await ticket(bot)
    assert (found.place, found.phone, found.text) == ("北环大道", "13711112222", "爆胎")
    assert len(await heard(bot, key)) == 1
    wrong = await post(bot, key, phone="123")
    assert wrong.status_code == 422
    assert "这不像手机号" in wrong.text


async def test_arranged_help_is_told_and_a_rescue_that_is_over_leaves_the_card(bot: Bot) -> None:
    key = await waiting(bot)
    await post(bot, key, place="北环大道", phone="13711112222")
    number = (await ticket(bot)).number
    assert "已登记安排好" in (await post(bot, key, "/state", status="arranged")).text
    assert f"救援单{number}已经安排好了" in (await heard(bot, key))[-1]
    assert (await ticket(bot)).owner == "小周"
    assert '<span class="chip chip-ok">已安排</span>' in await card(bot, key)
    assert (await post(bot, key, "/state", status="arranged")).status_code == 200, "a second click"
    assert len(await heard(bot, key)) == 2
    assert "已在聊天里告诉客户" in (await post(bot, key, "/state", status="closed")).text
    assert f"救援单{number}的救援已经结束" in (await heard(bot, key))[-1]
    assert number not in await card(bot, key)
    assert (await post(bot, key, "/state", status="closed")).status_code == 404


async def test_a_rescue_that_was_called_off_is_closed_without_a_word(bot: Bot) -> None:
    key = await waiting(bot)
    await post(bot, key, place="北环大道", phone="13711112222")
    before = await heard(bot, key)
    assert "告诉客户" not in (await post(bot, key, "/state", status="closed")).text
    assert await heard(bot, key) == before


async def test_help_is_sent_though_a_colleague_has_the_conversation(bot: Bot) -> None:
    key = await waiting(bot)
    async with bot.store.transaction() as uow:
        handoff = await uow.handoffs.open_of(key)
        assert handoff is not None
        await claim(uow, bot.clock.now(), handoff_id=handoff.id, agent="小林")
    assert (await post(bot, key, place="北环大道")).status_code == 200
    async with bot.store.reading() as uow:
        handoff = await uow.handoffs.open_of(key)
    assert handoff is not None
    assert (handoff.owner, handoff.urgency) == ("小林", "danger")
