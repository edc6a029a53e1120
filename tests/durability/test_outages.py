"""Dialogue, database and platforms are away for a while: nothing is lost, people hear something true, work resumes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.processes import stock_rasa, wait_until
from bot.dialogue.phrases import Phrases
from tests.durability.bots import CLOCK, Copy, bot_environment
from tests.durability.checks import Outcome, compare, read_store
from tests.durability.front import Front
from tests.durability.own_postgres import OwnPostgres
from tests.durability.people import QUESTIONS, TROUBLE, Person
from tests.durability.platforms import Platforms, both_platforms
from tests.known_settings import ROOT
from tests.platforms.wechat_account import Account
from tests.platforms.wechat_pushes import Pusher

pytestmark = [pytest.mark.long, pytest.mark.heavy, pytest.mark.timeout(500), pytest.mark.usefixtures("model")]

SECONDS = float(os.environ.get("BOT_TEST_OUTAGE_SECONDS", "30"))
EACH_CHANNEL = 10
FIRST, SECOND, THIRD, LAST = "怎么开发票", "你们地址在哪", "你们电话多少", "能上门取车吗"


@dataclass
class Scene:
    """One copy of the bot, people on both channels, and what they are told meanwhile."""

    url: str
    bot: Copy
    platforms: Platforms
    people: list[Person]
    kept: str = field(default_factory=lambda: Phrases(ROOT / "domain.yml")("utter_kept_until_back"))

    async def all_ask(self, question: str) -> None:
        """Everybody asks and has the right answer."""
        await asyncio.gather(*(person.ask(question, QUESTIONS[question]) for person in self.people))

    async def all_write(self, *questions: str, channel: str | None = None) -> None:
        """Everybody (on this channel) writes, and waits for nothing."""
        for question in questions:
            await asyncio.gather(
                *(person.write(question) for person in self.people if channel in (None, person.channel))
            )

    async def all_have(self, question: str, seconds: float = 150.0, channel: str | None = None) -> float:
        """Everybody has got the answer; after how many seconds."""
        began = time.monotonic()
        while missing := [
            person.user
            for person in self.people
            if channel in (None, person.channel) and not self.times_heard(person, QUESTIONS[question])
        ]:
            assert time.monotonic() < began + seconds, f"no answer to {question}: {missing}\n{self.bot.log()[-3000:]}"
            await self.platforms.news(1.0)
        return time.monotonic() - began

    def times_heard(self, person: Person, words: str) -> int:
        """How often they read these words."""
        return sum(words in each.text for each in person.heard)

    async def outcome(self) -> Outcome:
        """Store and screens beside each other, when nothing is on its way any more."""
        until = time.monotonic() + 60
        while True:
            stored, screens = await read_store(self.url), await self.platforms.everything()
            outcome = compare(stored, screens, TROUBLE, aside=(self.kept,))
            if not outcome.faults or time.monotonic() > until:
                return outcome
            await asyncio.sleep(1.0)


@asynccontextmanager
async def scene(url: str, folder: Path, **more: str) -> AsyncIterator[Scene]:
    """A bot that serves, and people who have had one answer each."""
    async with AsyncExitStack() as stack:
        platforms = await stack.enter_async_context(both_platforms())
        bot = Copy("bot", folder, bot_environment(url, folder, platforms.wechat.url, platforms.telegram.url, **more))
        stack.push_async_callback(bot.stop)
        await bot.start()
        await bot.ready()
        pusher = Pusher(Account(), f"{bot.url}/channels/wechat", platforms.wechat)
        await stack.enter_async_context(pusher)
        chance = random.Random(1)
        people = [Person("wechat", f"oPerson{n}", platforms, pusher, chance) for n in range(EACH_CHANNEL)]
        people += [Person("telegram", str(70_000 + n), platforms, None, chance) for n in range(EACH_CHANNEL)]
        found = Scene(url, bot, platforms, people)
        await found.all_ask(FIRST)
        yield found


def tell(what: str, seconds: float, back: float, outcome: Outcome) -> None:
    print(
        f"\n{what} away for {seconds:.0f} s: everything answered {back:.1f} s after it was back;"
        f" {outcome.written} messages, {outcome.said} answers, {outcome.unknown} unknown,"
        f" {outcome.troubles} times a trouble was told"
    )


# The dialogue


async def test_the_dialogue_dies_and_is_started_again_by_itself(tmp_path: Path) -> None:
    async with scene(f"sqlite:///{tmp_path}/bot.db", tmp_path, BOT_TURN_SECONDS="3") as here:
        os.kill(child_of(here.bot.pid), signal.SIGSTOP)  # hangs: the turns run out of time
        await here.all_write(SECOND)
        back = await here.all_have(SECOND)
        os.kill(child_of(here.bot.pid), signal.SIGKILL)
        await here.all_ask(THIRD)
        outcome = await here.outcome()
        tell("dialogue process", 0, back, outcome)
        assert (outcome.faults, outcome.twice) == ([], [])
        assert all(here.times_heard(person, TROUBLE) <= 2 for person in here.people)  # once a message at most


def child_of(pid: int) -> int:
    """The dialogue process of a bot."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


