"""Both platforms as processes of their own, and one list of all they delivered, in order, by person."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.platforms.processes import platform_process
from tests.platforms.wechat_control import RemoteWechat, wechat_process
from tests.platforms.wechat_record import Delivered

_LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Heard:
    """A message on somebody's screen; `at` is time.monotonic(), `withheld`: the sender was not told."""

    at: float
    text: str
    withheld: bool


class RemoteTelegram:
    """The orders of a FakeTelegram in another process; every method is awaited: `await telegram.text(7, "你好")`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> RemoteTelegram:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def order(self, name: str, *listed: Any, **named: Any) -> Any:
        """Call a method of the fake; its result. Raises ValueError with the fake's reason."""
        assert self._session is not None, "use it in `async with`"
        async with self._session.post(f"{self.url}/_control/{name}", json=list(listed) or named) as response:
            found = await response.json()
        if not found["ok"]:
            raise ValueError(found["description"])
        return found["result"]

    def __getattr__(self, name: str) -> Any:
        async def called(*listed: Any, **named: Any) -> Any:
            return await self.order(name, *listed, **named)

        return called


@dataclass
class Platforms:
    """WeChat and Telegram; `heard` is what each (channel, user) got so far."""

    wechat: RemoteWechat
    telegram: RemoteTelegram
    heard: dict[tuple[str, str], list[Heard]] = field(default_factory=lambda: defaultdict(list))
    _seen: list[int] = field(default_factory=lambda: [0, 0])
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self) -> None:
        """Take over what was delivered since the last look."""
        found: list[tuple[tuple[str, str], Heard]] = []
        with suppress(aiohttp.ClientError):  # while the platform is down its control is away too
            found += [from_wechat(each) for each in await self.wechat.read_delivered(since=self._seen[0])]
            self._seen[0] += len(found)
        with suppress(aiohttp.ClientError):
            sent = await self.telegram.sent(after=self._seen[1] - 1)
            self._seen[1] += len(sent)
            found += map(from_telegram, sent)
        for person, heard in found:
            self.heard[person].append(heard)
        if found:
            news, self._news = self._news, asyncio.Event()
            news.set()

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_EVERY)

    async def news(self, seconds: float) -> None:
        """Return when somebody got something, or after `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    async def everything(self) -> dict[tuple[str, str], list[Heard]]:
        """All that was delivered, read anew: which sends were left unanswered is known only in the end."""
        found: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        for each in await self.wechat.read_delivered(since=0):
            person, heard = from_wechat(each)
            found[person].append(heard)
        for person, heard in map(from_telegram, await self.telegram.sent()):
            found[person].append(heard)
        return found


def from_wechat(values: dict[str, Any]) -> tuple[tuple[str, str], Heard]:
    """The person and what they got."""
    message = Delivered(**values)
    return ("wechat", message.openid), Heard(message.at, message.text, message.withheld)


def from_telegram(values: dict[str, Any]) -> tuple[tuple[str, str], Heard]:
    """The person and what they got."""
    return ("telegram", str(values["chat_id"])), Heard(values["at"], values["text"] or "", values["withheld"])


def telegram_process() -> AbstractContextManager[str]:
    """A fake Telegram in a process of its own; yields its address."""
    return platform_process("tests.platforms.telegram_api")


@asynccontextmanager
async def both_platforms() -> AsyncIterator[Platforms]:
    """Both fakes, watched."""
    with wechat_process() as wechat_url, telegram_process() as telegram_url:
        async with RemoteWechat(wechat_url) as wechat, RemoteTelegram(telegram_url) as telegram:
            platforms = Platforms(wechat, telegram)
            watching = asyncio.create_task(platforms.watch())
            try:
                yield platforms
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
