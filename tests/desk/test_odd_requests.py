"""Odd ids and bodies at every route of the desk: refused plainly, never a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.wiring import Bot
from tests.desk.oddities import ODD_VALUES, check, may, things
from tests.desk.walk import walker
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
        for odd in ODD_VALUES.values():
            tried = {"login": odd.encode("utf-8", "surrogatepass"), "password": odd.encode("utf-8", "surrogatepass")}
            answer = await nobody.ask("POST", "/desk/sign-in", data={**tried, "next": tried["login"]})
            check([name for name in crashed if "401" not in name], "sign-in", answer)
            assert 400 <= answer.status_code < 500
