"""How soon words are on the right screens, and how soon pages open: 50 agents, 500 open conversations.

Every agent has a page with its stream of events and fetches what a browser would. Customers write through the REST
webhook while pages are opened. On SQLite one bot serves all; on PostgreSQL customers write to one copy and the agents
sit at another. `python -m bench.desk [seconds] [messages a second]`.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import aiohttp

from bench.desk_figures import Measured, table
from bench.desk_filling import SignedIn, Talk, fill_talks, sign_in_all
from bench.desk_people import Desk, Posts, pause, write
from bench.load import Person
from bench.processes import our_bot, wait_until
from bench.speed import CLOCK, GREETING
from bot.store.engine import Store
from tests.durability.own_postgres import OwnPostgres

PAGES_A_SECOND = 2.5
PAGES = {
    "queue": ("/queue?show=waiting", "/queue?show=mine", "/queue?show=all"),
    "conversation": ("/conversations/{}",),
    "workshop": ("/workshop",),
    "calendar": ("/calendar",),
    "complaints": ("/complaints",),
    "customers": ("/customers",),
    "report": ("/report",),
}
_WARM_UP, _LAST = 5.0, 5.0
_BUSY = ("车子又响了，你们看一下", "我大概十点到", "那个零件到了吗", "谢谢您，我等消息")


def desks_of(
    agents: Sequence[SignedIn], talks: Sequence[Talk], url: str, posts: Posts, opened: AsyncExitStack
) -> list[Desk]:
    """Most have one of their conversations open; the others look at the queue, the workshop and the other pages."""
    boards = ["/workshop/board", "/calendar/board", "/complaints/board", "/report"]
    mine = {name: [talk for talk in talks if talk.agent == name and talk.channel == "rest"] for name in _names(agents)}
    desks = []
    for number, signed in enumerate(agents):
        cookies = {"desk": signed.token}
        client = aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True))
        opened.push_async_callback(client.close)
        desk = Desk(signed, client, url, posts)
        if number % 10 < 7 and mine[desk.name]:
            desk.opened = mine[desk.name][0]
        elif number % 10 < 9:
            desk.show = "waiting" if number % 2 else "all"
        else:
            desk.show, desk.board = None, boards[number // 10 % 3]
        desks.append(desk)
    return desks


def _names(agents: Sequence[SignedIn]) -> list[str]:
    return [each.agent.name for each in agents]


async def measure(database: str, write_to: str, look_at: str, seconds: float, per_second: float) -> Measured:
    """Fills the database that the bots at both addresses serve, then lets everybody work."""
    store, now = Store(database), datetime.fromisoformat(CLOCK)
    await store.start()
    try:
        agents = await sign_in_all(store, now)
        talks = await fill_talks(store, now, agents)
    finally:
        await store.close()
    async with AsyncExitStack() as stack:
        posts = Posts()
        measured = Measured(posts, desks_of(agents, talks, look_at, posts, stack))
        async with everybody_looks(measured.desks):
            customers = await stack.enter_async_context(aiohttp.ClientSession())
            await _work(measured, customers, write_to, talks, _WARM_UP, per_second)
            posts.all.clear()
            measured.pages.clear()
            await _work(measured, customers, write_to, talks, seconds, per_second)
    return measured


@asynccontextmanager
async def everybody_looks(desks: Sequence[Desk]) -> AsyncIterator[None]:
    """The streams of all desks are open."""
    streams = [asyncio.create_task(desk.look()) for desk in desks]
    try:
        until = time.monotonic() + 30
        while not all(desk.connected for desk in desks):
            if time.monotonic() > until:
                raise TimeoutError("not every stream could be opened")
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        yield
    finally:
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)


async def _work(
    measured: Measured, customers: aiohttp.ClientSession, url: str, talks: Sequence[Talk], seconds: float, rate: float
) -> None:
    chance, until = random.Random(2), time.monotonic() + seconds
    opening = asyncio.create_task(_open_pages(measured, talks, until))
    watched = [desk.opened for desk in measured.desks if desk.opened is not None]
    others = [talk for talk in talks if talk.channel == "rest" and talk not in watched]
    under_way = []
    while time.monotonic() < until:
        talk = chance.choice(watched if chance.random() < 0.5 else others)
        post = measured.posts.add(talk)
        under_way.append(asyncio.create_task(write(customers, url, post, chance.choice(_BUSY) + post.mark)))
        await asyncio.sleep(pause(chance, rate))
    await asyncio.gather(*under_way, opening)
    await asyncio.sleep(_LAST)


async def _open_pages(measured: Measured, talks: Sequence[Talk], until: float) -> None:
    chance, under_way = random.Random(3), []
    managers = [desk for desk in measured.desks if desk.signed.agent.role == "supervisor"]
    names = list(PAGES)
    for number in range(10**6):
        if time.monotonic() >= until:
            break
        name = names[number % len(names)]
        path = chance.choice(PAGES[name]).format(chance.choice(talks).id)
        desk = chance.choice(managers if name == "report" else list(measured.desks))
        under_way.append(asyncio.create_task(_open(measured, desk, name, path)))
        await asyncio.sleep(pause(chance, PAGES_A_SECOND))
    await asyncio.gather(*under_way)


async def _open(measured: Measured, desk: Desk, name: str, path: str) -> None:
    began = time.perf_counter()
    await desk.open(path)
    measured.pages.setdefault(name, []).append(time.perf_counter() - began)


@contextmanager
def on_sqlite(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The database and one bot: where customers write, where agents look."""
    database = f"sqlite:///{folder}/bot.db"
    with our_bot(folder, database, CLOCK) as (server, port):
        wait_until(lambda: bool(Person(port).say("first", GREETING, False)), server)
        url = f"http://127.0.0.1:{port}"
        yield database, url, url


@contextmanager
def on_postgres(folder: Path, database: str) -> Iterator[tuple[str, str, str]]:
    """The database and two copies of the bot: customers write to the first, agents sit at the second."""
    with ExitStack() as stack:
        urls = []
        for _ in range(2):
            server, port = stack.enter_context(our_bot(folder, database, CLOCK))
            wait_until(lambda port=port: bool(Person(port).say(f"first{port}", GREETING, False)), server)  # type: ignore[misc]
            urls.append(f"http://127.0.0.1:{port}")
        yield database, urls[0], urls[1]


async def _measure_postgres(folder: Path, seconds: float, rate: float) -> Measured:
    async with OwnPostgres() as server:
        bots = on_postgres(folder, server.url)
        where = await asyncio.to_thread(bots.__enter__)
        try:
            return await measure(*where, seconds, rate)
        finally:
            await asyncio.to_thread(bots.__exit__, None, None, None)


def main(seconds: float = 30.0, per_second: float = 8.0) -> None:
    """Prints the table."""
    print("desk: 50 agents and 500 open conversations (about three minutes)", file=sys.stderr, flush=True)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        with on_sqlite(Path(name)) as where:
            found["SQLite"] = asyncio.run(measure(*where, seconds, per_second))
        _tell(found["SQLite"])
        found["PostgreSQL, two copies"] = asyncio.run(_measure_postgres(Path(name), seconds, per_second))
        _tell(found["PostgreSQL, two copies"])
    print("\n".join(table(found, seconds)), flush=True)


def _tell(measured: Measured) -> None:
    lost = sum(each == float("inf") for each in [*measured.shown(), *measured.read()])
    refused = measured.trouble()
    words = f"  {len(measured.posts.all)} messages, {lost} not shown, {len(refused)} requests refused: {refused[:3]}"
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:]))
