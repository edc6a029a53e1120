"""Messages as the dialogue's rules get them."""

from __future__ import annotations

from datetime import datetime

from bot.business.drafts.heard import Heard
from tests.conftest import ZONE

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def heard(text: str, intent: str = "inform", *, answers: bool = True, **entities: str | tuple[str, ...]) -> Heard:
    """A message with entities as keyword arguments; one value may stand without a tuple."""
    values = {name: value if isinstance(value, tuple) else (value,) for name, value in entities.items()}
    return Heard(text, intent, MONDAY, values, answers)
