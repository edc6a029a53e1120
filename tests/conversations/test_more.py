"""What a script cannot say: very long texts, and that nothing of a deleted person is left in memory or mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

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
