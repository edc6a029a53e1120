"""The training sentences as our models want them: folded text, intent, spans of the five fields, flags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.business.characters import fold

FIELDS = ("problem", "location", "noise", "frequency", "situation")
SIGNALS = ("media", "legal", "repeated", "wants_superior")
_LABELS = {**{name: (name,) for name in FIELDS}, "problem_noise": ("problem", "noise")}

Span = tuple[int, int]


@dataclass(frozen=True)
class Example:
    """One training sentence; `spans` holds (start, end) of each field, one stretch may stand under two.

    `signals` are what raises the level of a complaint (SERVICE_STANDARD §7).
    """

    text: str
    intent: str
    spans: dict[str, list[Span]] = field(default_factory=dict)
    safety: bool = False
    angry: bool = False
    signals: frozenset[str] = frozenset()


def examples_of(training_data: TrainingData) -> list[Example]:
    """Every sentence with an intent, in file order."""
    return [_example(message) for message in training_data.intent_examples if message.get("text")]


def _example(message: Message) -> Example:
    flags = (message.get("metadata") or {}).get("intent") or {}
    spans = field_spans((e["start"], e["end"], e["entity"]) for e in message.get("entities") or [])
    return Example(
        fold(message.get("text")),
        message.get("intent"),
        spans,
        bool(flags.get("safety")),
        bool(flags.get("angry")),
        frozenset(name for name in SIGNALS if flags.get(name)),
    )


def field_spans(labelled: Iterable[tuple[int, int, str]]) -> dict[str, list[Span]]:
    """Labelled stretches by field; `problem_noise` counts for both."""
    spans: dict[str, list[Span]] = {}
    for start, end, label in labelled:
        for name in _LABELS.get(label, ()):
            spans.setdefault(name, []).append((start, end))
    return spans
