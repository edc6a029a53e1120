"""Sentences that were not understood, as examples from which the bot can learn once a person has looked at them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.business.names import find_name
from bot.business.phones import find_phone_tail, find_phones
from bot.business.plates import find_plates
from bot.business.vins import find_vins

PHONE, PLATE, VIN, NAME, NUMBER, LINK = "〈手机号〉", "〈车牌〉", "〈车架号〉", "〈姓名〉", "〈号码〉", "〈链接〉"
_LONGEST = 200
_SIGN = re.compile("(〈[^〉]*〉)")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Identity cards, bank cards, landlines, what is left of phones and of chassis numbers.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?=(?:[A-Za-z-]*\d){5})[0-9A-Za-z](?:[ \-]?[0-9A-Za-z]){4,}(?![0-9A-Za-z])")
# What would be an entity or a comment to Rasa.
_MARKUP = str.maketrans({"[": "［", "]": "］", "{": "｛", "}": "｝"})
_INTENT = re.compile(r"\w+")


def without_person(text: str) -> str:
    """The text with phones, plates, VINs, names, links and long numbers replaced by what they are."""
    text = _LINK.sub(LINK, text)
    for found, sign in ((find_vins, VIN), (find_plates, PLATE), (find_phones, PHONE)):
        for span in reversed(found(text)):
            text = text[: span.start] + sign + text[span.end :]
    tail = find_phone_tail(text)
    if tail is not None:
        text = text[: tail.start] + NUMBER + text[tail.end :]
    return "".join(
        part if part.startswith("〈") else _without_names(part, asked=part == text)
        for part in _SIGN.split(_NUMBER.sub(NUMBER, text))
    )


def _without_names(text: str, *, asked: bool = False) -> str:
    name = find_name(text, asked=asked)
    if name is None:
        return text
    return _without_names(text[: name.start]) + NAME + _without_names(text[name.end :])


def example_of(text: str) -> str:
    """One line that Rasa reads as plain words; empty when nothing is left."""
    words = "".join(c if c.isprintable() else " " for c in without_person(text).translate(_MARKUP))
    return " ".join(words.split())[:_LONGEST].lstrip("-# ")


def example_file(sentences: Iterable[tuple[str, str]], remarks: Iterable[str] = ()) -> str:
    """Training data in Rasa's YAML: pairs of intent guessed and text, each once; `remarks` stand on top."""
    lines = [*(f"# {' '.join(remark.split())}" for remark in remarks), 'version: "3.1"']
    by_intent = _by_intent(sentences)
    lines.append("nlu:" if by_intent else "nlu: []")
    for intent, texts in sorted(by_intent.items()):
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    return "\n".join(lines) + "\n"


def _by_intent(sentences: Iterable[tuple[str, str]]) -> Mapping[str, Mapping[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for intent, text in sentences:
        example = example_of(text)
        if example and _INTENT.fullmatch(intent):
            found.setdefault(intent, {})[example] = None
    return found
