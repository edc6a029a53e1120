"""The services of docker-compose.yml together without containers: PostgreSQL, stock Rasa, actions, bots, a worker."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from bot.dialogue.training import train
from tests import postgres
from tests.deployment.compose_file import GIVEN, OURS
from tests.deployment.proxies import caddy
from tests.deployment.topology import COPIES, Topology

pytestmark = [pytest.mark.long, pytest.mark.heavy, pytest.mark.timeout(900)]
API = {"Authorization": f"Bearer {GIVEN['BOT_API_TOKEN']}"}
REST = {"Authorization": f"Bearer {GIVEN['BOT_REST_TOKEN']}"}
AGENT = "林顾问"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """Everything started in the order that the compose file demands, on a database without tables."""
    name = f"topology_{uuid.uuid4().hex[:12]}"
    asyncio.run(_execute(f'CREATE DATABASE "{name}" TEMPLATE template0'))
    model = Path(os.environ.get("BOT_TEST_MODEL") or train())
    parts = Topology(tmp_path_factory.mktemp("topology"), f"{postgres.server_url()}/{name}", model)
    try:
        parts.start("actions")
        parts.start("rasa")
        parts.start(*COPIES, "worker")
        yield parts
    finally:
        parts.stop()
        asyncio.run(_execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(f"{postgres.server_url()}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


class Person:
    """Somebody who writes through the REST webhook, to whichever copy the proxy would choose."""

    def __init__(self, running: Topology, name: str) -> None:
        self._running = running
        self.name = name

    def post(self, copy: str, text: str, key: str | None = None) -> httpx.Response:
        body = {"sender": self.name, "message": text, "message_id": key or uuid.uuid4().hex}
        url = f"{self._running.url(copy)}/webhooks/rest/webhook"
        return httpx.post(url, json=body, headers=REST, timeout=60).raise_for_status()

    def say(self, copy: str, text: str, key: str | None = None) -> str:
        """What the bot says to it."""
        return "\n".join(str(message.get("text", "")) for message in self.post(copy, text, key).json())

    def heard(self, copy: str) -> list[dict[str, Any]]:
        """All messages of the conversation that are not the person's own."""
        return [message for message in self._messages(copy) if message["from"] != "customer"]

    def said(self, copy: str) -> list[str]:
        """The person's own messages as they are stored."""
        return [message["text"] for message in self._messages(copy) if message["from"] == "customer"]

    def _messages(self, copy: str) -> list[dict[str, Any]]:
        found = ask(self._running, copy, f"conversations/rest/{self.name}/messages?limit=100")["items"]
        return list(found)


