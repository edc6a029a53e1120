"""One message of a customer as the dialogue's rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

YES = frozenset({"affirm", "approve_extra"})
NO = frozenset({"deny", "decline_extra"})
UNKNOWN = frozenset({"dont_know"})


@dataclass(frozen=True)
class Heard:
    """A message understood: its words, its intent, the entities found (values in the order said).

    `answers` is False when the form is only coming back after something else was answered; then nothing in the
    message may be taken as the answer to the open question.
    """

    text: str
    intent: str
    now: datetime
    entities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: bool = True

    def all(self, entity: str) -> tuple[str, ...]:
        """Every value of `entity` in the message."""
        return self.entities.get(entity, ())

    def last(self, entity: str) -> str | None:
        """The last value of `entity`, the one a correction ends with ("不是B12345,是B54321"), or None."""
        values = self.all(entity)
        return values[-1] if values else None

    @property
    def says_yes(self) -> bool:
        """Whether the message agrees."""
        return self.intent in YES

    @property
    def says_no(self) -> bool:
        """Whether the message declines."""
        return self.intent in NO

    @property
    def says_unknown(self) -> bool:
        """Whether the customer has no answer to the question."""
        return self.intent in UNKNOWN
