"""Faults of the fake WeChat, ordered before they happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.platforms.wechat_http import Answer, Request

SEND = "message/custom/send"
# status, errcode, garbage, hang and drop: nothing is delivered; slow, lost and cut: it is delivered first.
KINDS = ("errcode", "status", "garbage", "hang", "drop", "slow", "lost", "cut")
DELIVERING = ("slow", "lost", "cut")
PAGE = b"<html><body><h1>Bad Gateway</h1></body></html>"


@dataclass
class Fault:
    """One order: what happens to the next `count` calls of `endpoint` (None: until cleared)."""

    kind: str
    endpoint: str = SEND
    count: int | None = 1
    value: int = 0
    seconds: float = 0.0
    openid: str | None = None
    after: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind!r}")

    @property
    def delivers(self) -> bool:
        return self.kind in DELIVERING


@dataclass
class Faults:
    """The orders that still stand."""

    orders: list[Fault] = field(default_factory=list)

    def take(self, endpoint: str, body: bytes) -> Fault | None:
        """The fault that this call meets, used up by it."""
        for order in self.orders:
            if order.endpoint not in (endpoint, "*"):
                continue
            if order.openid is not None and f'"{order.openid}"'.encode() not in body:
                continue
            if order.after > 0:
                order.after -= 1
                continue
            self._spend(order)
            return order
        return None

    def _spend(self, order: Fault) -> None:
        if order.count is not None:
            order.count -= 1
            if order.count <= 0:
                self.orders.remove(order)


async def answer_late(request: Request, fault: Fault, answer: Answer, unheard: Callable[[], None]) -> Answer:
    """The answer after `fault.seconds`; `unheard` is called when the caller did not wait for it."""
    waited = 0.0
    while waited < fault.seconds and not request.gone():
        step = min(0.05, fault.seconds - waited)
        await asyncio.sleep(step)
        waited += step
    if request.gone():
        unheard()
    return answer


async def hold(request: Request, seconds: float) -> Answer:
    """No answer; after `seconds` (0: never) the connection is dropped."""
    if not seconds:
        return Answer(hold=True)
    await asyncio.sleep(seconds)
    return Answer(drop=True)


def undelivered(fault: Fault, error: Callable[[int], Answer]) -> Answer | None:
    """What a fault answers at once without delivering; None when it is to be held."""
    if fault.kind == "errcode":
        return error(fault.value)
    if fault.kind == "status":
        return Answer(PAGE, fault.value or 502, "text/html")
    if fault.kind == "garbage":
        return Answer(PAGE, 200, "text/html")
    return Answer(drop=True) if fault.kind == "drop" else None
