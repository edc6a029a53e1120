"""What a customer has told reaches the agent who takes over, on the hand-off card."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.dialogue.phrases import Phrases
from bot.services.handoff_card import Card, card_of
from bot.wiring import ROOT
from tests.conftest import ZONE
from tests.conversations.player import Player

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)


async def card(player: Player) -> Card:
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        found = await card_of(
            uow,
            player.bot.clock.now(),
            Phrases(ROOT / "domain.yml"),
            conversation_id=conversation.id,
            agent="林顾问",
        )
    assert found is not None
    return found


@pytest.mark.parametrize("angry", ["问这么多烦死了，给我转人工！", "气死我了，转人工", "什么破机器人，我要找真人"])
async def test_the_facts_of_a_booking_that_anger_interrupts_are_on_the_card(angry: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("粤B12399 踩刹车的时候左前轮吱吱响，明天下午想过来修，张先生 13800000001")
    heard = await player.say(angry)
    assert heard.owner == "queue"
    found = await card(player)
    told = found.told
    assert (told.task, told.service_kind, told.plate) == ("booking", "repair", "粤B12399")
    assert (told.surname, told.title, told.phone) == ("张", "先生", "13800000001")
    assert "吱吱响" in "".join((*told.symptoms.noise, *told.symptoms.problem))
    assert told.symptoms.situation
    assert told.start is not None
    assert f"{told.start:%m-%d}" == "11-24"
    assert (found.mood.state, found.proven) == ("angry", False)
    assert found.mood.said
    assert "非常抱歉" in found.suggested
    assert "11月24日" in found.suggested
    assert found.suggested.startswith("张先生您好")


async def test_what_is_told_with_the_wish_for_a_person_is_on_the_card(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("转人工，我的车粤B12399发动机嗡嗡响，高速上特别明显")
    told = (await card(player)).told
    assert told.plate == "粤B12399"
    assert told.symptoms.noise or told.symptoms.problem


async def test_a_booking_laid_aside_for_a_complaint_is_on_the_card(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("约个保养 粤B12399 张先生 13800000001")
    await player.say("我要投诉你们，上次保养把我车门划了都不承认")
    heard = await player.say("转人工")
    assert heard.owner == "queue"
    found = await card(player)
    assert (found.told.plate, found.urgency) == ("粤B12399", "complaint")
    assert found.complaint is not None
    assert (found.complaint.level, found.complaint.owner) == (2, "售后主管")
    assert found.complaint.number in found.suggested
    assert "由售后主管负责" in found.suggested, "not an adviser's to answer"


async def test_a_proven_customer_with_a_repair_is_on_the_card(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("我的车修到哪了 粤B8K321 8001")
    await player.say("转人工")
    found = await card(player)
    assert (found.proven, found.vehicle and found.vehicle.model) == (True, "速腾")
    assert found.repair is not None
    assert found.visits
    assert found.suggested.startswith("李女士您好，我是林顾问")
