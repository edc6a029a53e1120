"""The platform's side of the callback: it pushes, waits five seconds, tries three times, and reads the answer.

As a load generator of its own: `python -m tests.platforms.wechat_pushes --url … --count 500 --rate 100`.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.platforms.wechat_account import AES_KEY, MODES, Account, Push
from tests.platforms.wechat_control import RemoteWechat
from tests.platforms.wechat_replies import BadReply, read_reply

__all__ = ["AES_KEY", "Account", "Push", "Pushed", "Pusher", "Try", "summary"]


@dataclass(slots=True)
class Try:
    """One delivery attempt: acknowledged | replied | bad | status | timeout | refused, and how long it took."""

    result: str
    seconds: float
    reply: tuple[str, dict[str, Any]] | None = None
    reason: str = ""

    @property
    def fine(self) -> bool:
        return self.result in ("acknowledged", "replied")


@dataclass(slots=True)
class Pushed:
    """What became of a push: acknowledged | replied | banner; times are time.monotonic()."""

    openid: str
    msg_id: int | None
    started: float
    ended: float = 0.0
    outcome: str = "banner"
    tries: list[Try] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From the first try to the accepted answer, or to giving up."""
        return self.ended - self.started

    @property
    def reply(self) -> tuple[str, dict[str, Any]] | None:
        """(type, content) of the passive reply that the customer saw."""
        return next((one.reply for one in self.tries if one.reply), None)


class Pusher:
    """Pushes to `url`; `fake` (FakeWechat or RemoteWechat) is told what customers do and which replies they see.

    `concurrent`: all tries start at once. `resign`: each try has a timestamp and nonce of its own.
    """

    def __init__(
        self,
        account: Account,
        url: str,
        fake: Any = None,
        *,
        deadline: float = 5.0,
        tries: int = 3,
        concurrent: bool = False,
        resign: bool = False,
        text_bytes: int = 2048,
    ) -> None:
        self.account, self.url, self.fake = account, url, fake
        self.deadline, self.tries = deadline, tries
        self.concurrent, self.resign, self.text_bytes = concurrent, resign, text_bytes
        self.pushed: list[Pushed] = []
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Pusher:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2.0)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=self.deadline))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def banners(self) -> list[Pushed]:
        """Pushes after which the customer saw that the service is out of order."""
        return [one for one in self.pushed if one.outcome == "banner"]

    async def check_url(self) -> bool:
        """Whether the server proves its address: the echo comes back as it was given."""
        query, echo = self.account.url_check()
        async with self._open.get(self.url, params=query) as response:
            return response.status == 200 and await response.read() == echo.encode()

    async def push(self, push: Push) -> Pushed:
        """The customer acts and the platform pushes; what became of it, also kept in `pushed`."""
        if self.fake is not None:
            await _done(self.fake.customer_did(push.openid, push.act))
        found = Pushed(push.openid, push.msg_id, time.monotonic())
        self.pushed.append(found)
        if self.concurrent:
            found.tries = list(await asyncio.gather(*(self._try(push) for _ in range(self.tries))))
        else:
            await self._one_by_one(push, found)
        found.ended = time.monotonic()
        results = {one.result for one in found.tries}
        found.outcome = next((one for one in ("replied", "acknowledged") if one in results), "banner")
        return found

    async def push_many(self, pushes: Iterable[Push], per_second: float | None = None) -> list[Pushed]:
        """All pushes, started `per_second` or all at once; their results in order."""
        started, running = time.monotonic(), []
        for number, push in enumerate(pushes):
            if per_second:
                await asyncio.sleep(max(0.0, started + number / per_second - time.monotonic()))
            running.append(asyncio.create_task(self.push(push)))
        return list(await asyncio.gather(*running))

    async def _one_by_one(self, push: Push, found: Pushed) -> None:
        for number in range(self.tries):
            again = self.account.seal(push) if self.resign and number else push
            found.tries.append(await self._try(again))
            if found.tries[-1].fine or found.tries[-1].result == "bad":
                return

    async def _try(self, push: Push) -> Try:
        started = time.monotonic()
        try:
            headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
            async with self._open.post(self.url, params=push.query, data=push.body, headers=headers) as response:
                status, body = response.status, await response.read()
        except asyncio.TimeoutError:
            return Try("timeout", time.monotonic() - started)
        except aiohttp.ClientError as wrong:
            return Try("refused", time.monotonic() - started, reason=str(wrong))
        took = time.monotonic() - started
        if status != 200:
            return Try("status", took, reason=str(status))
        try:
            reply = read_reply(self.account, push.openid, body, self.text_bytes)
        except BadReply as wrong:
            return Try("bad", took, reason=str(wrong))
        if reply is not None and self.fake is not None and push.act != "unsubscribe":
            await _done(self.fake.passive_reply(push.openid, *reply))
        return Try("replied" if reply else "acknowledged", took, reply)

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "use it in `async with`"
        return self._session


async def _done(found: Any) -> None:
    if inspect.isawaitable(found):
        await found


def summary(pushed: list[Pushed]) -> dict[str, Any]:
    """Outcomes, number of tries and acknowledgement times (seconds: p50, p95, p99, max)."""
    times = sorted(one.seconds for one in pushed if one.outcome != "banner") or [0.0]
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    spans = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": times[-1]}
    return {
        "pushes": len(pushed),
        "tries": sum(len(one.tries) for one in pushed),
        **Counter(one.outcome for one in pushed),
        **{name: round(value, 4) for name, value in spans.items()},
    }


def _write(path: Path, pushed: list[Pushed]) -> None:
    with path.open("w", encoding="utf-8") as out:
        for one in pushed:
            out.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")


async def _run(given: argparse.Namespace) -> None:
    account = Account(given.app_id, given.token, given.aes_key, given.mode)
    texts = given.text or ["你好"]
    pushes = (
        account.text(f"{given.prefix}{number % given.customers}", texts[number // given.customers % len(texts)])
        for number in range(given.count)
    )
    pusher = Pusher(account, given.url, deadline=given.deadline)
    async with pusher:
        if given.fake is None:
            await pusher.push_many(pushes, given.rate)
        else:
            async with RemoteWechat(given.fake) as pusher.fake:
                await pusher.push_many(pushes, given.rate)
    if given.out is not None:
        _write(given.out, pusher.pushed)
    print(json.dumps(summary(pusher.pushed)), flush=True)


def main() -> None:
    """Push texts and print a summary as JSON."""
    parser = argparse.ArgumentParser(description="Pushes texts as WeChat does.")
    parser.add_argument("--url", required=True, help="the callback's address")
    parser.add_argument("--fake", help="address of the fake api.weixin.qq.com that keeps the quota")
    parser.add_argument("--app-id", default=Account.app_id)
    parser.add_argument("--token", default=Account.token)
    parser.add_argument("--aes-key", default=AES_KEY)
    parser.add_argument("--mode", choices=MODES, default="safe")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--customers", type=int, default=10)
    parser.add_argument("--rate", type=float, help="pushes a second; all at once without")
    parser.add_argument("--deadline", type=float, default=5.0)
    parser.add_argument("--prefix", default="oCustomer", help="what openids begin with")
    parser.add_argument("--text", action="append", help="what customers write, in turn")
    parser.add_argument("--out", type=Path, help="a file for one JSON line a push")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
