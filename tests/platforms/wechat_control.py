"""Steering a fake WeChat in another process: POST /_control/<method> with its arguments as a JSON object."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.platforms.processes import platform_process
from tests.platforms.wechat_http import Answer, Request

if TYPE_CHECKING:
    from tests.platforms.wechat_api import FakeWechat

METHODS = """advance customer_did customer_wrote refuse_customer left fail_sends fault clear_faults expire_tokens
    refuse_tokens down up add_media passive_reply read_delivered read_counts""".split()


def answer(fake: FakeWechat, request: Request) -> Answer:
    """Call the method that the path names; 200 with {"result": …}, 404 or 400 with {"error": …}."""
    name = request.path.removeprefix("/_control/")
    if name not in METHODS:
        return _json(404, error=f"no such order: {name}")
    try:
        given = {**request.query, **json.loads(request.body or b"{}")}
        return _json(200, result=_call(fake, name, given))
    except (TypeError, ValueError, KeyError) as wrong:
        return _json(400, error=str(wrong))


def _call(fake: FakeWechat, name: str, given: dict[str, Any]) -> Any:
    if name == "add_media":
        given["content"] = base64.b64decode(given["content"])
    if name == "read_delivered":
        return fake.read_delivered(int(given.get("since", 0)))
    if name == "down" and given.get("status") is None:
        if given.get("seconds") is None:
            raise ValueError("down needs seconds: no order can arrive while connections are refused")
        asyncio.get_running_loop().call_later(0.02, lambda: fake.down(**given))
        return None
    return getattr(fake, name)(**given)


def _json(status: int, **values: Any) -> Answer:
    return Answer(json.dumps(values, ensure_ascii=False).encode(), status)


class RemoteWechat:
    """The same orders as on a FakeWechat, for one in another process; every method is awaited.

    `await remote.fault("lost", count=2)`, `await remote.read_delivered(since=0)`, …
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> RemoteWechat:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def order(self, name: str, **given: Any) -> Any:
        """Call a method of the fake; its result. Raises ValueError with the fake's reason."""
        assert self._session is not None, "use it in `async with`"
        async with self._session.post(f"{self.url}/_control/{name}", json=given) as response:
            found = await response.json(content_type=None)
            if response.status != 200:
                raise ValueError(found["error"])
            return found["result"]

    async def customer_did(self, openid: str, act: str = "message") -> None:
        await self.order("customer_did", openid=openid, act=act)

    async def passive_reply(self, openid: str, msgtype: str, content: dict[str, Any]) -> None:
        await self.order("passive_reply", openid=openid, msgtype=msgtype, content=content)

    async def add_media(self, media_id: str, content: bytes, content_type: str = "image/jpeg") -> str:
        encoded = base64.b64encode(content).decode()
        return str(await self.order("add_media", media_id=media_id, content=encoded, content_type=content_type))

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(name)

        async def called(**given: Any) -> Any:
            return await self.order(name, **given)

        return called


def wechat_process(*arguments: str) -> AbstractContextManager[str]:
    """A fake WeChat in a process of its own, given command line arguments; yields its address."""
    return platform_process("tests.platforms.wechat_api", *arguments)
