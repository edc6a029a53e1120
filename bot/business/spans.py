"""What a recogniser answers: where in the original text something stands, and its normalised value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Found(Generic[Value]):
    """A stretch `text[start:end]` of the customer's own words and the value it stands for."""

    start: int
    end: int
    text: str
    value: Value
