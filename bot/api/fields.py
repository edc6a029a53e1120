"""The forms of values that come from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import ConstrainedInt, ConstrainedStr
from pydantic.datetime_parse import parse_datetime


class Name(ConstrainedStr):
    """An identifier somebody else has chosen: 1 to 200 characters, none of them a control character."""

    strict = True
    min_length = 1
    max_length = 200
    regex = re.compile(r"^[^\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]*\Z")


class Words(ConstrainedStr):
    """A text for people: 1 to 4,000 characters, control characters only for line ends and tabs."""

    strict = True
    strip_whitespace = True
    min_length = 1
    max_length = 4_000
    regex = re.compile(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]*\Z")


class Note(Words):
    """A text that may be empty: up to 2,000 characters."""

    min_length = 0
    max_length = 2_000


class Short(Words):
    """A name or title that may be empty: up to 80 characters."""

    min_length = 0
    max_length = 80


class IsoTime(datetime):
    """An ISO 8601 time between the years 2000 and 2100; numbers are not taken for times."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], datetime]]:
        """Pydantic's hook."""
        yield cls._read

    @classmethod
    def __modify_schema__(cls, schema: dict[str, Any]) -> None:
        """Pydantic's hook for the description."""
        schema.update(type="string", format="date-time")

    @classmethod
    def _read(cls, value: Any) -> datetime:
        if not isinstance(value, str):
            raise ValueError("should be an ISO 8601 time such as 2026-11-20T09:00:00+08:00")
        moment = parse_datetime(value)
        if not 2000 <= moment.year <= 2100 or value.strip().lstrip("+-").isdigit():
            raise ValueError("should be an ISO 8601 time between 2000 and 2100")
        return moment


Id = Annotated[int, Path(ge=1, le=2**62)]


class Count(ConstrainedInt):
    """A whole number from 0 to 1,000,000,000: points, amounts in fen."""

    strict = True
    ge = 0
    le = 1_000_000_000


class Minutes(ConstrainedInt):
    """0 minutes to ten years."""

    strict = True
    ge = 0
    le = 5_256_000


class Kilometres(ConstrainedInt):
    """How far a car can have run."""

    strict = True
    ge = 0
    le = 3_000_000


class Year(ConstrainedInt):
    """A model year."""

    strict = True
    ge = 1950
    le = 2100


class Key(ConstrainedInt):
    """A record's id."""

    strict = True
    ge = 1
    le = 2**62
