"""What the fake Telegram knows and keeps: chats, messages, files, and everything the bot did, in order."""

from __future__ import annotations

import itertools
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


class ApiError(Exception):
    """An answer `{"ok": false}` of the Bot API."""

    def __init__(self, status: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass
class Sent:
    """A message the bot got to a customer's screen.

    `at` is time.monotonic(), the same clock in all processes of a machine. `withheld`: the bot never got a proper
    answer to this send (none, a broken one, or it gave up first), although the customer has the message.
    """

    number: int
    method: str
    chat_id: int
    message_id: int
    text: str | None
    reply_markup: JsonObject | None
    at: float
    withheld: bool = False
    file_id: str | None = None
    more: JsonObject = field(default_factory=dict)

    @property
    def buttons(self) -> list[JsonObject]:
        """All buttons of its keyboard, row by row."""
        return buttons_of(self.reply_markup)


@dataclass(frozen=True)
class Edited:
    """A change of a message of the bot's."""

    chat_id: int
    message_id: int
    text: str | None
    reply_markup: JsonObject | None
    at: float


@dataclass(frozen=True)
class Answered:
    """An answerCallbackQuery; `late` is the time since the tap, None for an unknown id. Refused ones are kept too."""

    query_id: str
    text: str | None
    show_alert: bool
    at: float
    late: float | None
    accepted: bool


@dataclass(frozen=True)
class Refused:
    """A call that was answered with an error."""

    method: str
    chat_id: int | None
    status: int
    description: str
    at: float


@dataclass(frozen=True)
class Action:
    """A sendChatAction."""

    chat_id: int
    action: str
    at: float


@dataclass(frozen=True)
class StoredFile:
    """A file the platform holds; `size` may be claimed larger than the content."""

    file_id: str
    path: str
    content: bytes = field(repr=False)
    size: int = 0


class Record:
    """The platform's memory."""

    def __init__(self, bot: JsonObject, query_lifetime: float) -> None:
        self.bot = bot
        self.query_lifetime = query_lifetime
        self.chats: dict[int, JsonObject] = {}
        self.users: dict[int, JsonObject] = {}
        self.blocked: set[int] = set()
        self.left: set[int] = set()
        self.messages: dict[tuple[int, int], JsonObject] = {}
        self.last_of: dict[int, int] = {}
        self.keyboards: dict[tuple[int, int], JsonObject] = {}
        self.files: dict[str, StoredFile] = {}
        self.paths: dict[str, StoredFile] = {}
        self.queries: dict[str, float] = {}
        self.sent: list[Sent] = []
        self.by_chat: dict[int, list[Sent]] = defaultdict(list)
        self.edits: list[Edited] = []
        self.answers: list[Answered] = []
        self.actions: list[Action] = []
        self.refusals: list[Refused] = []
        self.reactions: dict[tuple[int, int], list[str]] = {}
        self.commands: list[JsonObject] = []
        self.counters: Counter[str] = Counter()
        self._message_ids = itertools.count(1)
        self._file_ids = itertools.count(1)

    def meet(self, user_id: int) -> JsonObject:
        """The user, whose private chat with the bot exists from now on."""
        user = self.users.get(user_id)
        if user is None:
            user = {"id": user_id, "is_bot": False, "first_name": f"顾客{user_id}", "language_code": "zh-hans"}
            self.users[user_id] = user
        if user_id not in self.chats:
            self.chats[user_id] = {"id": user_id, "type": "private", "first_name": user["first_name"]}
        return user

    def group(self, chat_id: int, title: str = "一个群") -> JsonObject:
        """The group (a supergroup if its id begins with -100), which the bot is a member of."""
        kind = "supergroup" if str(chat_id).startswith("-100") else "group"
        self.left.discard(chat_id)
        return self.chats.setdefault(chat_id, {"id": chat_id, "type": kind, "title": title})

    def message(self, sender: JsonObject, chat: JsonObject, **content: Any) -> JsonObject:
        """A new message, kept."""
        message = {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": chat,
            "date": int(time.time()),
            **content,
        }
        self.messages[chat["id"], message["message_id"]] = message
        return message

    def file(self, content: bytes, folder: str, ending: str, size: int | None = None) -> StoredFile:
        """A file the platform holds from now on."""
        number = next(self._file_ids)
        stored = StoredFile(
            f"AgACAgUAAx{number}", f"{folder}/file_{number}.{ending}", content, len(content) if size is None else size
        )
        self.files[stored.file_id] = self.paths[stored.path] = stored
        return stored

    def deliver(self, method: str, message: JsonObject, reply_markup: JsonObject | None, **more: Any) -> Sent:
        """Note that a customer has this message of the bot's."""
        chat_id, message_id = message["chat"]["id"], message["message_id"]
        text = message.get("text", message.get("caption"))
        sent = Sent(len(self.sent), method, chat_id, message_id, text, reply_markup, time.monotonic(), **more)
        if reply_markup:
            self.keyboards[chat_id, message_id] = reply_markup
        self.sent.append(sent)
        self.by_chat[chat_id].append(sent)
        return sent


def buttons_of(reply_markup: JsonObject | None) -> list[JsonObject]:
    """All buttons of a keyboard, row by row."""
    rows = (reply_markup or {}).get("inline_keyboard") or (reply_markup or {}).get("keyboard") or []
    return [{"text": button} if isinstance(button, str) else button for row in rows for button in row]
