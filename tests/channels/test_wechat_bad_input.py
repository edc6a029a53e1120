"""Thousands of bad calls: never a failure of ours, nothing acted on, nothing left behind (issue: bad input)."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.channels.telegram_bot import until
from tests.channels.wechat_bot import HOOK, environment, sqlite_copy, wechat_bot
from tests.channels.wechat_mutations import ANN, MUTATIONS, huge, whole
from tests.messages.fakes import EchoEngine
from tests.platforms.wechat_account import MODES, Account
from tests.platforms.wechat_pushes import Pusher
from tests.running import served_bot, settings_for

EACH = 1_650
REPLAYS = 15
HUGE = 20
SOON = 4.0  # seconds; WeChat waits for 5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("reply", ["service", "passive"])
async def test_bad_calls_are_refused_or_ignored(sqlite_template: Path, tmp_path: Path, mode: str, reply: str) -> None:
    chance = random.Random(f"{mode} {reply}")
    account = Account(mode=mode)
    count = EACH if reply == "service" else EACH // 10
    async with wechat_bot(sqlite_copy(sqlite_template, tmp_path), tmp_path, account, reply) as wechat:
        tasks, statuses, took = len(asyncio.all_tasks()), Counter[int](), list[float]()
        for number in range(count):
            push = huge(chance, account) if number < HUGE else chance.choice(MUTATIONS)(chance, account)
            began = time.monotonic()
            answer = await wechat.post(push)
            took.append(time.monotonic() - began)
            statuses[answer.status_code] += 1
            assert answer.status_code in (200, 403, 413), (number, push)
            assert answer.content in (b"success", b""), (number, push)
        assert await wechat.rows("SELECT count(*) FROM conversations") == [(0,)]
        assert wechat.engine.turns == []
        assert statuses[413] == HUGE
        assert statuses[403] > count / 5
        assert statuses[200] > count / 5
        assert sorted(took)[len(took) * 99 // 100] < SOON
        await until(lambda: len(asyncio.all_tasks()) <= tasks + 2)

        pushes = [whole(chance, account) for _ in range(REPLAYS)]
        for push in [*pushes, *pushes, *pushes]:
            assert (await wechat.post(push)).status_code == 200
        assert await wechat.stored() == len({(push.msg_id, push.created, push.xml) for push in pushes})


async def test_calls_that_break_off_do_no_harm(sqlite_template: Path, tmp_path: Path) -> None:
    """Over HTTP: bodies that end early, lengths that lie, lines that are no HTTP."""
    account, engine = Account(mode="safe"), EchoEngine()
    given = environment(account, BOT_SPOOL_DIR=str(tmp_path / "spool"))
    with served_bot(settings_for(sqlite_copy(sqlite_template, tmp_path), **given), engine) as served:
        host, port = served.url.removeprefix("http://").split(":")
        push = account.text(ANN, "你好")
        query = "&".join(f"{name}={value}" for name, value in push.query.items())
        head = f"POST {HOOK}?{query} HTTP/1.1\r\nHost: x\r\n".encode()
        calls = [
            head + f"Content-Length: {len(push.body) + 10}\r\n\r\n".encode() + push.body,
            head + f"Content-Length: {len(push.body)}\r\n\r\n".encode() + push.body[:20],
            head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<xml>\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            head + b"Content-Length: x\r\n\r\n",
            head[:50],
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ]
        for call in calls * 5:
            await _call_and_hang_up(host, int(port), call)
        async with Pusher(account, served.url + HOOK) as pusher:
            done = await pusher.push(push)
            assert (done.outcome, len(done.tries)) == ("acknowledged", 1)
        await asyncio.sleep(0.3)
    assert len(engine.turns) == 1


async def _call_and_hang_up(host: str, port: int, call: bytes) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.write(call)
    await writer.drain()
    await asyncio.sleep(0.01)
    writer.close()
