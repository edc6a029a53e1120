"""The deployment pages as the tests read them: blocks of commands, and the ones that are tried word for word."""

from __future__ import annotations

import re

from tests.known_settings import ROOT

PAGES = ("docs/deployment.md", "docs/deployment.zh-CN.md")


def text_of(page: str) -> str:
    """The whole page."""
    return (ROOT / page).read_text(encoding="utf-8")


def tried(page: str) -> dict[str, str]:
    """The commands that stand under a mark such as `<!-- tried: sqlite backup -->`."""
    return dict(re.findall(r"^<!-- tried: ([a-z ]+) -->\n```\n(.*?)^```", text_of(page), re.M | re.S))


def blocks(page: str) -> list[str]:
    """All blocks of commands, without their comments."""
    found = re.findall(r"^```\w*\n(.*?)^```", text_of(page), re.M | re.S)
    return [re.sub(r"[ \t]*#.*$", "", block, flags=re.M) for block in found]
