"""What may reach the dialogue from outside: visible characters, and commands only where a button offered them."""

from __future__ import annotations

import re
from collections.abc import Set

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


def cleaned(text: str) -> str:
    """The text with control characters as blanks and halves of characters as U+FFFD; its length stays the same."""
    return _HALF_CHARACTERS.sub("\ufffd", _UNWANTED.sub(" ", text))


def looks_like_command(text: str) -> bool:
    """Whether Rasa would take the text for a command; like Rasa, blanks before the slash are ignored."""
    return text.strip().startswith("/")


def plain_words(text: str, offered: Set[str]) -> str:
    """The text as Rasa may see it: a leading "/" is made full-width unless a button offered it (DESIGN §5 Payloads)."""
    bare = text.strip()
    if not looks_like_command(text) or (bare in offered and not bare.startswith("/EXTERNAL_")):
        return text
    return "／" + bare[1:]
