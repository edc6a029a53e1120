"""What each error code of WeChat means for a send: data, one row a code.

The codes are written as numbers because wechatpy's constants lack several of them (40164, 45080, 50004).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from bot.messages.sending import Closed, Exhausted, Misconfigured, Rejected, SendError, TryAgain, Unreachable

REFUSED_TOKEN = frozenset({40001, 40014, 42001})
TOO_LONG = 45002
_BEIJING = timezone(timedelta(hours=8))
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


@dataclass(frozen=True)
class Meaning:
    """What a code stands for; `seconds` from the moment (aware) to when it may be over."""

    kind: type[SendError]
    reason: str
    seconds: Callable[[datetime], float] | None = None


def until_midnight(now: datetime) -> float:
    """Seconds until WeChat's day ends, at midnight in Beijing."""
    local = now.astimezone(_BEIJING)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()


def until_next_minute(now: datetime) -> float:
    """Seconds until the next minute begins, and a little more so that not everything starts at once."""
    return 60.0 - now.second + random.uniform(0.5, 5.0)


def _mend(what: str) -> Meaning:
    return Meaning(Misconfigured, what)


MEANINGS: dict[int, Meaning] = {
    -1: Meaning(TryAgain, "WeChat is busy"),
    40001: _mend("WeChat refuses every access token (40001): is WECHAT_APP_SECRET the account's present one?"),
    40014: _mend("WeChat refuses every access token (40014): is WECHAT_APP_SECRET the account's present one?"),
    42001: _mend("WeChat calls every access token expired (42001): is this computer's clock right?"),
    40002: _mend("WeChat does not know this way of asking for a token (40002): check WECHAT_API_BASE_URL"),
    40013: _mend("WeChat does not know this account (40013): check WECHAT_APP_ID"),
    41002: _mend("WeChat misses the account's name (41002): check WECHAT_APP_ID"),
    41004: _mend("WeChat misses the secret (41004): check WECHAT_APP_SECRET"),
    40125: _mend("WeChat refuses the secret (40125): check WECHAT_APP_SECRET"),
    40243: _mend("The secret is frozen (40243): unfreeze it in the account's settings, or set a new WECHAT_APP_SECRET"),
    40164: _mend("WeChat does not let this server in (40164): put its IP {address}on the white list of the account"),
    89503: _mend("An administrator of the account must confirm this server's IP (89503)"),
    50002: _mend("The account is restricted (50002): look into the account's messages from WeChat"),
    50004: _mend("The account may not ask for a stable token (50004): look into the rights of WECHAT_APP_ID"),
    50007: _mend("The account is frozen (50007): look into the account's messages from WeChat"),
    48001: _mend("The account has no right to customer-service messages (48001): set WECHAT_REPLY=passive"),
    48004: _mend("WeChat has taken this right away from the account (48004): look into its messages from WeChat"),
    40003: Meaning(Unreachable, "unknown openid"),
    43004: Meaning(Unreachable, "does not follow the account"),
    43019: Meaning(Unreachable, "on the account's black list"),
    48002: Meaning(Unreachable, "refuses messages"),
    45002: Meaning(Rejected, "too long"),
    45009: Meaning(Exhausted, "the day's quota of the account is used up (45009)", until_midnight),
    45011: Meaning(TryAgain, "too many calls in this minute", until_next_minute),
    # Also when the person has unsubscribed; that event says so by itself.
    45015: Meaning(Closed, "window"),
    45047: Meaning(Closed, "quota"),
}


def error_of(code: int, message: str, now: datetime) -> SendError:
    """The error for a code and WeChat's words to it at real time `now`; of these only an IP address is used."""
    meaning = MEANINGS.get(code)
    if meaning is None:
        return Rejected(f"errcode {code}")
    address = _ADDRESS.search(message)
    reason = meaning.reason.replace("{address}", f"{address[0]} " if address else "")
    return meaning.kind(reason, meaning.seconds(now) if meaning.seconds else None)
