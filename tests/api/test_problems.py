"""Every refusal has a status; every error is problem+json."""

import asyncio
import sqlite3
from functools import partial

import httpx
import pytest

from bot.api.problems import REFUSAL_STATUS
from bot.business import refusals
from bot.business.refusals import Refusal
from bot.store.engine import Store
from bot.wiring import Bot
from tests.running import AUTHORIZED, client_of, running_bot, settings_for


def leaves(kind: type[Refusal]) -> list[type[Refusal]]:
    below = kind.__subclasses__()
    return [leaf for child in below for leaf in leaves(child)] if below else [kind]


@pytest.mark.parametrize("kind", leaves(Refusal), ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_status(kind: type[Refusal]) -> None:
    if kind.__module__ == refusals.__name__:
        assert kind in REFUSAL_STATUS
        assert 400 <= REFUSAL_STATUS[kind] < 500


def is_problem(answer: httpx.Response, status: int) -> bool:
    problem = answer.json()
    return (
        answer.status_code == status
        and answer.headers["Content-Type"] == "application/problem+json"
        and problem["status"] == status
        and bool(problem["title"])
        and bool(problem["detail"])
    )


async def test_no_or_wrong_token_is_refused(stranger: httpx.AsyncClient) -> None:
    for header in (None, "", "Bearer", "Bearer wrong", "Basic a-token-for-tests", "Bearer \u00fc"):
        headers = {} if header is None else {"Authorization": header.encode()}
        answer = await stranger.get("/api/v1/handoffs", headers=headers)  # type: ignore[arg-type]
        assert is_problem(answer, 401), header
        assert answer.headers["WWW-Authenticate"] == "Bearer"


ADDRESSES = [
    ("GET", "/api/v1/appointments/A-9999"),
    ("GET", "/api/v1/work-orders/WO-9999"),
    ("GET", "/api/v1/complaints/C-9999"),
    ("GET", "/api/v1/handoffs/9999"),
    ("GET", "/api/v1/customers/9999"),
    ("GET", "/api/v1/vehicles/粤B00000"),
    ("GET", "/api/v1/conversations/rest/nobody/messages"),
    ("GET", "/api/v1/nothing"),
    ("GET", "/nothing"),
    ("GET", "/api/v1/vehicles/%00"),
]


async def test_unknown_record_or_address_is_404(client: httpx.AsyncClient) -> None:
    for method, address in ADDRESSES:
        assert is_problem(await client.request(method, address), 404), address


BAD = [
    ("POST", "/api/v1/understand", {"text": 5}, "text"),
    ("POST", "/api/v1/understand", {"text": "你好", "now": "gestern"}, "now"),
    ("POST", "/api/v1/understand", {"text": "你好", "now": 5}, "now"),
    ("POST", "/api/v1/understand", {"text": "你好", "language": "zh"}, "language"),
    ("POST", "/api/v1/appointments", {"plate": "粤B8K321"}, "start"),
    ("POST", "/api/v1/appointments", {"plate": "x", "start": "2026-11-23T10:00", "service_type": "repair"}, "plate"),
    ("PATCH", "/api/v1/appointments/A-1", {"color": "red"}, "color"),
    ("PATCH", "/api/v1/work-orders/WO-1001", {"stage": "flying"}, "stage"),
    ("PATCH", "/api/v1/work-orders/WO-1001", {"promised_at": "soon"}, "promised_at"),
    ("POST", "/api/v1/handoffs/1/claim", {}, "agent"),
    ("POST", "/api/v1/handoffs/1/claim", {"agent": ""}, "agent"),
    ("POST", "/api/v1/handoffs/1/reply", {"agent": "小周", "text": "  "}, "text"),
    ("POST", "/api/v1/handoffs/x/claim", {"agent": "小周"}, "handoff_id"),
    ("POST", "/api/v1/customers", {"phone": "123"}, "phone"),
    ("POST", "/api/v1/vehicles", {"model": "速腾"}, "plate"),
    ("POST", "/api/v1/vehicles", {"plate": "粤B99999", "vin": "ABC"}, "vin"),
    ("POST", "/api/v1/complaints", {"text": ""}, "text"),
    ("PATCH", "/api/v1/complaints/C-1", {"status": "gone"}, "status"),
    ("POST", "/api/v1/clock", {"advance_minutes": -1}, "advance_minutes"),
    ("POST", "/api/v1/clock", {"advance_minutes": "5"}, "advance_minutes"),
    ("GET", "/api/v1/customers?limit=0", None, "limit"),
    ("GET", "/api/v1/customers?after=x", None, "after"),
    ("GET", "/api/v1/handoffs?status=gone", None, "status"),
]


async def test_bad_field_is_named(client: httpx.AsyncClient) -> None:
    for method, address, body, field in BAD:
        answer = await client.request(method, address, json=body)
        assert is_problem(answer, 422), (address, body)
        assert field in [error["field"] for error in answer.json()["errors"]], (address, body)


async def test_unparseable_body_is_422(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/understand", content=b"{", headers={"Content-Type": "application/json"})
    assert is_problem(answer, 422)
    assert answer.json()["errors"][0]["field"] == "body"


async def test_overlong_text_is_413(client: httpx.AsyncClient) -> None:
    assert is_problem(await client.post("/api/v1/understand", json={"text": "啊" * 20_001}), 413)


async def test_clock_stands_outside_the_demo(database_url: str) -> None:
    settings = settings_for(database_url, BOT_DEMO="0")
    async with running_bot(settings) as bot, client_of(bot, headers=AUTHORIZED) as client:
        assert is_problem(await client.post("/api/v1/clock", json={"advance_minutes": 5}), 404)


async def test_locked_database_is_503_and_nothing_is_half_stored(
    tmp_path: object, sqlite_template: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.wiring.Store", partial(Store, busy_seconds=0.2))
    path = f"{tmp_path}/locked.db"
    async with running_bot(settings_for(f"sqlite:///{path}")) as bot, client_of(bot, headers=AUTHORIZED) as client:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        hook, body = "/webhooks/rest/webhook", {"sender": "li", "message": "你好", "message_id": "1"}
        answer = await client.post(hook, json=body)
        assert is_problem(answer, 503)
        assert answer.headers["Retry-After"]
        holder.execute("ROLLBACK")
        holder.close()
        assert (await client.post(hook, json=body)).json()[0]["text"] == "1:你好"
        messages = (await client.get("/api/v1/conversations/rest/li/messages")).json()["items"]
        assert [message["from"] for message in messages] == ["customer", "bot"]


async def test_ready_tells_when_the_database_is_away(bot: Bot, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/health/live")).json() == {"status": "live"}
    assert (await stranger.get("/health/ready")).status_code == 200
    await asyncio.sleep(0)
    await bot.store.close()
    try:
        answer = await stranger.get("/health/ready")
        assert is_problem(answer, 503)
        assert answer.json()["missing"] == ["database"]
    finally:
        await bot.store.start()
