"""Gives the text of a response of domain.yml by its name, for what is said outside a turn of the dialogue."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


class UnknownPhrase(KeyError):
    """domain.yml has no response of this name with a text."""


class MissingValue(KeyError):
    """A variable of the response was not given; the key is "response: variable"."""


class Phrases:
    """The responses of one domain file; calling it with a name gives the first text of that response."""

    def __init__(self, domain: Path) -> None:
        self._responses = _responses(domain.read_text(encoding="utf-8"))

    def __call__(self, name: str, **values: object) -> str:
        """The text of the response `name`, each {variable} as its value; raises UnknownPhrase, MissingValue."""
        for variant in self._responses.get(name) or []:
            if variant.get("text"):
                return _filled(name, str(variant["text"]).strip(), values)
        raise UnknownPhrase(name)

    def buttons(self, name: str, **values: object) -> list[dict[str, str]]:
        """Title and payload of each button of the response `name`, none without; raises MissingValue."""
        variants = self._responses.get(name) or [{}]
        return [
            {key: _filled(name, str(button[key]), values) for key in ("title", "payload")}
            for button in variants[0].get("buttons") or ()
        ]


@lru_cache(maxsize=2)
def _responses(domain: str) -> dict[str, Any]:
    """The responses in the text of a domain file; reading it takes a tenth of a second."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: dict[str, Any] = yaml.load(domain, Loader=loader) or {}  # noqa: S506
    return content.get("responses") or {}


def _filled(name: str, text: str, values: dict[str, object]) -> str:
    try:
        return text.format_map(values)
    except KeyError as error:
        raise MissingValue(f"{name}: {error.args[0]}") from error
