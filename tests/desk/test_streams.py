"""What a customer writes reaches every page it belongs on: also on the other copy, late, or after a break."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
import pytest

from bench.desk_filling import SignedIn, Talk, fill_talks, sign_in_all
from bot.store.engine import Store
from tests.running import served_bot, settings_for

pytestmark = pytest.mark.long

AGENTS, TALKS, MESSAGES = 12, 60, 40


@dataclass
class Page:
    """An agent's stream: the newest line of each conversation, the newest counts, whether all was to be fetched."""

    signed: SignedIn
    lines: dict[int, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    backs: int = 0
    opened: int = 0

    async def look(self, url: str, since: str = "") -> None:
        """Read until cancelled; opened again when it breaks, as a browser does."""
        while True:
            with suppress(aiohttp.ClientError):
                async with self.client() as client, client.get(f"{url}/desk/events?since={since}") as stream:
                    self.opened += 1
                    await self.read(stream)
            await asyncio.sleep(0.2)

    def client(self) -> aiohttp.ClientSession:
        cookies = {"desk": self.signed.token}
        endless = aiohttp.ClientTimeout(total=None)
        return aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=endless)

    async def read(self, stream: aiohttp.ClientResponse) -> None:
        kind, left = "", b""
        async for chunk in stream.content.iter_any():
            *lines, left = (left + chunk).split(b"\n")
            for line in lines:
                name, _, value = line.decode().partition(": ")
                kind = value if name == "event" else kind
                if name == "data":
                    self.take(kind, value)

    def take(self, kind: str, data: str) -> None:
        if kind == "row":
            row = json.loads(data)
            self.lines[row["id"]] = row["html"]
        self.counts = json.loads(data) if kind == "counts" else self.counts
        self.backs += kind == "topic" and data == "back"


@asynccontextmanager
async def copies(database_url: str, count: int) -> AsyncIterator[list[str]]:
    """The addresses of so many bots on one database."""
    async with AsyncExitStack() as stack:
        urls = []
        for _ in range(count):
            bot = served_bot(settings_for(database_url))
            urls.append((await asyncio.to_thread(bot.__enter__)).url)
            stack.push_async_callback(asyncio.to_thread, bot.__exit__, None, None, None)
        yield urls


@asynccontextmanager
async def looking(pages: list[Page], url: str) -> AsyncIterator[None]:
    """All streams are open."""
    tasks = [asyncio.create_task(page.look(url)) for page in pages]
    try:
        await until(lambda: all(page.opened for page in pages))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < end, "it did not come to be"
        await asyncio.sleep(0.05)


async def write(url: str, talk: Talk, text: str) -> None:
    async with aiohttp.ClientSession() as client:
        body = {"sender": talk.user, "message": text}
        async with client.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
            assert answer.status == 200, await answer.text()


async def filled(store: Store) -> tuple[list[Page], list[Talk]]:
    now = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
    agents = await sign_in_all(store, now, AGENTS)
    talks = await fill_talks(store, now, agents, TALKS, closed=0)
    return [Page(each) for each in agents], [talk for talk in talks if talk.channel == "rest"]


async def test_what_a_customer_writes_reaches_every_stream_of_every_copy(store: Store, database_url: str) -> None:
    count = 1 if store.is_sqlite else 2
    async with copies(database_url, count) as urls:
        pages, talks = await filled(store)
        async with looking(pages, urls[-1]):
            posts = [(talk, f"〔{number}〕") for number, talk in enumerate(talks[:MESSAGES])]
            await asyncio.gather(*(write(urls[0], talk, text) for talk, text in posts))
            await until(lambda: all(text in page.lines.get(talk.id, "") for page in pages for talk, text in posts))


async def test_a_claim_changes_the_counts_at_all_desks_of_every_copy(store: Store, database_url: str) -> None:
    count = 1 if store.is_sqlite else 2
    async with copies(database_url, count) as urls:
        pages, talks = await filled(store)
        waiting = next(talk for talk in talks if talk.agent is None)
        async with looking(pages, urls[-1]):
            await write(urls[0], waiting, "我还在等")
            await until(lambda: all(page.counts for page in pages))
            before = [dict(page.counts) for page in pages]
            first = pages[0]
            async with first.client() as client:
                headers = {"X-CSRF-Token": first.signed.csrf}
                path = f"{urls[0]}/desk/conversations/{waiting.id}/claim"
                async with client.post(path, headers=headers) as answer:
                    assert answer.status == 204
            was = before[0]["waiting"]
            await until(lambda: all(page.counts["waiting"] == was - 1 for page in pages))
            assert first.counts["mine"] == before[0]["mine"] + 1
            assert [page.counts["mine"] for page in pages[1:]] == [each["mine"] for each in before[1:]]


async def test_a_stream_that_reads_slowly_ends_with_the_newest_line(store: Store, database_url: str) -> None:
    async with copies(database_url, 1) as [url]:
        pages, talks = await filled(store)
        slow, talk = pages[0], talks[0]
        async with slow.client() as client, client.get(f"{url}/desk/events") as stream:
            for number in range(20):
                await write(url, talk, f"〔{number}〕")
            reading = asyncio.create_task(slow.read(stream))
            await until(lambda: "〔19〕" in slow.lines.get(talk.id, ""))
            reading.cancel()


async def test_a_page_hears_what_was_said_between_its_drawing_and_its_stream(store: Store, database_url: str) -> None:
    async with copies(database_url, 1) as [url]:
        pages, talks = await filled(store)
        page, talk = pages[0], talks[0]
        async with page.client() as client, client.get(f"{url}/desk/queue") as answer:
            since = (await answer.text()).split("/desk/events?since=")[1].split('"')[0]
        await write(url, talk, "〔在打开的时候〕")
        task = asyncio.create_task(page.look(url, since))
        await until(lambda: "〔在打开的时候〕" in page.lines.get(talk.id, ""))
        task.cancel()
        assert page.backs == 0


async def test_a_page_drawn_by_another_copy_fetches_all_anew(store: Store, database_url: str) -> None:
    async with copies(database_url, 1) as [url]:
        pages, _ = await filled(store)
        task = asyncio.create_task(pages[0].look(url, "0badcafe-7"))
        await until(lambda: pages[0].backs == 1)
        task.cancel()
