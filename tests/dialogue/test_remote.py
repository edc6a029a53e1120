"""The remote engine asks a stock Rasa server and says in one way that it could not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from bot.dialogue.engine import EngineUnavailable, ModelMissing, Reply, Turn
from bot.dialogue.remote import RemoteEngine

TURN = Turn(
    "wechat", "openid", "17", "您好", datetime(2026, 3, 10, 1, tzinfo=timezone.utc), 5, item_of="粤B12345"
)
STATUS = {"model_file": "dealer.tar.gz", "model_id": "1"}


def engine_with(answer: Callable[[httpx.Request], httpx.Response], url: str = "http://rasa:5005") -> RemoteEngine:
    def answer_all(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/status":
            return httpx.Response(200, json=STATUS)
        return answer(request)

    return RemoteEngine(url, transport=httpx.MockTransport(answer_all))


def saying(value: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(200, json=value)


async def test_a_turn_goes_through_the_rest_channel_with_its_metadata() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        button = {"title": "好", "payload": "/affirm"}
        return httpx.Response(
            200,
            json=[
                {"recipient_id": "x", "text": "在的", "buttons": [button]},
                {"recipient_id": "x", "custom": {"a": 1}},
            ],
        )

    engine = engine_with(answer, "http://rasa:5005?token=secret")
    await engine.start()
    result = await engine.turn(TURN)
    await engine.stop()
    assert result.tracker is None
    assert result.replies == [Reply("在的", [{"title": "好", "payload": "/affirm"}]), Reply(None, [], {"a": 1})]
    assert asked[0].url.params["token"] == "secret"
    body = json.loads(asked[0].content)
    assert (body["sender"], body["message"]) == ("wechat:openid", "您好")
    assert body["metadata"] == {
        "message_id": "17",
        "channel": "wechat",
        "user": "openid",
        "now": "2026-03-10T01:00:00+00:00",
        "silent_minutes": 5,
        "item_of": "粤B12345",
    }


async def test_a_text_is_understood_through_the_api() -> None:
    entities = [{"entity": "plate", "value": "粤B12345", "start": 0, "end": 7}, {"entity": "angry", "value": "yes"}]
    engine = engine_with(saying({"intent": {"name": "inform", "confidence": 0.9}, "entities": entities}))
    await engine.start()
    parsed = await engine.parse("粤B12345")
    assert (parsed.intent, parsed.angry, parsed.safety, len(parsed.entities)) == ("inform", True, False, 1)


def _times_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


def _is_gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "answer",
    [
        _times_out,
        _is_gone,
        lambda request: httpx.Response(500, text="oops"),
        lambda request: httpx.Response(401, json={"code": 401}),
        lambda request: httpx.Response(200, text="<html>"),
        saying({"not": "a list"}),
    ],
)
async def test_every_trouble_of_a_turn_is_one_error(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    engine = engine_with(answer)
    await engine.start()
    with pytest.raises(EngineUnavailable):
        await engine.turn(TURN)


async def test_a_server_without_a_model_is_said_at_the_start() -> None:
    engine = RemoteEngine("http://rasa:5005", transport=httpx.MockTransport(lambda request: httpx.Response(409)))
    with pytest.raises(ModelMissing):
        await engine.start()


async def test_an_engine_that_was_not_started_is_unavailable() -> None:
    with pytest.raises(EngineUnavailable):
        await RemoteEngine("http://rasa:5005").turn(TURN)
