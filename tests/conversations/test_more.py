"""What a script cannot say: very long texts, and that nothing of a deleted person is left in memory or mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.dialogue.phrases import Phrases
from bot.services.work_orders import propose_extra_item
from bot.wiring import ROOT
from bot.worker import Worker
from tests.conftest import ZONE
from tests.conversations import manners

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)


@pytest.mark.parametrize("text", ["车子有点响" * 1_001, "a" * 6_000, "😀" * 5_001, "约保养 " * 2_000])
async def test_five_thousand_characters_get_a_friendly_answer_and_the_bot_goes_on(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    heard = await player.say(text)
    assert heard.names == ["utter_message_too_long"]
    assert not manners.faults_of(heard, [text])
    assert (await player.say("约保养")).names == ["utter_ask_identity_plate_surname_phone"]


@pytest.mark.parametrize("text", ["车子有点响" * 990, "刹车响,粤B12399,明天下午三点," * 200])
async def test_a_long_text_below_the_limit_is_understood_in_time(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    heard = await player.say(text)
    assert heard.owner == "bot"
    assert heard.names
    assert "utter_technical_trouble" not in heard.names


async def test_after_deletion_only_the_answer_to_it_is_left(new_player: Any) -> None:
    player = await new_player(MONDAY)
    for text in ("约保养 粤B12399 张先生 13800000001", "删除我的数据", "确认"):
        await player.say(text)
    memory = await player.memory()
    assert memory.get("slots", {}) == {}
    assert not [event for event in memory.get("events", []) if event["event"] in ("user", "bot")]
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        said = [(each.sender, each.text) for each in await uow.messages.after(conversation.id)]
    assert [(sender, bool(text)) for sender, text in said] == [("customer", False), ("bot", True)]


async def notice_of_wipers(player: Any) -> list[dict[str, Any]]:
    """Ms Li, who is known, is asked unasked for the consent to an extra item; the buttons she sees."""
    await player.say("进度 粤B8K321 8001")
    async with player.bot.store.transaction() as uow:
        wipers = {"item": "雨刮", "reason": "老化", "price_fen": 120_00}
        await propose_extra_item(uow, player.bot.clock.now(), number="WO-1001", **wipers)
    await Worker(player.bot.store, player.bot.clock, Phrases(ROOT / "domain.yml")).tell_stages()
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        (notice,) = [each for each in await uow.messages.after(conversation.id) if "雨刮" in (each.text or "")]
    return list(notice.buttons)


async def decisions(player: Any) -> list[tuple[str, str]]:
    """Every extra item with what was decided."""
    async with player.bot.store.reading() as uow:
        order = await uow.work_orders.find("WO-1001")
        return [(each.item, each.status) for each in await uow.work_orders.proposals(order.id)]


@pytest.mark.parametrize(("title", "decision"), [("同意", "agreed"), ("这次先不做", "declined")])
@pytest.mark.parametrize("typed", [False, True])
async def test_an_extra_item_told_unasked_is_decided_by_its_button_or_title(
    title: str, decision: str, typed: bool, new_player: Any
) -> None:
    player = await new_player(MONDAY)
    payloads = {button["title"]: button["payload"] for button in await notice_of_wipers(player)}
    heard = await player.say(title if typed else payloads[title])
    assert heard.names == [f"utter_proposal_{decision}"]
    assert await decisions(player) == [("雨刮", decision)]


async def test_a_loose_yes_to_an_extra_item_told_unasked_is_asked_for_again(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await notice_of_wipers(player)
    assert (await player.say("好的")).names == ["utter_proposal"]
    assert await decisions(player) == [("雨刮", "waiting")]
    assert (await player.say("好的")).names == ["utter_proposal_agreed"]


async def test_an_extra_item_is_decided_in_the_middle_of_a_booking(new_player: Any) -> None:
    player = await new_player(MONDAY)
    buttons = await notice_of_wipers(player)
    await player.say("途观约个保养")
    heard = await player.say(buttons[0]["payload"])
    assert heard.names[:2] == ["utter_proposal_agreed", "utter_back_to_task"]
