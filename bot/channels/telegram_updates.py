"""What an update of Telegram means for us; pure, and calm about anything that does not look as it should."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.business.conversations import Incoming
from bot.channels.telegram_content import Json, content_of, part_of, whole_of, words_of
from bot.channels.telegram_group_updates import GroupAct, LinkCode, read_group, read_link

CHANNEL = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")

_ANY_COMMAND = re.compile(r"/\w+(?:@(\w+))?(?:\s|$)")
_BUTTON = re.compile(r"(\d{1,18}):(\d{1,3})")


@dataclass(frozen=True)
class Tap:
    """A tap on an inline button: the bot's stored message and the button's place; None if the data is not ours."""

    query_id: str
    user: str
    message_id: int | None
    button: int


@dataclass(frozen=True)
class Edit:
    """A customer has changed a message of theirs."""

    user: str
    platform_id: str
    text: str


@dataclass(frozen=True)
class Membership:
    """A customer has blocked the bot, or lets it write again."""

    user: str
    blocked: bool


@dataclass(frozen=True)
class InGroup:
    """Somebody in a group turns to the bot."""

    chat_id: int


Act = Incoming | Tap | Edit | Membership | InGroup | GroupAct


@dataclass(frozen=True)
class Reader:
    """What a reader of updates knows: the bot's name and number, the agents' group, the largest file it can fetch."""

    username: str | None = None
    agent_chat_id: int | None = None
    file_bytes: int = 20_000_000
    bot_id: int = 0

    def read(self, update: Json) -> Act:
        """What somebody did; None for what is not for us."""
        chat = chat_of(update)
        number = whole_of(chat, "id")
        if number is None:
            return None
        if number == self.agent_chat_id:
            return read_group(update, self.bot_id)
        if chat.get("type") != "private":
            return self._in_group(update, number) if chat.get("type") in ("group", "supergroup") else None
        user = str(number)
        if message := part_of(update, "message"):
            return None if part_of(message, "from").get("is_bot") else self._message(message, user)
        if query := part_of(update, "callback_query"):
            return _tap(query)
        if edited := part_of(update, "edited_message"):
            text = words_of(edited, "text") or words_of(edited, "caption")
            return Edit(user, _platform_id(edited), text) if text else None
        status = part_of(part_of(update, "my_chat_member"), "new_chat_member").get("status")
        return Membership(user, status == "kicked") if status in ("kicked", "member") else None

    def _in_group(self, update: Json, number: int) -> InGroup | None:
        member = part_of(update, "my_chat_member")
        after, before = (part_of(member, name).get("status") for name in ("new_chat_member", "old_chat_member"))
        added = after in ("member", "administrator") and before in ("left", "kicked")
        command = _ANY_COMMAND.match(words_of(part_of(update, "message"), "text"))
        addressed = command is not None and command[1] in (None, self.username)
        return InGroup(number) if added or addressed else None

    def _message(self, message: Json, user: str) -> Incoming | LinkCode | None:
        if whole_of(message, "message_id") is None:
            return None
        if self.agent_chat_id is not None and (link := read_link(message)):
            return link
        content = content_of(message, self.file_bytes)
        if content is None:
            return None
        group = words_of(message, "media_group_id") or None
        return Incoming(CHANNEL, user, platform_id=_platform_id(message), group=group, **content)


def update_id_of(update: object) -> int:
    """The update's number; -1 for what is no update."""
    number = whole_of(update, "update_id") if isinstance(update, dict) else None
    return -1 if number is None else number


def chat_of(update: Json) -> Json:
    """The chat in which something happened; {} if none is named."""
    query = part_of(update, "callback_query")
    if query:
        return part_of(part_of(query, "message"), "chat")
    return next((chat for kind in KINDS if (chat := part_of(part_of(update, kind), "chat"))), {})


def lane_of(update: Json) -> int:
    """Updates of one lane are stored in their order."""
    return whole_of(chat_of(update), "id") or 0


def _tap(query: Json) -> Tap | None:
    query_id, user = words_of(query, "id"), whole_of(part_of(query, "from"), "id")
    if not query_id or user is None:
        return None
    ours = _BUTTON.fullmatch(words_of(query, "data"))
    return Tap(query_id, str(user), int(ours[1]) if ours else None, int(ours[2]) if ours else 0)


def _platform_id(message: Json) -> str:
    return f"m{whole_of(message, 'message_id')}"
