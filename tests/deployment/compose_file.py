"""docker-compose.yml as the tests read it: services with anchors resolved, variables filled in."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.known_settings import ROOT

SECRETS = {"POSTGRES_PASSWORD", "BOT_API_TOKEN", "BOT_SECRET_KEY", "BOT_REST_TOKEN"}
NEEDED = SECRETS | {"BOT_PUBLIC_HOST"}
OURS = ("actions", "rasa", "bot-1", "bot-2", "worker")
GIVEN = {**dict.fromkeys(SECRETS, "0123456789abcdef0123456789abcdef"), "BOT_PUBLIC_HOST": "bot.example.cn"}


def compose() -> dict[str, Any]:
    """The whole file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def service(name: str) -> dict[str, Any]:
    """One service."""
    found: dict[str, Any] = compose()["services"][name]
    return found


def environment(name: str, given: dict[str, str] = GIVEN) -> dict[str, str]:
    """The environment of a service as Compose fills it in."""

    def value(match: re.Match[str]) -> str:
        return given.get(match["name"]) or match["default"] or ""

    variable = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")
    return {name: variable.sub(value, str(text)) for name, text in service(name)["environment"].items()}
