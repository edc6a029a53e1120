"""The forms of values that come from outside."""

from __future__ import annotations

import re

from pydantic import ConstrainedStr


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
