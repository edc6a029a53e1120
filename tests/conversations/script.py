"""Reads the scripts of conversations (tests/conversations/*.yml); their form is told in test_conversations.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
DEFAULT_CLOCK = "2026-11-23 09:10"
_SPOKEN = {"say", "tap", "as", "hear", "not_hear", "text", "not_text", "owner", "slots", "told"}
_STEP = _SPOKEN | {"wait", "full", "agent", "workshop"}
_AGENT = {"claim", "reply", "note", "release", "resolve"}
_WORKSHOP = {"stage", "promised_at", "note"}
_SCRIPT = {"name", "clock", "steps", "stored", "gone", "slots"}


@dataclass(frozen=True)
class Script:
    """One conversation in one of its phrasings."""

    id: str
    clock: str
    steps: tuple[Mapping[str, Any], ...]
    stored: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_first(self) -> bool:
        """Whether it is the first of its phrasings."""
        return self.id.endswith("-1")


def all_scripts() -> list[Script]:
    """Every script of the folder, one for each phrasing."""
    return [script for path in sorted(FOLDER.glob("*.yml")) for script in scripts_of(path)]


def scripts_of(path: Path) -> Iterator[Script]:
    """The scripts of one file; a word the form does not know raises ValueError."""
    for record in yaml.safe_load(path.read_text(encoding="utf-8")):
        place = f"{path.stem}: {record.get('name')}"
        _refuse_unknown(place, record, _SCRIPT)
        for step in record["steps"]:
            _refuse_unknown(place, step, _STEP | _AGENT | _WORKSHOP)
        for variant in range(_phrasings(record["steps"])):
            yield Script(
                id=f"{path.stem}-{record['name']}-{variant + 1}",
                clock=str(record.get("clock", DEFAULT_CLOCK)),
                steps=tuple(_phrased(step, variant) for step in record["steps"]),
                stored=record.get("stored", {}),
                gone=tuple(str(each) for each in record.get("gone", ())),
                slots=record.get("slots", {}),
            )


def _refuse_unknown(place: str, record: Mapping[str, Any], known: set[str]) -> None:
    unknown = set(record) - known
    if unknown:
        raise ValueError(f"{place}: nothing is known of {', '.join(sorted(map(str, unknown)))}")


def _phrasings(steps: list[Mapping[str, Any]]) -> int:
    return max([1, *(len(step["say"]) for step in steps if isinstance(step.get("say"), list))])


def _phrased(step: Mapping[str, Any], variant: int) -> Mapping[str, Any]:
    said = step.get("say")
    return {**step, "say": said[variant % len(said)]} if isinstance(said, list) else step
