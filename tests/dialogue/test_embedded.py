"""The embedded engine says what stock Rasa says, forgets nothing it needs, and fails in one way."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.embedded import EmbeddedEngine
from bot.dialogue.engine import EngineUnavailable, ModelDamaged, ModelMissing, Reply, Turn
from tests.dialogue.conftest import TOY_ACTIONS
from tests.dialogue.conversation import Conversation
from tests.dialogue.stock import StockRasa

SCRIPT = [
    "话题5怎么样",
    "我要预约1",
    "粤B12345",
    "话题7呢",
    "13800138000",
    "一切都好",
    "话题0",
    "话题2",
    "话题4吗",
    "预约0",
    "话题9吗",
    "预约1",
    "粤BD6789",
    "话题6",
    "话题2",
    "13912345678",
    "话题5",
    "话题1",
    "话题3",
    "一切都好",
    "话题2",
    "预约0",
    "13800138000",
    "粤B12345",
    "一切都好",
    "话题0",
    "话题8呢",
    "话题2",
]


def turn(text: str, tracker: str | None = None, user: str = "u", number: int = 1) -> Turn:
    return Turn("web", user, f"m{number}", text, datetime.now(timezone.utc), 0, tracker)


async def test_a_turn_gives_words_and_the_state_to_store(engine: EmbeddedEngine) -> None:
    result = await engine.turn(turn("话题5怎么样"))
    assert result.replies == [Reply("回答topic_5")]
    assert result.tracker
    assert "topic_5" in result.tracker


async def test_an_action_knows_whose_message_it_answers(engine: EmbeddedEngine) -> None:
    result = await engine.turn(turn("话题0", number=42))
    assert result.replies[0].text == "web|u|m42"
    assert result.replies[1].text == "回答topic_3"
    assert result.replies[2].custom is not None


async def test_buttons_come_with_their_text(engine: EmbeddedEngine) -> None:
    result = await engine.turn(turn("话题2"))
    assert result.replies[0].buttons == [{"title": "好", "payload": "/topic_3"}]


async def test_a_form_goes_on_after_a_question_in_between(engine: EmbeddedEngine) -> None:
    talk = Conversation(engine)
    assert await talk.say("我要预约1") == ["请问form_1_plate?"]
    assert await talk.say("话题7呢") == ["回答topic_7", "请问form_1_plate?"]
    assert await talk.say("粤B12345") == ["请问form_1_phone?"]
    assert await talk.say("13800138000") == ["请问form_1_note?"]
    assert await talk.say("一切都好") == ["粤B12345 13800138000 一切都好"]


async def test_it_says_what_stock_rasa_says_in_a_long_conversation(engine: EmbeddedEngine, toy_model: Path) -> None:
    stock, talk = StockRasa(toy_model, TOY_ACTIONS), Conversation(engine)
    for text in SCRIPT * 3:
        assert await talk.say(text, without_counts=True) == await stock.say(text), text
        assert talk.slots() == await stock.slots(), text


async def test_the_state_of_a_long_conversation_stays_small(engine: EmbeddedEngine) -> None:
    talk, sizes = Conversation(engine), []
    for text in SCRIPT * 4:
        await talk.say(text)
        sizes.append(len(json.loads(talk.tracker or "{}")["events"]))
    once = len(SCRIPT)
    assert max(sizes[3 * once :]) == max(sizes[once : 2 * once]) < 100


async def test_an_action_that_crashes_ends_neither_turn_nor_engine(engine: EmbeddedEngine) -> None:
    result = await engine.turn(turn("话题1"))
    assert result.replies == []
    assert (await engine.turn(turn("话题5", result.tracker))).replies == [Reply("回答topic_5")]


async def test_people_at_the_same_time_do_not_mix(engine: EmbeddedEngine) -> None:
    async def person(user: str) -> list[str]:
        talk = Conversation(engine, user)
        return [text for said in ["话题0", "预约1", "话题0", "话题6"] for text in await talk.say(said)]

    said = await asyncio.gather(*(person(f"p{number}") for number in range(6)))
    assert [texts[0] for texts in said] == [f"web|p{number}|m1" for number in range(6)]
    assert len({tuple(texts[1:3]) for texts in said}) == 1


async def test_a_memory_that_cannot_be_read_begins_anew(engine: EmbeddedEngine) -> None:
    for broken in ("{", "[]", '{"events": [{"event": "no such"}]}', '{"events": [{}]}'):
        assert (await engine.turn(turn("话题5", broken))).replies == [Reply("回答topic_5")]


async def test_a_memory_of_an_older_model_is_read_without_what_is_gone(engine: EmbeddedEngine) -> None:
    old = [
        {"event": "slot", "name": "gone_slot", "value": "x"},
        {"event": "active_loop", "name": "gone_form"},
        {"event": "action", "name": "action_listen"},
    ]
    result = await engine.turn(turn("话题5", json.dumps({"events": old})))
    assert result.replies == [Reply("回答topic_5")]


async def test_a_text_is_understood_without_a_conversation(engine: EmbeddedEngine) -> None:
    parsed = await engine.parse("粤B12345")
    assert parsed.intent == "inform"
    assert [(entity["entity"], entity["value"], entity["start"]) for entity in parsed.entities] == [
        ("plate", "粤B12345", 0)
    ]
    assert (parsed.angry, parsed.safety) == (False, False)


async def test_a_turn_that_takes_too_long_is_unavailable_and_the_next_one_works(toy_model: Path) -> None:
    engine = EmbeddedEngine(toy_model, actions=TOY_ACTIONS, turn_seconds=0.0)
    await engine.start()
    try:
        with pytest.raises(EngineUnavailable):
            await engine.turn(turn("话题5"))
        engine._turn_seconds = 10
        assert (await engine.turn(turn("话题5"))).replies == [Reply("回答topic_5")]
    finally:
        await engine.stop()
    with pytest.raises(EngineUnavailable):
        await engine.turn(turn("话题5"))
    await engine.stop()


async def test_what_the_thread_needs_is_opened_and_closed_in_its_loop(toy_model: Path) -> None:
    loops: list[Any] = []

    async def note() -> None:
        loops.append(asyncio.get_running_loop())

    engine = EmbeddedEngine(toy_model, actions=TOY_ACTIONS, on_start=note, on_stop=note)
    await engine.start()
    await engine.stop()
    assert len(loops) == 2
    assert loops[0] is loops[1]
    assert loops[0] is not asyncio.get_running_loop()


async def test_a_missing_model_is_said_in_one_sentence(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelMissing, match="make train"):
            await EmbeddedEngine(place, actions=TOY_ACTIONS).start()


async def test_a_damaged_model_is_said_in_one_sentence(tmp_path: Path, toy_model: Path) -> None:
    whole = toy_model.read_bytes()
    for name, content in {"none": b"", "words": b"not a model", "half": whole[: len(whole) // 2]}.items():
        model = tmp_path / f"{name}.tar.gz"
        model.write_bytes(content)
        with pytest.raises(ModelDamaged, match="make train"):
            await EmbeddedEngine(model, actions=TOY_ACTIONS).start()
