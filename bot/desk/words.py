"""The desk speaks Chinese; English comes from locale/en/*.po, one file a page, read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "locale"


def N_(words: str) -> str:
    """Marks words for translation where they are written down; they are translated where they are shown."""
    return words


@cache
def english() -> Mapping[str, str]:
    """The English words by the Chinese ones."""
    found: dict[str, str] = {}
    for path in sorted((FOLDER / "en").glob("*.po")):
        with path.open("rb") as file:
            found |= {str(each.id): str(each.string) for each in read_po(file) if each.id and each.string}
    return found


def speaker(language: str) -> Callable[[str], str]:
    """What turns the Chinese words of a page into this language; unknown words stay Chinese.

    One Chinese word may be several English ones: what follows "|" says which (客户|many: Customers) and is not shown.
    """
    if language != "en":
        return lambda words: words.partition("|")[0]
    known = english()
    return lambda words: known.get(words) or words.partition("|")[0]
