"""Promises 7 and 8 of a hand-off with the real dialogue: facts outlive the release, the request does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.business.appointments import BookingRequest
from bot.business.windows import Window
from bot.services import handoffs
from bot.services.visits import book_visit
from bot.services.work_orders import update_work_order
from tests.conftest import ZONE
from tests.conversations.player import Player

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
AGENT = "林顾问"


async def released(player: Player, reply: str | None = None) -> None:
    """An agent takes the conversation, perhaps answers, and gives it back."""
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        await handoffs.claim(uow, now, handoff_id=handoff.id, agent=AGENT)
        if reply:
            await handoffs.reply(uow, now, handoff_id=handoff.id, agent=AGENT, text=reply)
        await handoffs.release(uow, now, handoff_id=handoff.id, agent=AGENT)


async def requests(player: Player) -> list[str]:
    async with player.bot.store.reading() as uow:
        found = await uow.handoffs.page(plate=None, phone=None, status=None, after=0, limit=100)
    return [each.status for each in found if each.user == "driver"]


async def test_what_was_told_before_the_hand_off_is_not_asked_again(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("约个保养 粤B12399")
    assert (await player.say("转人工吧")).owner == "queue"
    await released(player, "您好，您接着和小驰预约就可以。")
    heard = await player.say("张先生 13800000001")
    slots = await player.slots()
    assert heard.owner == "bot"
    assert (slots["plate"], slots["surname"], slots["phone"]) == ("粤B12399", "张", "13800000001")
    assert "粤" not in "".join(heard.texts) or "车牌" not in "".join(heard.texts)


async def test_the_bot_knows_what_agents_did_meanwhile(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("修得怎么样了 粤B8K321 手机尾号8001")
    before = await player.say("修到哪一步了")
    assert "维修" in "".join(before.texts)
    assert (await player.say("转人工")).owner == "queue"
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        await update_work_order(uow, now, number="WO-1001", stage="washing")
    await released(player)
    after = await player.say("修得怎么样了")
    assert after.owner == "bot"
    assert "洗车" in "".join(after.texts)


async def test_a_booking_that_an_agent_has_done_is_not_taken_up_again(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("约个保养 粤B12399")
    assert (await player.slots())["requested_slot"] == "surname"
    assert (await player.say("转人工吧")).owner == "queue"
    now = player.bot.clock.now()
    start = datetime(2026, 11, 25, 14, tzinfo=ZONE)
    async with player.bot.store.transaction() as uow:
        request = BookingRequest(
            channel="rest",
            user="driver",
            service_type="maintenance",
            window=Window(start, start, 0, 0),
            plate="粤B12399",
            surname="张",
            phone="13800000001",
            consent=True,
        )
        await book_visit(uow, now, request, agent=AGENT)
    await released(player, "给您约好了。")
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        again = await handoffs.take_over(uow, player.bot.clock.now(), conversation_id=conversation.id, agent=AGENT)
        facts = await uow.handoffs.facts(again.id)
        assert (facts["plate"], "task" in facts) == ("粤B12399", False)
        await handoffs.release(uow, player.bot.clock.now(), handoff_id=again.id, agent=AGENT)
    assert "requested_slot" not in await player.slots()
    assert (await player.say("好的谢谢")).names == ["utter_glad_to_hear"]
    assert (await player.say("我约的是几点")).names == ["utter_appointments"]


@pytest.mark.parametrize("words", ["转人工", "气死我了，转人工", "什么破机器人，我要找真人", "叫你们经理来"])
async def test_after_the_release_only_asking_again_hands_over_again(words: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    assert (await player.say(words)).owner == "queue"
    await released(player, "您好，问题已经帮您处理了。")
    for plain in ("好的 谢谢", "你好", "你们几点下班", "我想约保养"):
        assert (await player.say(plain)).owner == "bot", plain
    assert await requests(player) == ["released"]
    assert (await player.say(words)).owner == "queue"
    assert (await player.say(words)).owner == "queue"
    assert await requests(player) == ["released", "waiting"]


async def test_what_was_not_understood_before_the_release_counts_no_more(new_player: Any) -> None:
    player = await new_player(MONDAY)
    for _ in range(3):
        await player.say("阿巴阿巴咕噜")
    if (await requests(player)) == []:
        assert (await player.say("转人工")).owner == "queue"
    await released(player)
    assert (await player.say("阿巴阿巴咕噜")).owner == "bot"
