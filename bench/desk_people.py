"""Agents with the desk open and customers who write to them, over HTTP as pages and customers do it."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from bench.desk_filling import SignedIn, Talk

_BOARD_EVERY = 1.0
_ROW, _CONVERSATION, _TOPIC = "row", "conversation", "topic"


@dataclass
class Post:
    """A customer's message: when it was posted, and when each screen it belongs on had it."""

    mark: str
    talk: Talk
    at: float
    shown: dict[str, float] = field(default_factory=dict)
    read: dict[str, float] = field(default_factory=dict)


@dataclass
class Posts:
    """All messages, the latest ones by conversation."""

    all: list[Post] = field(default_factory=list)
    of: dict[int, list[Post]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def add(self, talk: Talk) -> Post:
        """A message that is posted now, with a mark of its own."""
        post = Post(f"〔{next(self._numbers):05d}〕", talk, time.perf_counter())
        self.all.append(post)
        self.of.setdefault(talk.id, []).append(post)
        return post

    def note(self, key: int, who: str, html: str, kind: str) -> None:
        """The agent has the line or the transcript of the conversation before them; later words include earlier."""
        now, known = time.perf_counter(), False
        for post in reversed(self.of.get(key, ())):
            known = known or post.mark in html
            if known and who in getattr(post, kind):
                return
            if known:
                getattr(post, kind)[who] = now


@dataclass
class Desk:
    """One agent's open page: `show` is the list beside it, `opened` the conversation, `board` another page's part."""

    signed: SignedIn
    client: aiohttp.ClientSession
    url: str
    posts: Posts
    show: str | None = "mine"
    opened: Talk | None = None
    board: str | None = None
    events: int = 0
    connected: int = 0
    trouble: list[str] = field(default_factory=list)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _soon: set[str] = field(default_factory=set)
    _again: bool = False

    @property
    def name(self) -> str:
        """The agent's."""
        return self.signed.agent.name

    def has(self, talk: Talk) -> bool:
        """Whether the agent's list has the conversation."""
        if self.show == "mine":
            return talk.agent == self.name
        return self.show == "all" or (self.show == "waiting" and talk.agent is None)

    async def look(self) -> None:
        """Listen to the stream until cancelled; made again when it breaks, as a browser does."""
        while True:
            with suppress(aiohttp.ClientError, asyncio.TimeoutError):
                endless = aiohttp.ClientTimeout(total=None, sock_read=60)
                async with self.client.get(f"{self.url}/desk/events", timeout=endless) as stream:
                    self.connected += 1
                    await self._listen(stream)
            await asyncio.sleep(1.5)

    async def _listen(self, stream: aiohttp.ClientResponse) -> None:
        kind = ""
        async for line in _lines(stream):
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                self.events += 1
                self._take(kind, line[6:])

    def _take(self, kind: str, data: str) -> None:
        if kind == _ROW and self.show is not None:
            row = json.loads(data)
            self.posts.note(row["id"], self.name, row["html"], "shown")
        elif kind == _CONVERSATION:
            if self.opened is not None and json.loads(data)["id"] == self.opened.id:
                self._refresh(self.opened)
            elif self.board is not None and "complaints" not in self.board:
                board = self.board
                self._later("board", _BOARD_EVERY, lambda: self.get(board))

    def _later(self, name: str, seconds: float, fetch: Callable[[], Awaitable[object]]) -> None:
        """Once for all events of so many seconds."""
        if name not in self._soon:
            self._soon.add(name)
            self._begin(self._once(name, seconds, fetch))

    async def _once(self, name: str, seconds: float, fetch: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(seconds)
        self._soon.discard(name)
        await fetch()

    def _refresh(self, talk: Talk) -> None:
        """What the page of a conversation fetches when something was said in it."""
        if "news" in self._soon:
            self._again = True
        else:
            self._soon.add("news")
            self._begin(self._read(talk))

    async def _read(self, talk: Talk) -> None:
        while True:
            self._again = False
            html = await self.get(f"/conversations/{talk.id}/news")
            self.posts.note(talk.id, self.name, html, "read")
            if not self._again:
                break
        self._soon.discard("news")

    async def get(self, path: str) -> str:
        """A part of the page as it fetches it by itself; what was refused is kept as trouble."""
        headers = {"HX-Request": "true", "X-By-Itself": "1"}
        for _ in range(2):  # a kept connection may end just then; browsers ask again
            with suppress(aiohttp.ServerDisconnectedError):
                async with self.client.get(f"{self.url}/desk{path}", headers=headers) as answer:
                    if answer.status >= 400:
                        self.trouble.append(f"{answer.status} {path}")
                    return await answer.text()
        self.trouble.append(f"cut off {path}")
        return ""

    async def open(self, path: str) -> None:
        """A page as a browser opens it."""
        async with self.client.get(f"{self.url}/desk{path}") as answer:
            await answer.read()
            if answer.status >= 400 or answer.history:
                self.trouble.append(f"{answer.status} {path}")

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.trouble.append(type(error).__name__)


async def _lines(stream: aiohttp.ClientResponse) -> AsyncIterator[str]:
    left = b""
    async for chunk, _ in stream.content.iter_chunks():
        *lines, left = (left + chunk).split(b"\n")
        for line in lines:
            yield line.decode()


async def write(client: aiohttp.ClientSession, url: str, post: Post, text: str) -> None:
    """The customer's message."""
    body = {"sender": post.talk.user, "message": text, "message_id": post.mark}
    async with client.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
        answer.raise_for_status()
        await answer.read()


def pause(chance: random.Random, per_second: float) -> float:
    """How long until the next one, when they come independently of each other."""
    return chance.expovariate(per_second)