def ask(running: Topology, copy: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The API of one copy: GET, or POST with a body."""
    method = "GET" if body is None else "POST"
    url = f"{running.url(copy)}/api/v1/{path}"
    answer = httpx.request(method, url, json=body, headers=API, timeout=30).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def booked(running: Topology, copy: str, plate: str) -> list[dict[str, Any]]:
    """The open appointments of a car."""
    return list(ask(running, copy, f"appointments?plate={plate}&status=booked")["items"])


def until(seconds: float, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


def test_all_services_run_and_are_healthy(running: Topology) -> None:
    assert running.running() == set(OURS)
    assert all(running.is_healthy(name) for name in OURS if name != "worker")


def test_a_booking_goes_on_whichever_copy_hears_it_and_the_worker_reminds_of_it(running: Topology) -> None:
    person = Person(running, "li")
    who, what = "我是粤B8K321的车主李女士，电话13800138001", "左前轮过减速带的时候老是咯噔咯噔响，每天都有"
    assert "11月21日（周六）15:00" in person.say("bot-1", f"{who}，{what}，想明天下午三点过来看看")
    assert person.say("bot-2", "不需要")
    assert "左前轮" in person.say("bot-1", "提前两小时")
    assert "预约号" in person.say("bot-2", "对的")
    for copy in COPIES:
        (appointment,) = booked(running, copy, "粤B8K321")
        assert appointment["start"] == "2026-11-21T15:00:00+08:00"
        assert appointment["reminder"]["hours_before"] == 2
    before = len(person.heard("bot-1"))
    ask(running, "bot-2", "clock", {"advance_minutes": 28 * 60 + 5})  # Saturday, five past one
    number = booked(running, "bot-1", "粤B8K321")[0]["number"]
    until(60, lambda: any(number in (message["text"] or "") for message in person.heard("bot-2")[before:]))


def test_a_hand_off_is_seen_claimed_answered_and_given_back_on_the_other_copy(running: Topology) -> None:
    person = Person(running, "zhao")
    assert person.say("bot-1", "转人工")
    waiting = ask(running, "bot-2", "handoffs?status=waiting")["items"]
    (handoff,) = [each for each in waiting if each["user"] == "zhao"]
    assert person.post("bot-2", "有人吗").headers["X-Conversation-Owner"] == "queue"
    ask(running, "bot-2", f"handoffs/{handoff['id']}/claim", {"agent": AGENT})
    ask(running, "bot-1", f"handoffs/{handoff['id']}/reply", {"agent": AGENT, "text": "您好，我是林顾问。"})
    silent = person.post("bot-1", "我想约保养")
    assert (silent.json(), silent.headers["X-Conversation-Owner"]) == ([], "agent")
    assert person.heard("bot-2")[-1]["agent"] == AGENT
    ask(running, "bot-2", f"handoffs/{handoff['id']}/release", {"agent": AGENT})
    assert person.say("bot-1", "我想约保养")


def test_one_copy_killed_in_the_middle_of_a_turn_costs_nothing_and_the_other_goes_on(running: Topology) -> None:
    person, other = Person(running, "wang"), Person(running, "li-2")
    assert "11月22日（周日）10:00" in person.say("bot-1", "约个保养，粤B66D88，姓王，13900139002，明天上午十点")
    assert person.say("bot-2", "不用")
    with running.frozen("rasa"):
        threading.Thread(target=lambda: _quietly(person.say, "bot-1", "不用提醒", "the-one"), daemon=True).start()
        until(10, lambda: "不用提醒" in person.said("bot-2"))
        running.kill("bot-1")
    began = time.monotonic()
    assert "15:00" in other.say("bot-2", "粤B5T678想做个保养，我姓李，电话13800138001，明天下午三点")
    assert time.monotonic() - began < 10
    assert person.say("bot-2", "不用提醒", "the-one")  # the client's repeat: the answer, or that it takes longer
    until(90, lambda: len(_read_backs(person)) == 1)  # when the dead copy's claim has run out
    assert person.said("bot-2").count("不用提醒") == 1
    running.start("bot-1")
    assert "预约号" in person.say("bot-1", "对的")
    assert len(_read_backs(person)) == 1
    assert [len(booked(running, copy, "粤B66D88")) for copy in COPIES] == [1, 1]


def test_rasa_actions_and_a_copy_restarted_within_a_conversation_lose_nothing(running: Topology) -> None:
    person = Person(running, "li-2")
    assert person.say("bot-1", "不用")
    running.stop("rasa", "actions", "bot-2")
    said = person.say("bot-1", "不用提醒", "while-away")
    assert said  # true words, not silence
    running.start("actions")
    running.start("rasa")
    running.start("bot-2")
    until(60, lambda: len(_read_backs(person)) == 1)
    assert "预约号" in person.say("bot-2", "对的")
    assert [len(booked(running, copy, "粤B5T678")) for copy in COPIES] == [1, 1]
    assert running.running() == set(OURS)


def test_through_the_proxy_the_web_chat_answers_and_the_api_is_not_there(running: Topology, tmp_path: Path) -> None:
    addresses = [running.url(copy).removeprefix("http://") for copy in COPIES]
    with caddy(tmp_path, *addresses) as (address, _), httpx.Client(base_url=address, timeout=30) as visitor:
        assert "text/html" in visitor.get("/").headers["content-type"]
        posted = visitor.post("/chat/messages", json={"id": "1", "text": "几点开门"})
        assert posted.status_code == 202
        with visitor.stream("GET", "/chat/events") as events:
            assert any('"bot"' in line for line in _lines(events, 20))
        assert visitor.get("/api/v1/appointments", headers=API).status_code == 404
        assert visitor.get("/metrics").status_code == 404
        assert visitor.post("/webhooks/rest/webhook", json={}, headers=REST).status_code == 404


def _read_backs(person: Person) -> list[str]:
    """The times the bot read the whole booking back to be confirmed."""
    return [message["text"] for message in person.heard("bot-2") if "确认预约" in str(message["buttons"])]


def _lines(stream: httpx.Response, seconds: float) -> Iterator[str]:
    deadline = time.monotonic() + seconds
    for line in stream.iter_lines():
        yield line
        if time.monotonic() > deadline:
            return


def _quietly(say: Callable[..., str], *words: str) -> None:
    """Say it to a copy that may die meanwhile."""
    try:
        say(*words)
    except httpx.HTTPError:
        return
