"""Turns the words of the environment into typed values and says plainly which one cannot be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off", "")


class UnusableSetting(Exception):
    """A setting that cannot be used; reads as one sentence and never shows a secret's value."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}.")
        self.name = name


class Reading:
    """Typed access to the named values; every method raises UnusableSetting for a value of the wrong form.

    `asked` are the names it was asked for until now.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def _written(self, name: str) -> str:
        self.asked.add(name)
        return self._values.get(name, "").strip()

    def text(self, name: str, default: str) -> str:
        """The value without surrounding blanks; `default` when it is missing or empty."""
        return self._written(name) or default

    def secret(self, name: str, shortest: int) -> str:
        """A token of at least `shortest` visible ASCII characters."""
        value = self._written(name)
        if len(value) < shortest:
            raise UnusableSetting(name, f"should have at least {shortest} characters where others can reach the bot")
        if not all("!" <= character <= "~" for character in value):
            raise UnusableSetting(name, "should consist of visible ASCII characters without blanks")
        return value

    def whole(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A whole number within the bounds, both included."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
            raise UnusableSetting(name, f"should be a whole number from {lowest} to {highest}, but is {value!r}")
        return int(value)

    def switch(self, name: str, default: bool) -> bool:
        """1 or 0 (also true/false, yes/no, on/off)."""
        value = self.text(name, "1" if default else "0").lower()
        if value not in _ON + _OFF:
            raise UnusableSetting(name, f"should be 1 or 0, but is {value!r}")
        return value in _ON

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of the `allowed` words."""
        value = self.text(name, default).lower()
        if value not in allowed:
            raise UnusableSetting(name, f"should be one of {', '.join(allowed)}, but is {value!r}")
        return value

    def timezone(self, name: str, default: str) -> ZoneInfo:
        """A zone of the IANA list."""
        value = self.text(name, default)
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnusableSetting(name, f"should be a zone such as Asia/Shanghai, but is {value!r}") from error

    def moment(self, name: str, timezone: ZoneInfo) -> datetime | None:
        """An ISO 8601 time (in `timezone` when it names no offset), or None when it is not set."""
        value = self.text(name, "")
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError as error:
            raise UnusableSetting(name, f"should be a time such as 2026-11-20T09:00, but is {value!r}") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone)

    def networks(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses and networks (10.0.0.0/8), parted by commas."""
        found = tuple(word.strip() for word in self.text(name, ",".join(default)).split(",") if word.strip())
        try:
            return tuple(str(ip_network(word)) if "/" in word else str(ip_address(word)) for word in found)
        except ValueError as error:
            form = "should be addresses or networks parted by commas, such as 127.0.0.1,172.16.0.0/12"
            raise UnusableSetting(name, form) from error

    def url(self, name: str, default: str | None) -> str | None:
        """An http or https address without a closing slash."""
        value = self.text(name, default or "")
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UnusableSetting(name, "should be an address that begins with http:// or https://")
        return value.rstrip("/")


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of `path`; empty when there is no such file.

    Quotes around a value are taken off, and a comment behind it: a `#` after a blank.
    """
    pairs = (line.removeprefix("export ").partition("=") for _, line in env_lines(path))
    return {name.strip(): _bare(value) for name, equals, value in pairs if equals}


def env_lines(path: Path) -> list[tuple[int, str]]:
    """Number and text of each line that says something; empty when there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableSetting(path.name, "cannot be read as UTF-8 text") from error
    stripped = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return [(number, line) for number, line in stripped if line and not line.startswith("#")]


_QUOTED = re.compile(r"""(["'])(.*?)\1(\s+#.*)?""")


def _bare(value: str) -> str:
    quoted = _QUOTED.fullmatch(value.strip())
    return quoted[2] if quoted else re.split(r"\s#", value, maxsplit=1)[0].strip()
