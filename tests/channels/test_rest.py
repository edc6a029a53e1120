"""Rasa's REST channel as DESIGN §4 describes it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.dialogue.engine import Turn
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine
from tests.running import AUTHORIZED, client_of, running_bot, settings_for

HOOK = "/webhooks/rest/webhook"


@pytest.fixture
def engine() -> EchoEngine:
    return EchoEngine()


@pytest.fixture
async def bot(database_url: str, engine: EchoEngine) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="0"), engine) as running:
        yield running


@pytest.fixture
async def client(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bot) as client:
        yield client


async def say(client: httpx.AsyncClient, text: str, **more: Any) -> httpx.Response:
    return await client.post(HOOK, json={"sender": "li", "message": text, **more})


async def test_message_is_answered_in_rasas_form(client: httpx.AsyncClient, engine: EchoEngine) -> None:
    engine.buttons = [{"title": "好的", "payload": "/affirm"}]
    answer = await say(client, "你好")
    assert answer.status_code == 200
    assert answer.json() == [{"recipient_id": "li", "text": "1:你好", "buttons": engine.buttons}]
    assert "X-Conversation-Owner" not in answer.headers


async def test_repeated_message_id_gives_the_stored_answer(client: httpx.AsyncClient, engine: EchoEngine) -> None:
    first, second = await say(client, "你好", message_id="m1"), await say(client, "你好", message_id="m1")
    assert first.json() == second.json()
    assert len(engine.turns) == 1
    await say(client, "你好", message_id=7)
    await say(client, "你好", message_id="7")
    assert len(engine.turns) == 2


async def test_repeat_during_the_turn_waits_for_the_same_answer(client: httpx.AsyncClient, engine: EchoEngine) -> None:
    engine.seconds = 0.4
    answers = await asyncio.gather(*(say(client, "你好", message_id="m1") for _ in range(3)))
    assert [answer.json() for answer in answers] == [[{"recipient_id": "li", "text": "1:你好"}]] * 3
    assert len(engine.turns) == 1


async def test_without_message_id_each_post_is_new(client: httpx.AsyncClient, engine: EchoEngine) -> None:
    await say(client, "你好")
    await say(client, "你好")
    assert len(engine.turns) == 2


async def test_several_messages_of_one_person_are_answered_one_by_one(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(say(client, str(number)) for number in range(5)))
    texts = [answer.json()[0]["text"] for answer in answers]
    assert sorted(text.split(":")[0] for text in texts) == ["1", "2", "3", "4", "5"]
    assert sorted(text.split(":")[1] for text in texts) == ["0", "1", "2", "3", "4"]


async def test_people_own_the_conversation_until_they_release_it(
    client: httpx.AsyncClient, bot: Bot, engine: EchoEngine
) -> None:
    async def hand_over(turn: Turn) -> None:
        if turn.text != "转人工":
            return
        from bot.services.handoffs import request_handoff

        async with bot.store.transaction() as uow:
            await request_handoff(uow, bot.clock.now(), channel=turn.channel, user=turn.user, reason="asked")

    engine.during = hand_over
    asked = await say(client, "转人工")
    assert asked.json()[0]["text"] == "1:转人工"
    assert asked.headers["X-Conversation-Owner"] == "queue"
    waiting = await say(client, "在吗")
    assert (waiting.json(), waiting.headers["X-Conversation-Owner"]) == ([], "queue")

    api = {"headers": AUTHORIZED}
    handoff = (await client.get("/api/v1/handoffs?status=waiting", **api)).json()["items"][0]
    reply = f"/api/v1/handoffs/{handoff['id']}/reply"
    assert (await client.post(reply, json={"agent": "小周", "text": "您好"}, **api)).status_code == 201
    silent = await say(client, "好的")
    assert (silent.json(), silent.headers["X-Conversation-Owner"]) == ([], "agent")
    claimed = await client.post(f"/api/v1/handoffs/{handoff['id']}/claim", json={"agent": "小王"}, **api)
    assert (claimed.status_code, claimed.json()["owner"]) == (409, "小周")

    messages = (await client.get("/api/v1/conversations/rest/li/messages", **api)).json()["items"]
    assert [(message["from"], message["agent"], message["state"]) for message in messages] == [
        ("customer", None, "sent"),
        ("bot", None, "sent"),
        ("customer", None, "sent"),
        ("system", None, "sent"),
        ("agent", "小周", "sent"),
        ("customer", None, "sent"),
    ]
    later = await client.get(f"/api/v1/conversations/rest/li/messages?after={messages[3]['id']}", **api)
    assert [message["text"] for message in later.json()["items"]] == ["您好", "好的"]

    await client.post(f"/api/v1/handoffs/{handoff['id']}/release", json={"agent": "小周"}, **api)
    assert (await say(client, "谢谢")).json()[0]["text"] == "2:谢谢"


async def test_slow_turn_ends_in_a_true_sentence_and_its_answer_can_be_read_later(
    database_url: str, engine: EchoEngine
) -> None:
    from dataclasses import replace

    engine.seconds = 2.0
    settings = replace(settings_for(database_url), answer_seconds=0.2)
    async with running_bot(settings, engine) as bot, client_of(bot) as client:
        answer = await say(client, "你好", message_id="m1")
        assert answer.json()[0]["text"] == bot.context.phrase("utter_answer_takes_longer")
        await asyncio.sleep(2.5)
        assert (await say(client, "你好", message_id="m1")).json()[0]["text"] == "1:你好"


async def test_webhook_asks_for_its_token_when_one_is_set(database_url: str, engine: EchoEngine) -> None:
    settings = settings_for(database_url, BOT_REST_TOKEN="geheim")
    async with running_bot(settings, engine) as bot, client_of(bot) as client:
        assert (await say(client, "你好")).status_code == 401
        client.headers["Authorization"] = "Bearer geheim"
        assert (await say(client, "你好")).status_code == 200


BAD = [
    (b"{bad", "body"),
    (b"\xff\xfe", "body"),
    (b"[]", "message"),
    (b"null", "body"),
    (b'{"sender": "li"}', "message"),
    (b'{"sender": "li", "message": null}', "message"),
    (b'{"sender": "li", "message": 5}', "message"),
    (b'{"sender": 5, "message": "x"}', "sender"),
    (b'{"sender": "", "message": "x"}', "sender"),
    (b'{"sender": "a\\u0000b", "message": "x"}', "sender"),
    (b'{"sender": "li", "message": "x", "color": "red"}', "color"),
    (b'{"sender": "li", "message": "x", "message_id": ""}', "message_id"),
    (b'{"sender": "li", "message": "x", "message_id": [1]}', "message_id"),
]


async def test_bad_body_is_refused_and_the_field_named(client: httpx.AsyncClient) -> None:
    for body, field in BAD:
        answer = await client.post(HOOK, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, body
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert field in [error["field"] for error in answer.json()["errors"]], body


async def test_overlong_messages_are_refused_or_answered_kindly(client: httpx.AsyncClient, bot: Bot) -> None:
    assert (await say(client, "啊" * 20_001)).status_code == 413
    assert (await say(client, "啊" * 5_001)).json()[0]["text"] == bot.context.phrase("utter_message_too_long")
    huge = await client.post(HOOK, content=b"x" * 1_100_000, headers={"Content-Type": "application/json"})
    assert (huge.status_code, huge.headers["Content-Type"]) == (413, "application/problem+json")


ODD = ["", "   ", "\u0000", "😀", "'; DROP TABLE messages; --", "<script>alert(1)</script>", "\ud83d"]


async def test_odd_messages_are_stored_and_answered(client: httpx.AsyncClient) -> None:
    for text in ODD:
        answer = await client.post(HOOK, content=json.dumps({"sender": "li", "message": text}).encode())
        assert answer.status_code == 200, ascii(text)
        assert answer.json()[0]["text"], ascii(text)
