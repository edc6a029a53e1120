"""A fake of api.weixin.qq.com that keeps the platform's rules, records what it delivers and fails on order.

In a test: `async with FakeWechat(...) as fake: fake.url`. As a process: `python -m tests.platforms.wechat_api`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.platforms import wechat_control
from tests.platforms.wechat_contacts import Contacts
from tests.platforms.wechat_endpoints import ENDPOINTS, error
from tests.platforms.wechat_faults import PAGE, SEND, Fault, Faults, answer_late, hold, undelivered
from tests.platforms.wechat_http import Answer, HttpServer, Request
from tests.platforms.wechat_limits import Clock, Limits, Used
from tests.platforms.wechat_record import Delivered, Media
from tests.platforms.wechat_tokens import Tokens

APP_ID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class FakeWechat:
    """The platform; `limits` may be replaced by a test, see `Limits`."""

    app_id: str = APP_ID
    secret: str = SECRET
    templates: Collection[str] = ()
    allowed_ips: Collection[str] | None = None
    limits: Limits = field(default_factory=Limits)
    delivered: list[Delivered] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    media: dict[str, Media] = field(default_factory=dict)
    menu: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.used = Used(self.clock)
        self.tokens = Tokens(self.limits, self.clock, self.used)
        self.contacts = Contacts(self.limits, self.clock)
        self.faults = Faults()
        self.url = ""
        self._server = HttpServer(self._answer)
        self._changed = asyncio.Event()
        self._broken: int | None = None
        self._recovery: asyncio.TimerHandle | None = None

    async def start(self, port: int = 0) -> FakeWechat:
        """Listen on 127.0.0.1; `port` 0 takes a free one."""
        await self._server.start(port)
        self.url = f"http://127.0.0.1:{self._server.port}"
        return self

    async def stop(self) -> None:
        self._forget_recovery()
        await self._server.stop()

    async def __aenter__(self) -> FakeWechat:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # What customers do

    def customer_did(self, openid: str, act: str = "message") -> None:
        """A customer acts: message | tap | menu_click | follow | scan | unsubscribe | nothing (is known, no more)."""
        self.contacts.did(openid, act)

    def customer_wrote(self, openid: str) -> None:
        self.contacts.did(openid, "message")

    def refuse_customer(self, openid: str, errcode: int = 43019) -> None:
        """Every message to this customer is answered with `errcode`; 0 ends it."""
        self.contacts.follower(openid).refusal = errcode

    def left(self, openid: str) -> dict[str, float]:
        """{"main", "main_seconds", "quick", "quick_seconds"} of a customer."""
        return self.contacts.left(openid)

    # What tests order

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass for windows, tokens and limits."""
        self.clock.advance(seconds)

    def fail_sends(self, errcode: int, count: int | None = 1, after: int = 0) -> None:
        """The next `count` sends (None: all) are answered with `errcode` and not delivered."""
        self.fault("errcode", value=errcode, count=count, after=after)

    def fault(
        self,
        kind: str,
        *,
        endpoint: str = SEND,
        count: int | None = 1,
        value: int = 0,
        seconds: float = 0.0,
        openid: str | None = None,
        after: int = 0,
    ) -> None:
        """Order a fault for the next `count` calls of `endpoint` ("*": any), after letting `after` of them pass.

        errcode(value), status(value), garbage (200, not JSON), hang(seconds), drop: not delivered;
        slow(seconds), lost (no answer for `seconds`, 0: ever), cut (connection closed): delivered.
        """
        self.faults.orders.append(Fault(kind, endpoint, count, value, seconds, openid, after))

    def clear_faults(self) -> None:
        """Forget all orders; tokens are accepted again."""
        self.faults.orders.clear()
        self.tokens.refuse_all(0)

    def expire_tokens(self, errcode: int = 42001, stuck: bool = False) -> None:
        """All tokens so far are refused; with `stuck` stable_token hands the same one out until forced."""
        self.tokens.expire(errcode, stuck)

    def refuse_tokens(self, errcode: int = 40001) -> None:
        """All tokens, also new ones, are refused until `clear_faults` or errcode 0."""
        self.tokens.refuse_all(errcode)

    def down(self, seconds: float | None = None, status: int | None = None) -> None:
        """The platform refuses connections (or answers `status`) for `seconds` of real time or until `up()`."""
        self._forget_recovery()
        if status is None:
            self._server.refuse()
        else:
            self._server.accept()
        self._broken = status
        if seconds is not None:
            self._recovery = asyncio.get_running_loop().call_later(seconds, self.up)

    def up(self) -> None:
        """The platform works again."""
        self._forget_recovery()
        self._broken = None
        self._server.accept()

    def _forget_recovery(self) -> None:
        if self._recovery is not None:
            self._recovery.cancel()
            self._recovery = None

    def add_media(self, media_id: str, content: bytes, content_type: str = "image/jpeg") -> str:
        """Make a file available to media/get and at the address that is returned; video/… gives its address only."""
        self.media[media_id] = Media(content, content_type, self.clock.now())
        return f"{self.url}/_media/{media_id}"

    # What tests read

    def record(
        self,
        openid: str,
        msgtype: str,
        content: dict[str, Any],
        *,
        via: str,
        bucket: str | None = None,
        account: str | None = None,
    ) -> Delivered:
        """Keep a message as delivered."""
        number = len(self.delivered) + 1
        found = Delivered(number, openid, msgtype, content, time.monotonic(), via, bucket, account)
        self.delivered.append(found)
        self._changed.set()
        return found

    def passive_reply(self, openid: str, msgtype: str, content: dict[str, Any]) -> None:
        """A reply in the answer to a push reached the customer; it costs nothing of the quota."""
        self.record(openid, msgtype, content, via="passive")

    def sent_to(self, openid: str) -> list[Delivered]:
        """What this customer got, in order."""
        return [message for message in self.delivered if message.openid == openid]

    async def wait_delivered(self, count: int, seconds: float = 5.0) -> list[Delivered]:
        """All delivered messages once there are `count`; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while len(self.delivered) < count:
            self._changed.clear()
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{len(self.delivered)} of {count} messages in {seconds} s")
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except asyncio.TimeoutError:
                continue
        return self.delivered

    def read_delivered(self, since: int = 0) -> list[dict[str, Any]]:
        """Delivered messages after number `since`, as plain values."""
        return [asdict(message) for message in self.delivered[since:]]

    def read_counts(self) -> dict[str, dict[str, int]]:
        """Calls by endpoint, and refusals as "endpoint errcode"."""
        return {"counts": dict(self.counts), "errors": dict(self.errors)}

    # Answering

    def _answer(self, request: Request) -> Any:
        if request.path.startswith("/cgi-bin/"):
            return self._called(request.path[len("/cgi-bin/") :], request)
        if request.path.startswith("/_control/"):
            return wechat_control.answer(self, request)
        found = self.media.get(request.path.removeprefix("/_media/"))
        return Answer(found.content, content_type=found.content_type) if found else Answer(status=404)

    def _called(self, name: str, request: Request) -> Any:
        self.counts[name] += 1
        if self._broken is not None:
            return Answer(PAGE, self._broken, "text/html")
        fault = self.faults.take(name, request.body) if self.faults.orders else None
        if fault is None:
            return self._process(name, request)
        if not fault.delivers:
            return undelivered(fault, error) or hold(request, fault.seconds)
        before = len(self.delivered)
        answer = self._process(name, request)
        reached = self.delivered[before:]

        def unheard() -> None:
            for message in reached:
                message.withheld = True

        if fault.kind == "slow":
            return answer_late(request, fault, answer, unheard)
        unheard()
        return Answer(drop=True) if fault.kind == "cut" else hold(request, fault.seconds)

    def _process(self, name: str, request: Request) -> Answer:
        method, guarded, endpoint = ENDPOINTS.get(name, ("", False, None))
        if endpoint is None:
            return Answer(status=404, content_type="text/html")
        code = 43002 if method == "POST" and request.method != "POST" else 0
        if guarded and not code:
            code = self.tokens.refusal(request.query.get("access_token"))
        answer = error(code) if code else endpoint(self, request)
        if answer.body.startswith(b'{"errcode":') and not answer.body.startswith(b'{"errcode":0,'):
            self.errors[f"{name} {answer.body[11:].split(b',')[0].decode()}"] += 1
        return answer


async def _serve(arguments: argparse.Namespace) -> None:
    given = dict(pair.split("=", 1) for pair in arguments.limit)
    limits = Limits(**{name: float(value) if "." in value else int(value) for name, value in given.items()})
    fake = FakeWechat(arguments.app_id, arguments.secret, arguments.template, limits=limits)
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    await fake.start(arguments.port)
    print(f"ready: {fake.url}", flush=True)
    await stopped.wait()
    await fake.stop()


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(description="A fake of api.weixin.qq.com.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--app-id", default=APP_ID)
    parser.add_argument("--secret", default=SECRET)
    parser.add_argument("--template", action="append", default=[], help="a template id that exists")
    parser.add_argument("--limit", action="append", default=[], metavar="NAME=VALUE", help="a field of Limits")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
