"""Somebody whose rescue is over asks where it is: they are asked first whether they want another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.services import handoffs, rescues
from bot.store import tables
from tests.conftest import ZONE
from tests.conversations.player import Player
from tests.services.dealership import rows

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)


async def helped(player: Player) -> None:
    """A rescue that has come to its end; the conversation is the bot's again."""
    assert (await player.say("我车在宝安大道88号抛锚了 13800138001")).owner == "queue"
    await player.bot.clock.advance(30)
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        await handoffs.reply(uow, now, handoff_id=handoff.id, agent="林顾问", text="师傅已到。")
        await rescues.update_rescue(uow, now, number="R-1001", status="arranged", by="林顾问")
        await rescues.update_rescue(uow, now, number="R-1001", status="closed", by="林顾问")
        await handoffs.resolve(uow, now, handoff_id=handoff.id, agent="林顾问", reason="救援已完成")


async def tickets(player: Player) -> list[str]:
    async with player.bot.store.reading() as uow:
        return [row.status for row in await rows(uow, tables.rescues)]


@pytest.mark.parametrize("text", ["救援到哪了", "拖车怎么还没来", "师傅到哪了"])
async def test_asked_after_again_is_a_choice(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await helped(player)
    heard = await player.say(text)
    assert (heard.names, heard.owner) == (["utter_rescue_over_choice"], "bot")
    assert await tickets(player) == ["closed"]


async def test_whoever_still_waits_gets_help_at_once(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await helped(player)
    again = (await player.say("救援到哪了")).payload("现在叫救援")
    assert (await player.say(again)).owner == "queue"
    assert await tickets(player) == ["closed", "open"]


async def test_whoever_asks_once_more_gets_a_person(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await helped(player)
    await player.say("救援到哪了")
    heard = await player.say("根本没来啊 拖车呢")
    assert heard.owner == "queue"


async def test_a_visit_may_be_chosen(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await helped(player)
    visit = (await player.say("救援到哪了")).payload("预约检查")
    assert (await player.say(visit)).owner == "bot"
    assert await tickets(player) == ["closed"]
