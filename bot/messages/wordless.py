"""What is said to things that carry no words: pictures, voices, places; the question that was open is said again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.business.conversations import BOT, Message, NewMessage, Pending
from bot.messages.ports import Phrasebook

# What is said by itself; they are stored for people to see.
WORDLESS = {
    "follow": "utter_wechat_welcome",
    "image": "utter_media_received",
    "video": "utter_media_received",
    "document": "utter_media_received",
    "voice": "utter_voice_received",
    "location": "utter_location_received",
    "link": "utter_link_received",
    "unknown": "utter_unknown_kind",
}
# While a question is open, which follows.
_WITHIN_A_TASK = {
    "image": "utter_media_noted",
    "video": "utter_media_noted",
    "document": "utter_media_noted",
    "link": "utter_media_noted",
    "voice": "utter_voice_noted",
    "location": "utter_location_noted",
    "unknown": "utter_unknown_noted",
}
# Of these the words are not the customer's own.
_ALWAYS_WORDLESS = ("follow", "location", "link", "unknown")
_MEDIA = ("image", "video", "document")
# Pictures without a common name that come so soon after each other belong together.
_TOGETHER = timedelta(minutes=1)


def is_wordless(message: Pending) -> bool:
    """Whether the bot has to answer by itself, for lack of words of the customer's own."""
    return message.kind in _ALWAYS_WORDLESS or (message.kind in WORDLESS and not message.text.strip())


def is_answered_with(message: Pending, latest: Sequence[Message]) -> bool:
    """Whether the picture follows others without a word between, and their acknowledgement was the last thing said.

    `latest` are the conversation's messages, oldest first.
    """
    said = [each for each in latest if each.sender in (BOT, "agent")]
    if message.kind not in _MEDIA or message.text.strip() or not said or said[-1].reply_to is None:
        return False
    begun = said[-1].reply_to
    row = [each for each in latest if each.sender == "customer" and begun <= each.id < message.message_id]
    return (
        bool(row)
        and row[0].id == begun
        and all(each.kind in _MEDIA and not (each.text or "").strip() for each in row)
        and message.time - row[0].time < _TOGETHER
    )


def words_for(message: Pending, asked: str | None, latest: Sequence[Message], phrase: Phrasebook) -> list[NewMessage]:
    """The acknowledgement; with the question for `asked`, the open slot if any, when that was the last one asked."""
    question = next((each for each in reversed(latest) if each.sender == BOT and each.asks), None)
    if message.kind not in _WITHIN_A_TASK or asked is None or question is None or question.asks != asked:
        name = WORDLESS[message.kind]
        return [NewMessage("bot", phrase(name), tuple(phrase.buttons(name)), reply_to=message.message_id)]
    again = NewMessage(
        "bot", question.text, question.buttons, question.custom, reply_to=message.message_id, asks=question.asks
    )
    return [NewMessage("bot", phrase(_WITHIN_A_TASK[message.kind]), reply_to=message.message_id), again]
