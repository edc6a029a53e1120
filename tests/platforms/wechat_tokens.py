"""The access tokens of the fake WeChat: stable ones, plain ones, and tokens that are refused on order."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from tests.platforms.wechat_limits import DAY, Clock, Limits, Used

Found = tuple[int, str, int]


@dataclass(slots=True)
class Token:
    """A token, the end of its life, and from when it is void because of a newer one."""

    text: str
    expires: float
    void: float = math.inf


class Tokens:
    """Gives and checks tokens."""

    def __init__(self, limits: Limits, clock: Clock, used: Used) -> None:
        self._limits, self._clock, self._used = limits, clock, used
        self._known: dict[str, Token] = {}
        self._refused: dict[str, int] = {}
        self._all_refused = 0
        self._stable: Token | None = None
        self._plain: Token | None = None
        self._forced_at = -math.inf
        self._numbers = itertools.count(1)

    def stable(self, force: bool) -> Found:
        """(errcode, token, seconds): the same token until the overlap before its end, or a new one by force."""
        limits, now = self._limits, self._clock.now()
        if not self._used.within("stable_token", limits.stable_per_day, DAY):
            return 45009, "", 0
        if not self._used.within("stable_token", limits.stable_per_minute, 60.0):
            return 45011, "", 0
        current = self._stable
        if force and now - self._forced_at >= limits.forced_gap_seconds:
            if not self._used.within("forced_token", limits.forced_per_day, DAY):
                return 45009, "", 0
            self._forced_at = now
            if current is not None:
                current.void = now + limits.forced_overlap_seconds
            current = None
        if current is None or current.expires - now <= limits.token_overlap_seconds:
            current = self._stable = self._new("stable")
        return 0, current.text, int(current.expires - now)

    def plain(self) -> Found:
        """(errcode, token, seconds): always a new token; the one before is void after the overlap."""
        if not self._used.within("token", self._limits.plain_per_day, DAY):
            return 45009, "", 0
        if self._plain is not None:
            self._plain.void = self._clock.now() + self._limits.plain_overlap_seconds
        self._plain = self._new("plain")
        return 0, self._plain.text, int(self._limits.token_seconds)

    def refusal(self, text: str | None) -> int:
        """The errcode for a call with this token; 0 when it is good."""
        if not text:
            return 41001
        if self._all_refused:
            return self._all_refused
        if not text.startswith(("stable-", "plain-")):
            return 40014
        token, now = self._known.get(text), self._clock.now()
        if token is None or token.void <= now:
            return 40001
        if token.expires <= now:
            return 42001
        return self._refused.get(text, 0)

    def expire(self, errcode: int, stuck: bool) -> None:
        """Every token given so far is refused; `stuck` keeps handing it out until a refresh is forced."""
        self._refused = dict.fromkeys(self._known, errcode)
        if not stuck:
            self._stable = None

    def refuse_all(self, errcode: int) -> None:
        """Every token, also each new one, is refused with `errcode`; 0 ends it."""
        self._all_refused = errcode

    def _new(self, kind: str) -> Token:
        text = f"{kind}-{next(self._numbers)}-".ljust(136, "x")
        token = self._known[text] = Token(text, self._clock.now() + self._limits.token_seconds)
        return token
