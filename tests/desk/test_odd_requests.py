"""Odd ids, fields and bodies at every route of the desk: refused plainly, never a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import pytest

from bot.wiring import Bot
from tests.desk.permissions import OUTSIDE, PERMISSIONS
from tests.desk.walk import STREAM, Step, Walker, walker
from tests.running import running_bot, settings_for

IDS = (
    "0",
    "-1",
    "1.5",
    "9" * 18,
    "9" * 19,
    "9" * 40,
    "x" * 3_000,
    "%00",
    "%0d%0a",
    "%F0%28%8C",
    "..%2f..",
    "'\"--",
    "王",
)
VALUES: Mapping[str, str] = {
    "nothing": "",
    "long": "长" * 5_000,
    "nul": "a\x00b",
    "half a character": "\ud800",
    "digits": "9" * 30,
    "of another writing": "²³",
    "infinite": "NaN",
    "a day that is not": "9999-12-31T23:59:59+00:01",
    "the first day": "0001-01-01T00:00",
    "a script": "<script>alert(1)</script>{{7*7}}${7*7}",
    "lines": "a\r\nSet-Cookie: desk=x",
    "right to left": "\u202egnp.exe",
    "percent": "%s%n{0}{owner}",
}
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"text": "x", "login": 1}'),
    ("application/json", b"[" * 2_000),
    ("text/plain", b"\xff\xfe\x00"),
    ("application/x-www-form-urlencoded", b"text=%ED%A0%80&once=%00%00%00%00%00%00%00%00%00&=&&&=;"),
    ("application/x-www-form-urlencoded", b"text=\xff\xfe&level=\xff"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(3_000))),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=b", b"--b\r\n\r\nx"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nx'),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\nx\r\n--b--',
    ),
    ("multipart/form-data; boundary=" + "b" * 3_000, b""),
    ("", b"x" * 1_100_000),
)


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


def may(walking: Walker, role: str) -> Iterator[Step]:
    """The steps this role may take, without the end of its session and the endless stream."""
    for step in walking.steps:
        roles = PERMISSIONS.get(step.name, ())
        mine = role in roles and roles != OUTSIDE and step.path not in ("/sign-out", STREAM)
        if mine and (role == "manager" or "manager" not in roles):
            yield step


def check(crashed: list[str], name: str, answer: httpx.Response) -> None:
    if answer.status_code >= 500 or answer.status_code == 401:
        crashed.append(f"{name[:150]}: {answer.status_code}")


@pytest.mark.parametrize("role", ["manager", "administrator"])
async def test_odd_ids_find_nothing(bot: Bot, role: str) -> None:
    crashed: list[str] = []
    async with walker(bot, role) as agent:
        for step in may(agent, role):
            for odd in IDS if step.places else ():
                answer = await agent.go(step, dict.fromkeys(step.places, odd), data=dict.fromkeys(step.fields, "1"))
                check(crashed, f"{step.name} {odd}", answer)
                if step.method == "GET" and answer.status_code not in (404, 405, 422):
                    crashed.append(f"{step.name} {odd[:40]}: {answer.status_code}")
    assert not crashed


@pytest.mark.long
@pytest.mark.parametrize("role", ["manager", "administrator"])
@pytest.mark.parametrize("kind", ["nothing", "long", "nul", "half a character", "digits", "the first day"])
async def test_odd_words_in_any_field_are_kept_or_refused(bot: Bot, role: str, kind: str) -> None:
    odd, crashed = VALUES[kind], []
    async with walker(bot, role) as agent:
        there = await things(bot)
        for step in may(agent, role):
            if step.path == "/profile/password" or (role == "administrator" and "deactivate" in step.path):
                continue
            try:
                params = dict.fromkeys(step.asked, odd[:300]) if kind not in ("nul", "half a character") else {}
                given: dict[str, Any] = {"data": dict.fromkeys(step.fields, odd.encode("utf-8", "surrogatepass"))}
                answer = await agent.go(step, there, params=params, **(given if step.method == "POST" else {}))
            except UnicodeEncodeError:
                continue
            check(crashed, f"{step.name} {kind}", answer)
            for name in step.fields if step.method == "POST" else ():
                filled = {**SENSIBLE, name: odd.encode("utf-8", "surrogatepass")}
                answer = await agent.go(step, there, data={each: filled.get(each, "1") for each in step.fields})
                check(crashed, f"{step.name} {name} {kind}", answer)
    assert not crashed


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # none of them gets as far as a database
@pytest.mark.parametrize("role", ["manager", "administrator"])
async def test_odd_bodies_are_refused(bot: Bot, role: str) -> None:
    crashed: list[str] = []
    async with walker(bot, role) as agent:
        there = await things(bot)
        for step in may(agent, role):
            for kind, body in BODIES if step.method == "POST" else ():
                answer = await agent.go(step, there, content=body, headers={"Content-Type": kind} if kind else {})
                check(crashed, f"{step.name} {kind[:40]} {body[:30]!r}", answer)
                takes_pictures = step.path.endswith("/picture")
                if len(body) > 1_000_000 and answer.status_code != 413 and not takes_pictures:
                    crashed.append(f"{step.name} swallowed a large body: {answer.status_code}")
    assert not crashed


async def test_odd_bodies_at_the_door_are_refused(bot: Bot) -> None:
    crashed: list[str] = []
    async with walker(bot) as nobody:
        for kind, body in BODIES:
            answer = await nobody.ask("POST", "/desk/sign-in", content=body, headers={"Content-Type": kind})
            assert 400 <= answer.status_code < 500
        for odd in VALUES.values():
            tried = {"login": odd.encode("utf-8", "surrogatepass"), "password": odd.encode("utf-8", "surrogatepass")}
            answer = await nobody.ask("POST", "/desk/sign-in", data={**tried, "next": tried["login"]})
            check([name for name in crashed if "401" not in name], "sign-in", answer)
            assert 400 <= answer.status_code < 500


SENSIBLE: Mapping[str, str] = {
    "text": "您好", "once": "once-once-1", "reason": "原因", "stage": "in_repair", "seen": "x", "level": "3",
    "word": "looking", "to": "agent:小林", "owner": "小林", "kind": "service", "at": "2026-11-20T16:00",
    "due_at": "2026-11-20T17:00", "solution": "免费返修", "answer": "phone", "title": "标题",
    "plate": "粤B12345", "phone": "13800138111", "role": "adviser", "name": "某人", "login": "somebody",
    "password": "a-good-long-one", "team": "前台", "start": "2026-11-23T10:00", "end": "2026-11-23T11:00",
    "where": "workshop", "decision": "agree", "service_type": "maintenance", "work": "保养",
    "language": "zh", "available": "yes", "status": "arrived", "promised_at": "2026-11-20T18:00",
    "price": "680",
}  # fmt: skip


async def things(bot: Bot) -> dict[str, Any]:
    """What stands for the places in addresses: things that there are, so that fields are looked at."""
    delivery = await bot.context.inbox.receive(channel="web", user="visitor", text="在吗", platform_id="1")
    async with bot.store.reading() as uow:
        agent = await uow.agents.by_name("小林")
        visits = await uow.appointments.open_of_plate("粤BD12345")
    return {
        "key": delivery.conversation.id,
        "number": visits[0].number,
        "agent_id": agent.id,
        "block_id": 1,
        "media_id": 1,
        "proposal_id": 1,
    }
