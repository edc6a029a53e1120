"""How a letter is drawn for WeChat: as few messages as possible, because each one counts; pure.

How a letter is cut never depends on the allowance or the hour, only how its choices look, and these are in the last
part. So a letter that was broken off after some parts is cut in the same places when its sending goes on, and
`parts_sent` stays true. Lines that an agent adds meanwhile only lengthen what had not been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.business.conversations import IMAGE, Message
from bot.business.offered_buttons import carry_numbers
from bot.channels.wechat_splitting import cut, halves, size, sound, tail
from bot.messages.ports import Phrase
from bot.messages.sending import Letter, Part

CHOOSE_NUMBER = "utter_choose_number"
# A tap on a menu opens little and refills nothing: with so few messages left the person shall write instead.
_FEW_LEFT = 2
_SHOWN = ("title", "text")


def text_payload(text: str) -> dict[str, Any]:
    """A customer-service message of text, but for the recipient."""
    return {"msgtype": "text", "text": {"content": text}}


def picture_of(payload: dict[str, Any]) -> int | None:
    """The message whose picture this part shows; None for a part of words."""
    return payload["image"]["message"] if payload["msgtype"] == IMAGE else None


def image_payload(media_id: str) -> dict[str, Any]:
    """A customer-service message that shows a picture which WeChat has, but for the recipient."""
    return {"msgtype": IMAGE, "image": {"media_id": media_id}}


def draw(letter: Letter, phrase: Phrase, largest: int) -> list[Part]:
    """The letter's parts, each of at most `largest` bytes; none for a letter that shows nothing."""
    if letter.messages[0].kind == IMAGE:
        return _pictured(letter.messages[0], largest)
    asking = [message for message in letter.messages if message.buttons]
    numbered = tuple(message.id for message in asking)
    if not asking:
        return [Part(text_payload(piece)) for piece in cut(_merged(letter.messages), largest)]
    if len(asking) > 1:
        text = f"{_merged_with_lists(letter.messages)}\n{phrase(CHOOSE_NUMBER)}"
        return [Part(text_payload(piece), numbered) for piece in cut(text, largest)]
    return _with_choices(letter, asking[0], phrase, largest)


def _pictured(message: Message, largest: int) -> list[Part]:
    """The picture, and its words after it: WeChat has no captions."""
    picture = Part({"msgtype": IMAGE, "image": {"message": message.id}})
    return [picture, *(Part(text_payload(piece)) for piece in cut(_words(message), largest))]


def _with_choices(letter: Letter, asking: Message, phrase: Phrase, largest: int) -> list[Part]:
    """Text first, the choices with its last piece, as a menu or as a numbered list."""
    listed = f"{_list(asking, 1)}\n{phrase(CHOOSE_NUMBER)}"
    room = largest - size(listed) - 1
    body = cut(_merged(letter.messages), largest)
    if room < 0:  # more choices than fit into one message
        body = cut("\n".join([*body, listed]), largest)
        return [Part(text_payload(piece), (asking.id,)) for piece in body]
    body = _leaving(body, room)
    head = body.pop()
    parts = [Part(text_payload(piece)) for piece in body]
    if _few_left(letter, before=len(parts) - letter.parts_sent):
        return [*parts, Part(text_payload(f"{head}\n{listed}".strip()), (asking.id,))]
    return [*parts, Part(_menu(head, asking))]


def _leaving(pieces: list[str], room: int) -> list[str]:
    """The pieces, the last one at most `room` bytes long (perhaps empty) so that the choices go with it."""
    if not pieces or size(pieces[-1]) <= room:
        return pieces or [""]
    return [*pieces[:-1], *tail(pieces[-1], room)]


def _few_left(letter: Letter, before: int) -> bool:
    """Whether the choices go as text because, after the parts before them, hardly anything is left."""
    return letter.at is not None and letter.allowance.left(letter.at) - before <= _FEW_LEFT


def _menu(head: str, asking: Message) -> dict[str, Any]:
    entries = [{"id": f"{asking.id}:{index}", "content": title} for index, title in enumerate(_titles(asking))]
    content: dict[str, Any] = {"head_content": head} if head else {}
    return {"msgtype": "msgmenu", "msgmenu": {**content, "list": entries}}


def in_two(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The payload as two smaller ones, the choices with the second; as it was when it cannot be halved."""
    if payload["msgtype"] == IMAGE:
        return [payload]
    menu = payload.get("msgmenu")
    text = menu.get("head_content", "") if menu else payload["text"]["content"]
    first, second = halves(text) if text else ("", "")
    if not (first and second):
        return [payload]
    last = {"msgtype": "msgmenu", "msgmenu": {**menu, "head_content": second}} if menu else text_payload(second)
    return [text_payload(first), last]


def _merged(messages: Sequence[Message]) -> str:
    return "\n\n".join(filter(None, (_words(message) for message in messages)))


def _merged_with_lists(messages: Sequence[Message]) -> str:
    """Every list below its own text, numbered through."""
    shown, number = [], 1
    for message in messages:
        shown.append("\n".join(filter(None, (_words(message), _list(message, number)))))
        number += len(message.buttons)
    return "\n\n".join(filter(None, shown))


def _list(message: Message, first: int) -> str:
    if carry_numbers(_titles(message)):
        return "\n".join(_titles(message))
    return "\n".join(f"{number}. {title}" for number, title in enumerate(_titles(message), first))


def _titles(message: Message) -> list[str]:
    return [" ".join(sound(str(button.get("title") or "")).split()) or "…" for button in message.buttons]


def _words(message: Message) -> str:
    """The message's text, else what a block of its own kind has to read."""
    custom = message.custom or {}
    shown = [message.text] if message.text else [str(custom[name]) for name in _SHOWN if custom.get(name)]
    return "\n".join(filter(None, (sound(each) for each in shown)))
