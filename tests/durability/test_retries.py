"""WeChat tries every push three times, here all at once, while the store is slow: each message acts once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.dialogue.phrases import Phrases
from tests.durability.bots import Copy, bot_environment
from tests.durability.checks import compare, read_store
from tests.durability.people import QUESTIONS, TROUBLE
from tests.durability.platforms import both_platforms
from tests.known_settings import ROOT
from tests.platforms.wechat_account import Account
from tests.platforms.wechat_pushes import Pusher

pytestmark = [pytest.mark.long, pytest.mark.heavy, pytest.mark.timeout(300), pytest.mark.usefixtures("model")]

PEOPLE = 50
QUESTION = "你们地址在哪"


@pytest.mark.parametrize("slow", [2.0, 6.0], ids=["slow", "too slow for a push"])
async def test_concurrent_tries_of_one_push_act_once(tmp_path: Path, slow: float) -> None:
    url, kept = f"sqlite:///{tmp_path}/bot.db", Phrases(ROOT / "domain.yml")("utter_kept_until_back")
    async with AsyncExitStack() as stack:
        platforms = await stack.enter_async_context(both_platforms())
        environ = bot_environment(url, tmp_path, platforms.wechat.url, platforms.telegram.url)
        bot = Copy("bot", tmp_path, environ)
        stack.push_async_callback(bot.stop)
        await bot.start()
        await bot.ready()
        account = Account()
        pusher = Pusher(account, f"{bot.url}/channels/wechat", platforms.wechat, concurrent=True, resign=True)
        await stack.enter_async_context(pusher)
        locked = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, timeout=60)
        locked.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(slow, locked.close)
        pushed = await pusher.push_many(account.text(f"oRetried{number}", QUESTION) for number in range(PEOPLE))
        again = await pusher.push(account.seal(account.text("oRetried0", QUESTION, msg_id=pushed[0].msg_id)))
        for _ in range(600):
            answered = [
                heard for heard in platforms.heard.values() if any(QUESTIONS[QUESTION] in h.text for h in heard)
            ]
            if len(answered) == PEOPLE:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(3.0)  # whatever comes too often comes now
        stored = await read_store(url)
        outcome = compare(stored, await platforms.everything(), TROUBLE, aside=(kept,))
    results = Counter(each.result for one in pushed for each in one.tries)
    print(f"\n{PEOPLE} pushes, three tries at once, store away for {slow} s: {dict(results)}")
    assert (outcome.faults, outcome.twice) == ([], [])
    assert outcome.written == PEOPLE
    assert all(len([row for row in rows if row.sender == "customer"]) == 1 for rows in stored.values())
    assert {one.outcome for one in [*pushed, again]} <= {"acknowledged", "replied"}
