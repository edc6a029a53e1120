"""One line an event, as text or JSON; nothing a customer wrote, no phone, plate or token."""

import json
import logging

import pytest

from bot.logs import JsonLines
from bot.store.engine import Store
from tests.messages.fakes import EchoEngine, MessagePath

SECRET = "粤B8K321 的刹车坏了 13800138001"


def as_json(text: str, *values: object) -> dict[str, object]:
    record = logging.LogRecord("bot.messages.router", logging.INFO, "", 0, text, values, None)
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


def test_pairs_become_fields() -> None:
    line = as_json("turn message=%s channel=%s seconds=%s reason='no answer'", 12, "wechat", 0.25)
    assert (line["message"], line["channel"], line["seconds"], line["reason"]) == (12, "wechat", 0.25, "no answer")
    assert (line["level"], line["logger"]) == ("info", "bot.messages.router")
    assert str(line["text"]).startswith("turn ")


def test_a_trace_is_one_field() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        record = logging.LogRecord("bot", logging.ERROR, "", 0, "failed", (), (type(error), error, error.__traceback__))
    assert "ValueError: broken" in json.loads(JsonLines().format(record))["trace"]


async def test_one_number_follows_a_message_and_its_words_stay_out(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    path = MessagePath(store, EchoEngine())
    delivery = await path.receive(SECRET, user="li-openid")
    future = path.router.expect(delivery.message_id)
    path.router.run(delivery.claim)  # type: ignore[arg-type]
    await future
    path.engine.error = RuntimeError(SECRET)
    failing = await path.receive(SECRET, user="wang-openid")
    path.router.run(failing.claim)  # type: ignore[arg-type]
    await path.router.stop()
    told = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert [line.split(" channel")[0] for line in told if f"message={delivery.message_id} " in line] == [
        f"received message={delivery.message_id}",
        f"turn message={delivery.message_id}",
    ]
    assert any(line.startswith(f"turn failed message={failing.message_id} ") for line in told)
    assert not [line for line in told if "刹车" in line or "13800138001" in line or "openid" in line]
