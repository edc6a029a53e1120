"""What the fake WeChat keeps: delivered messages and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Delivered:
    """A message that reached the customer; `at` is time.monotonic(), `withheld`: the sender was not told."""

    number: int
    openid: str
    msgtype: str
    content: dict[str, Any]
    at: float
    via: str
    bucket: str | None = None
    account: str | None = None
    withheld: bool = False

    @property
    def text(self) -> str:
        """What the customer reads of a text or msgmenu; empty for other kinds."""
        entries = [entry["content"] for entry in self.content.get("list", [])]
        lines = [self.content.get("head_content"), *entries, self.content.get("tail_content")]
        return str(self.content["content"]) if "content" in self.content else "\n".join(filter(None, lines))


@dataclass(slots=True)
class Media:
    """A file that media/get hands out."""

    content: bytes
    content_type: str
    since: float
