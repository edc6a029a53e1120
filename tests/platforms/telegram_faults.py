"""Faults that can be ordered from the fake Telegram, and which call each of them falls on."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field

from tests.platforms.telegram_record import ApiError, JsonObject

SENDS = frozenset({"sendMessage", "sendPhoto", "sendDocument", "copyMessage"})
WORDS = {500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout"}


@dataclass
class Fault:
    """One ordered fault.

    kind: error (answer `error`), swallow (hang, not delivered), cut (connection cut, not delivered), withhold
    (delivered, no answer), cut_after (delivered, then cut), garble (delivered, broken JSON), slow (delivered at once,
    answered after `seconds`). `method` None: the sends; "*": every method; else that one ("download" for files).
    """

    kind: str
    times: int | None = 1
    chat_id: int | None = None
    method: str | None = None
    error: ApiError | None = None
    seconds: float = 0.0

    def falls_on(self, method: str, chat_id: int | None) -> bool:
        """Whether this call is meant."""
        meant = method in SENDS if self.method is None else self.method in ("*", method)
        return meant and self.times != 0 and (self.chat_id is None or self.chat_id == chat_id)


@dataclass
class Rate:
    """At most so many sends within so many seconds, each chat by itself or all together."""

    most: int
    seconds: float
    retry_after: int
    each_chat: bool
    groups_only: bool
    accepted: dict[int | None, deque[float]] = field(default_factory=dict)
    closed_until: dict[int | None, float] = field(default_factory=dict)

    def check(self, chat_id: int | None, now: float) -> float | None:
        """Seconds to wait if this send is one too many, else None and the send is counted."""
        if self.groups_only and (chat_id or 0) > 0:
            return None
        key = chat_id if self.each_chat else None
        closed = self.closed_until.get(key, 0.0)
        if now < closed:
            return closed - now
        times = self.accepted.setdefault(key, deque())
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.most:
            self.closed_until[key] = now + self.retry_after
            return self.retry_after
        times.append(now)
        return None


def too_many_requests(seconds: float) -> ApiError:
    """The answer 429; seconds are rounded up."""
    whole = max(1, math.ceil(seconds))
    return ApiError(429, f"Too Many Requests: retry after {whole}", {"retry_after": whole})


class Faults:
    """The ordered faults, first come first served, and the rates."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.rates: list[Rate] = []

    def next_for(self, method: str, chat_id: int | None) -> Fault | None:
        """The first fault for this call; `use` spends it."""
        if not self.waiting:
            return None
        return next((fault for fault in self.waiting if fault.falls_on(method, chat_id)), None)

    def use(self, fault: Fault) -> None:
        """Count one use."""
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0 and fault in self.waiting:
                self.waiting.remove(fault)

    def check_rates(self, method: str, chat_id: int | None) -> None:
        """Raise 429 if this send is one too many."""
        if not self.rates or method not in SENDS:
            return
        now = time.monotonic()
        for rate in self.rates:
            seconds = rate.check(chat_id, now)
            if seconds is not None:
                raise too_many_requests(seconds)


def error_fault(
    status: int,
    description: str | None,
    parameters: JsonObject | None,
    times: int | None,
    chat_id: int | None,
    method: str | None,
) -> Fault:
    """A fault that answers with an error."""
    words = description or WORDS.get(status, "Error")
    return Fault("error", times, chat_id, method, ApiError(status, words, parameters))
