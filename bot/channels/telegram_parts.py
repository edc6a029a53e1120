"""How words are drawn for Telegram: texts cut at sentence ends, buttons under them, keys that share phone and place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.business.conversations import BOT, IMAGE, Message
from bot.messages.ports import Phrase
from bot.messages.sending import Letter, Part

_PHONE_SLOTS = frozenset({"phone", "proof", "complaint_contact"})
_PHONE_QUESTIONS = ("utter_rescue_ask_phone", "utter_rescue_ask_place_and_phone")
_PLACE_QUESTIONS = ("utter_rescue_ask_place", "utter_rescue_ask_place_and_phone")
_SHARE_PHONE, _SHARE_PLACE = "utter_share_phone_button", "utter_share_place_button"
_LONGEST_TITLE_BESIDE_ANOTHER = 8
# In UTF-16 units (PLATFORMS §1.3).
LONGEST_CAPTION = 1024
_SENTENCE_END = re.compile("[。！？!?；;…]+[”’」』）)]*|\n")
_PAUSE = re.compile("[，、,：: ]")
_BETWEEN = "\n\n"


@dataclass(frozen=True)
class Drawn:
    """One sendMessage, or one sendPhoto of the picture that goes with the message `picture`."""

    text: str
    reply_markup: dict[str, Any] | None = None
    picture: int | None = None


@dataclass(frozen=True)
class Questions:
    """Which questions ask for the customer's phone or place, and what the keys that share them are called."""

    phone_key: str
    place_key: str
    phone_texts: frozenset[str] = frozenset()
    place_texts: frozenset[str] = frozenset()

    def keys(self, message: Message) -> list[dict[str, Any]]:
        """The keys that go with what the message asks."""
        keys: list[dict[str, Any]] = []
        if message.asks in _PHONE_SLOTS or message.text in self.phone_texts:
            keys.append({"text": self.phone_key, "request_contact": True})
        if message.text in self.place_texts:
            keys.append({"text": self.place_key, "request_location": True})
        return keys


def questions(phrase: Phrase) -> Questions:
    """The questions of domain.yml; the rescue's are not asked through a form and are known by their words."""
    return Questions(
        phrase(_SHARE_PHONE),
        phrase(_SHARE_PLACE),
        frozenset(map(phrase, _PHONE_QUESTIONS)),
        frozenset(map(phrase, _PLACE_QUESTIONS)),
    )


def drawn(letter: Letter, asked: Questions, most: int) -> list[Part]:
    """The letter as parts of at most `most` UTF-16 units; buttons and keys are under a message's last part.

    What the bot says in one turn is one part where it fits, up to the first buttons or keys.
    """
    parts: list[Part] = []
    for message in letter.messages:
        if message.kind == IMAGE:
            parts += _pictured(message, most)
            continue
        markup = _inline(message) or _keyboard(asked.keys(message))
        pieces = list(split(_words(message), most))
        drawn_of_message = [*(Drawn(piece) for piece in pieces[:-1]), *(Drawn(piece, markup) for piece in pieces[-1:])]
        if parts and message.sender == BOT and len(pieces) == 1 and not parts[-1].payload.reply_markup:
            together = f"{parts[-1].payload.text}{_BETWEEN}{pieces[0]}"
            if units(together) <= most:
                parts.pop()
                drawn_of_message = [Drawn(together, markup)]
        parts += map(Part, drawn_of_message)
    return parts


def _pictured(message: Message, most: int) -> list[Part]:
    """The picture with its words below it; words that are too long for that follow it."""
    words = (message.text or "").strip()
    if units(words) <= LONGEST_CAPTION:
        return [Part(Drawn(words, picture=message.id))]
    return [Part(Drawn("", picture=message.id)), *(Part(Drawn(piece)) for piece in split(words, most))]


def split(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most `most` UTF-16 units, cut after a sentence, else after a pause, else anywhere."""
    rest = text.strip()
    while rest:
        whole = _fitting(rest, most)
        cut = len(rest) if whole == len(rest) else _best_cut(rest[:whole])
        if piece := rest[:cut].strip():
            yield piece
        rest = rest[cut:].strip()


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def _fitting(text: str, most: int) -> int:
    """How many characters of the text's beginning have at most `most` units."""
    if units(text) <= most:
        return len(text)
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > most:
            return max(1, place)
    return len(text)


def _best_cut(text: str) -> int:
    for pattern in (_SENTENCE_END, _PAUSE):
        ends = [match.end() for match in pattern.finditer(text)]
        if ends and ends[-1] >= len(text) // 2:
            return ends[-1]
    return len(text)


def _words(message: Message) -> str:
    """What is shown: the text, of a block its text or title, and never nothing above buttons."""
    custom = message.custom or {}
    words = message.text or custom.get("text") or custom.get("title")
    return str(words) if words else " / ".join(_titles(message.buttons))


def _titles(buttons: Sequence[dict[str, Any]]) -> list[str]:
    return [title for button in buttons if (title := str(button.get("title") or "").strip())]


def _inline(message: Message) -> dict[str, Any] | None:
    """The buttons; a tap tells the message's number and the button's place, whatever its payload."""
    buttons = []
    for place, button in enumerate(message.buttons):
        title = str(button.get("title") or "").strip()
        if title and button.get("url"):
            buttons.append({"text": title, "url": str(button["url"])})
        elif title:
            buttons.append({"text": title, "callback_data": f"{message.id}:{place}"})
    if not buttons:
        return None
    beside = 2 if all(len(button["text"]) <= _LONGEST_TITLE_BESIDE_ANOTHER for button in buttons) else 1
    return {"inline_keyboard": [buttons[first : first + beside] for first in range(0, len(buttons), beside)]}


def _keyboard(keys: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not keys:
        return None
    return {"keyboard": [[key] for key in keys], "one_time_keyboard": True, "resize_keyboard": True}
