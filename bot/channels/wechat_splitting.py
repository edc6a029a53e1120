"""Cuts texts that are too long for WeChat, at sentence ends where there are any; sizes are bytes of UTF-8."""

from __future__ import annotations

import re
import unicodedata

from bot.messages.cleaning import cleaned

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
# Where a text may be cut, best first; a closing quotation mark stays with its sentence.
_ENDS = (re.compile(r"(?:[。！？!?…；;\n]|\.(?=\s))[”’』」）)】]*"), re.compile(r"[，,、：:][”’』」）)】]*|\s"))
_CLOSING = "”’』」）)】"
_JOINER = "\u200d"


def sound(text: str | None) -> str:
    """The text without control characters, halves of characters, and blanks around it."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return cleaned(_CONTROL.sub("", plain)).strip()


def size(text: str) -> int:
    """How long WeChat finds the text."""
    return len(text.encode())


def cut(text: str, largest: int) -> list[str]:
    """Pieces of at most `largest` bytes.

    A piece depends only on the text up to its own end and a little beyond: the same text with more behind it is cut
    into the same pieces, but for the last.
    """
    pieces, rest = [], text.strip()
    while size(rest) > largest:
        end = _end(rest, len(rest.encode()[:largest].decode(errors="ignore")))
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*pieces, rest] if rest else pieces


def halves(text: str) -> tuple[str, str]:
    """The text in two, at the sentence end nearest to the middle; the second is empty for a single character."""
    middle = len(text) // 2
    for pattern in _ENDS:
        ends = [match.end() for match in pattern.finditer(text) if len(text) // 4 <= match.end() <= len(text) * 3 // 4]
        if ends:
            middle = min(ends, key=lambda end: abs(end - len(text) / 2))
            break
    else:
        middle = _whole_characters(text, middle or 1)
    return text[:middle].rstrip(), text[middle:].lstrip()


def tail(text: str, largest: int) -> tuple[str, str]:
    """The text in two, the second as long as can be within `largest` bytes and, if possible, of whole sentences."""
    shortest = len(text) - len(text.encode()[max(0, size(text) - largest) :].decode(errors="ignore"))
    for pattern in _ENDS:
        ends = [match.end() for match in pattern.finditer(text) if shortest <= match.end() < len(text)]
        if ends:
            return text[: ends[0]].rstrip(), text[ends[0] :].lstrip()
    return text, ""


def _end(text: str, longest: int) -> int:
    """Where the first piece of at most `longest` characters ends."""
    for pattern in _ENDS:
        ends = [match.end() for match in pattern.finditer(text, 0, longest)]
        good = [end for end in ends if end >= longest // 3 and text[end : end + 1] not in tuple(_CLOSING)]
        if good:
            return good[-1]
    return _whole_characters(text, longest)


def _whole_characters(text: str, end: int) -> int:
    """`end`, or a little less, so that nothing that is drawn as one character is torn."""
    for place in range(end, max(0, end - 12), -1):
        if place >= len(text) or not (_clings(text[place]) or text[place - 1] == _JOINER):
            return place
    return max(1, end)


def _clings(character: str) -> bool:
    """Whether it is drawn into the character before it: marks, joiners, skin tones, variation selectors."""
    return (
        unicodedata.combining(character) != 0
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character == _JOINER
        or "\ufe00" <= character <= "\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )
