"""What an update from the agents' group means; pure, and calm about anything that does not look as it should."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.channels.telegram_content import Json, part_of, whole_of, words_of

# Where a message of ours names a hand-off: at the beginning of a line, so that nobody's words can be taken for it.
_NUMBERS = re.compile(r"^\S{1,3} #(\d{1,15})\b", re.MULTILINE)
_PRESSED = re.compile(r"claim:(\d{1,15})")
_ADDRESSED = re.compile(r"\s*[#＃](\d{1,15})[\s:：,，]*(.*)", re.DOTALL)
_LINK = re.compile(r"/link(?:@\w+)?\s+([A-Za-z0-9-]{4,20})\s*")


@dataclass(frozen=True)
class ClaimPress:
    """A press on the button that takes over a hand-off; None when the button is not ours."""

    query_id: str
    account: int
    handoff_id: int | None


@dataclass(frozen=True)
class GroupReply:
    """Somebody has answered a message of ours about `handoffs`; `text` is None when it was no text."""

    account: int
    message_id: int
    handoffs: tuple[int, ...]
    text: str | None
    edited: bool = False

    @property
    def addressed(self) -> tuple[int | None, str]:
        """Which hand-off the words are for, and the words; None when that cannot be told."""
        written = _ADDRESSED.fullmatch(self.text or "")
        if written and int(written[1]) in self.handoffs:
            return int(written[1]), written[2].strip()
        return (self.handoffs[0] if len(self.handoffs) == 1 else None), (self.text or "").strip()


@dataclass(frozen=True)
class LinkCode:
    """Somebody says which agent of the desk they are."""

    account: int
    chat_id: int
    message_id: int
    code: str


GroupAct = ClaimPress | GroupReply | LinkCode | None


def read_group(update: Json, bot_id: int) -> GroupAct:
    """What somebody did in the agents' group; None for their own talk."""
    if query := part_of(update, "callback_query"):
        return _press(query)
    edited = part_of(update, "edited_message")
    message = edited or part_of(update, "message")
    account, message_id = whole_of(part_of(message, "from"), "id"), whole_of(message, "message_id")
    if account is None or message_id is None or part_of(message, "from").get("is_bot"):
        return None
    if not edited and (link := read_link(message)):
        return link
    asked = part_of(message, "reply_to_message")
    handoffs = tuple(dict.fromkeys(int(number) for number in _NUMBERS.findall(words_of(asked, "text"))))
    if whole_of(part_of(asked, "from"), "id") != bot_id or not handoffs:
        return None
    return GroupReply(account, message_id, handoffs, words_of(message, "text") or None, bool(edited))


def read_link(message: Json) -> LinkCode | None:
    """The code of an agent who wants to be known by this account."""
    written = _LINK.fullmatch(words_of(message, "text"))
    account, chat = whole_of(part_of(message, "from"), "id"), whole_of(part_of(message, "chat"), "id")
    message_id = whole_of(message, "message_id")
    if written is None or account is None or chat is None or message_id is None:
        return None
    return LinkCode(account, chat, message_id, written[1])


def _press(query: Json) -> ClaimPress | None:
    query_id, account = words_of(query, "id"), whole_of(part_of(query, "from"), "id")
    if not query_id or account is None:
        return None
    pressed = _PRESSED.fullmatch(words_of(query, "data"))
    return ClaimPress(query_id, account, int(pressed[1]) if pressed else None)