async def test_rasa_is_away_and_comes_back(tmp_path: Path, model: Path, postgres_url: str) -> None:
    with stock_rasa(tmp_path, model, postgres_url, CLOCK) as (servers, port):
        await asyncio.to_thread(wait_until, _listens(port), *servers)
        async with Front([port]) as front, scene(postgres_url, tmp_path, BOT_RASA_URL=front.url) as here:
            front.cut()
            await here.all_write(SECOND)
            await asyncio.sleep(SECONDS)
            front.mend()
            back = await here.all_have(SECOND)
            await here.all_ask(THIRD)
            outcome = await here.outcome()
            tell("Rasa", SECONDS, back, outcome)
            assert (outcome.faults, outcome.twice) == ([], [])
            assert [here.times_heard(person, TROUBLE) for person in here.people] == [1] * len(here.people)


def _listens(port: int) -> Callable[[], bool]:
    import httpx

    def asked() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/", timeout=4).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return asked


# The database


async def test_postgresql_is_away_and_comes_back(tmp_path: Path) -> None:
    async with OwnPostgres() as server, scene(server.url, tmp_path) as here:
        await here.all_write(SECOND)  # some of this is under way when the database goes
        await server.stop()
        await here.all_write(THIRD)
        await asyncio.sleep(SECONDS)
        await server.start()
        back = max(await here.all_have(SECOND), await here.all_have(THIRD))
        await here.all_ask(LAST)
        outcome = await here.outcome()
        tell("PostgreSQL", SECONDS, back, outcome)
        assert (outcome.faults, outcome.twice) == ([], [])
        assert_told_once(here)


async def test_sqlite_is_locked_and_let_go(tmp_path: Path) -> None:
    async with scene(f"sqlite:///{tmp_path}/bot.db", tmp_path) as here:
        locked = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, timeout=60)
        locked.execute("BEGIN IMMEDIATE")
        await here.all_write(SECOND, THIRD)
        await asyncio.sleep(SECONDS)
        locked.execute("ROLLBACK")
        locked.close()
        back = max(await here.all_have(SECOND), await here.all_have(THIRD))
        await here.all_ask(LAST)
        outcome = await here.outcome()
        tell("SQLite", SECONDS, back, outcome)
        assert (outcome.faults, outcome.twice) == ([], [])
        assert_told_once(here)


async def test_what_was_kept_on_disk_outlives_the_process_that_kept_it(tmp_path: Path) -> None:
    async with scene(f"sqlite:///{tmp_path}/bot.db", tmp_path) as here:
        locked = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, timeout=60)
        locked.execute("BEGIN IMMEDIATE")
        await here.all_write(SECOND, THIRD, channel="wechat")
        await here.bot.kill(random.Random(1))
        locked.execute("ROLLBACK")
        locked.close()
        await here.bot.start()
        await here.bot.ready()
        await here.all_have(SECOND, channel="wechat")
        await here.all_have(THIRD, channel="wechat")
        outcome = await here.outcome()
        assert (outcome.faults, outcome.twice) == ([], [])
        assert_told_once(here)


def assert_told_once(here: Scene) -> None:
    """On WeChat everybody read, once, that their message is kept; on Telegram nothing could be said."""
    told = {person.user: here.times_heard(person, here.kept) for person in here.people}
    assert told == {person.user: int(person.channel == "wechat") for person in here.people}


# The platforms


async def test_the_platforms_are_away_and_come_back(tmp_path: Path) -> None:
    async with scene(f"sqlite:///{tmp_path}/bot.db", tmp_path) as here:
        on_wechat = [person for person in here.people if person.channel == "wechat"]
        for person in on_wechat:
            await here.platforms.wechat.customer_did(person.user)
        pusher = on_wechat[0].pusher
        assert pusher is not None
        await here.platforms.telegram.fail(status=502, times=None)
        await here.all_write(SECOND, channel="telegram")
        await asyncio.sleep(1.0)
        await here.platforms.telegram.down(seconds=SECONDS)
        await here.platforms.wechat.down(seconds=SECONDS)
        await asyncio.sleep(0.5)
        pusher.fake = None  # pushes come in although nothing can be sent
        await here.all_write(SECOND, THIRD, channel="wechat")
        pusher.fake = here.platforms.wechat
        await asyncio.sleep(SECONDS)
        await here.platforms.telegram.clear_faults()
        back = max(await here.all_have(SECOND), await here.all_have(THIRD, channel="wechat"))
        await here.all_ask(LAST)
        outcome = await here.outcome()
        tell("both platforms", SECONDS, back, outcome)
        assert (outcome.faults, outcome.twice, outcome.troubles, outcome.never) == ([], [], 0, 0)
