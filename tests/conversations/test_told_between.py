"""An extra item told between the turns is what the customer's next words are about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.services.progress import answer_by_telephone
from bot.services.work_orders import propose_extra_item
from bot.store import tables
from bot.wiring import ROOT
from bot.worker import Worker
from tests.conftest import ZONE
from tests.conversations.player import Player
from tests.services.dealership import rows

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
ORDER = "WO-1001"  # of 粤B8K321, which the demo dealership repairs


async def told_of_extra(player: Player) -> None:
    """The workshop proposes new wiper blades to a customer who has asked for something else before."""
    await player.say("我的车修到哪了 粤B8K321 8001")
    await player.say("你们几点下班")
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        extra: dict[str, Any] = {"item": "雨刮片", "reason": "胶条老化", "price_fen": 28_000, "minutes": 20}
        await propose_extra_item(uow, now, number=ORDER, **extra)
    await Worker(player.bot.store, player.bot.clock, Phrases(ROOT / "domain.yml")).tell_stages()
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        assert "雨刮片" in ((await uow.messages.latest(conversation.id, 1))[0].text or "")


@pytest.mark.parametrize(
    "text", ["为什么这么贵？", "是什么原因坏的", "能不能便宜点", "为啥要换", "保修期内还收钱？", "不换会怎么样"]
)
async def test_a_doubt_is_for_the_adviser(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await told_of_extra(player)
    heard = await player.say(text)
    assert (heard.names, heard.owner) == (["utter_proposal_explained", "utter_handed_over_next"], "queue")


async def test_words_after_an_agents_question_are_not_about_the_item(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await told_of_extra(player)
    await player.say("人工")
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        asked = await uow.handoffs.open_of(conversation.id)
        await handoffs.reply(uow, now, handoff_id=asked.id, agent="林顾问", text="需要给您安排代步车吗？")
        await handoffs.release(uow, now, handoff_id=asked.id, agent="林顾问")
    assert "utter_proposal_declined" not in (await player.say("不用了")).names


async def test_an_item_decided_meanwhile_is_not_asked_about_any_more(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await told_of_extra(player)
    async with player.bot.store.transaction() as uow:
        (item,) = [row for row in await rows(uow, tables.proposals) if row.item == "雨刮片"]
        told: dict[str, Any] = {"agreed": True, "agent": "林顾问", "note": "10:20 电话"}
        await answer_by_telephone(uow, player.bot.clock.now(), proposal_id=item.id, **told)
    assert "utter_proposal_explained" not in (await player.say("为什么这么贵？")).names


async def test_clear_words_decide(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await told_of_extra(player)
    assert (await player.say("嗯换吧")).names[0] == "utter_proposal_agreed"


async def test_a_bare_no_declines(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await told_of_extra(player)
    assert (await player.say("不用了")).names[0] == "utter_proposal_declined"


async def test_after_other_words_a_question_is_one_of_its_own(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await told_of_extra(player)
    await player.say("你们在哪里")
    assert "utter_proposal_explained" not in (await player.say("保养多久一次？")).names


async def test_a_yes_counts_for_the_car_that_was_asked_about_last(new_player: Any) -> None:
    player = await new_player(MONDAY)
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        other = await uow.vehicles.by_plate("粤B5T678")
        values = {"number": "WO-1009", "vehicle_id": other.id, "customer_id": other.customer_id}
        await uow.work_orders.add(now, **values, stage="in_repair", work="保养", told_stage="in_repair")
        for later, (number, item) in enumerate(((ORDER, "雨刮片"), ("WO-1009", "空气滤芯"))):
            extra = {"item": item, "reason": "老化", "price_fen": 9_900}
            await propose_extra_item(uow, now + timedelta(seconds=later), number=number, **extra)
    assert "utter_proposal" in (await player.say("我的车修到哪了 粤B8K321 8001")).names
    assert "utter_proposal_agreed" in (await player.say("好的")).names
    async with player.bot.store.reading() as uow:
        items = {row.item: row.status for row in await rows(uow, tables.proposals) if row.item != "前刹车片"}
    assert items == {"雨刮片": "agreed", "空气滤芯": "waiting"}
