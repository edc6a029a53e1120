"""The bot is killed again and again while people write on both channels: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.dialogue.phrases import Phrases
from tests.durability.bots import Copy, Killed, bot_environment
from tests.durability.checks import Outcome, appointments_of, compare, overlapping, read_store, unexplained
from tests.durability.front import Front
from tests.durability.people import A_WORD, TROUBLE, Booker, Manner, Person, crowd
from tests.durability.platforms import Platforms, both_platforms
from tests.known_settings import ROOT
from tests.machine import slowness
from tests.platforms.wechat_account import Account
from tests.platforms.wechat_pushes import Pusher

pytestmark = [pytest.mark.long, pytest.mark.heavy, pytest.mark.timeout(1200), pytest.mark.usefixtures("model")]

EACH_CHANNEL = int(os.environ.get("BOT_TEST_CRASH_CUSTOMERS", "100"))
MESSAGES = 10
KILLS = int(os.environ.get("BOT_TEST_CRASH_KILLS", "20"))
SEED = int(os.environ.get("BOT_TEST_CRASH_SEED", "20261122"))
# A killed copy has this long between the platform's delivery and its own note of it (longer on a slower machine).
_NOTED_WITHIN = 2.0
_BOOKED_BEFORE = "粤BD12345"  # the demo's own appointment


@dataclass
class Run:
    """One crash test: what wrote, what was killed, and what came of it."""

    copies: list[Copy]
    people: list[tuple[Person, Manner]]
    platforms: Platforms
    chance: random.Random
    kills: list[Killed] = field(default_factory=list)
    starting: list[float] = field(default_factory=list)

    async def go(self) -> None:
        """All people write to the end, and the killer does his work meanwhile."""
        writing = [asyncio.create_task(self._write(person, manner)) for person, manner in self.people]
        killing = asyncio.create_task(self._kill_now_and_then())
        try:
            done, _ = await asyncio.wait({*writing, killing}, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in (*writing, killing):
                task.cancel()
            await asyncio.gather(*writing, killing, return_exceptions=True)

    async def _write(self, person: Person, manner: Manner) -> None:
        await asyncio.sleep(self.chance.uniform(0.0, 5.0))
        await manner(person, MESSAGES)

    async def _kill_now_and_then(self) -> None:
        """Each kill at a random moment of the work, one in five of a copy that is only starting; faults in between."""
        whole = len(self.people) * MESSAGES
        moments = sorted(self.chance.uniform(0.02, 0.95) * whole for _ in range(KILLS))
        for number, moment in enumerate(moments):
            copy = self.chance.choice(self.copies)
            if self.chance.random() < 0.8 or number == 0:
                await copy.ready()
                while sum(person.answered for person, _ in self.people) < moment:
                    await self.platforms.news(0.5)
                await asyncio.sleep(self.chance.uniform(0.0, 0.5))
            else:
                await asyncio.sleep(self.chance.uniform(0.5, 4.0))
            self.kills.append(await copy.kill(self.chance))
            await copy.start()
            await self._order_faults(number)
        for copy in self.copies:
            self.starting.append(await copy.ready())

    async def _order_faults(self, number: int) -> None:
        wechat, telegram = self.platforms.wechat, self.platforms.telegram
        orders = [
            lambda: telegram.too_many(retry_after=2, times=3),
            lambda: telegram.withhold(times=2),
            lambda: wechat.fault(kind="lost", count=2),
            lambda: wechat.expire_tokens(),
            lambda: wechat.fail_sends(errcode=-1, count=3),
            lambda: telegram.fail(status=502, times=3),
            lambda: wechat.fault(kind="status", value=502, count=3),
            lambda: telegram.cut(times=1, delivered=True),
        ]
        await orders[number % len(orders)]()


async def run(url: str, names: list[str], folder: Path) -> None:
    """The whole test on one database with so many copies."""
    chance, began = random.Random(SEED), time.monotonic()
    async with AsyncExitStack() as stack:
        platforms = await stack.enter_async_context(both_platforms())
        quickly = {"TELEGRAM_PER_SECOND": "100"}  # at Telegram's 30 a second most of the time would go by waiting
        environ = bot_environment(url, folder, platforms.wechat.url, platforms.telegram.url, **quickly)
        copies = [Copy(name, folder, environ) for name in names]
        for copy in copies:
            stack.push_async_callback(copy.stop)
            await copy.start()
        first = [await copy.ready() for copy in copies]
        front = await stack.enter_async_context(Front([copy.port for copy in copies]))
        pusher = Pusher(Account(), f"{front.url}/channels/wechat", platforms.wechat)
        await stack.enter_async_context(pusher)
        people = crowd(platforms, pusher, EACH_CHANNEL, SEED)
        running = Run(copies, people, platforms, chance)
        await running.go()
        outcome = await _settled(url, platforms, [person for person, _ in people])
        for copy in copies:
            await copy.stop()
        _report(running, outcome, first, time.monotonic() - began, copies)
        await _judge(running, outcome, url, people)


async def _settled(url: str, platforms: Platforms, people: list[Person], seconds: float = 90.0) -> Outcome:
    """The comparison of store and screens, once nothing is on its way any more; who has written on and on to a bot that
    was away has more answers to come than WeChat lets through for one message, and writes once more for the rest."""
    until, phrase = time.monotonic() + seconds, Phrases(ROOT / "domain.yml")
    aside = (phrase("utter_kept_until_back"), phrase("utter_more_waits"))
    while True:
        stored = await read_store(url)
        outcome = compare(stored, await platforms.everything(), TROUBLE, aside, (A_WORD,))
        if not outcome.faults or time.monotonic() > until:
            return outcome
        for person in people:
            if any(row.state == "waiting" for row in stored[person.channel, person.user]):
                await person.ask_for_the_rest()
        await asyncio.sleep(5.0)


def _report(running: Run, outcome: Outcome, first: list[float], seconds: float, copies: list[Copy]) -> None:
    repeated = sum(person.repeated for person, _ in running.people)
    again = sum(copy.logs().count("A send was broken off and is done again") for copy in copies)
    print(
        f"\ncrash test: {len(running.people)} customers, {len(running.kills)} kills"
        f" ({sum(not kill.ready for kill in running.kills)} while starting), {seconds:.0f} s,"
        f" first start {max(first):.1f} s\n"
        f"  {outcome.written} messages stored ({repeated} written once more after WeChat's banner), {outcome.said}"
        f" answers: {outcome.unknown} unknown ({outcome.never} of them not delivered), {len(outcome.twice)} delivered"
        f" twice ({again} sends done again), {outcome.troubles} times a trouble was told"
    )


async def _judge(running: Run, outcome: Outcome, url: str, people: list[tuple[Person, Manner]]) -> None:
    assert outcome.faults == []
    assert outcome.never <= outcome.unknown
    assert len(running.kills) == KILLS
    assert outcome.written >= len(people) * MESSAGES
    assert unexplained(outcome.twice, running.kills, _NOTED_WITHIN * slowness()) == []
    booked = await appointments_of(url)
    bookers = [manner for _, manner in people if isinstance(manner, Booker)]
    wanted = Counter({booker.plate: 1 for booker in bookers} | {_BOOKED_BEFORE: 1})
    assert Counter(row.plate for row in booked) == wanted
    assert all(booker.booked for booker in bookers)
    assert overlapping(booked, "bay_id") == []
    assert overlapping(booked, "technician_id") == []


async def test_one_copy_on_sqlite_outlives_kills(tmp_path: Path) -> None:
    await run(f"sqlite:///{tmp_path}/bot.db", ["bot"], tmp_path)


async def test_two_copies_on_postgresql_outlive_kills(postgres_url: str, tmp_path: Path) -> None:
    await run(postgres_url, ["bot-1", "bot-2"], tmp_path)
