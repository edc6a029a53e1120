"""What customers do in the fake Telegram: every method pushes an update and gives its update_id."""

from __future__ import annotations

import asyncio
import base64
import functools
import itertools
import re
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from tests.platforms.telegram_markup import utf16_units
from tests.platforms.telegram_record import JsonObject, Record, StoredFile, buttons_of
from tests.platforms.telegram_updates_queue import UpdatesQueue

Call = TypeVar("Call", bound=Callable[..., Any])
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
OGG = b"OggS\x00\x02" + bytes(40) + b"OpusHead"
PDF = b"%PDF-1.4\n%%EOF\n"
_LINK = re.compile(r"https?://[^\s，。]+")
_COMMAND = re.compile(r"^/[A-Za-z0-9_]{1,32}(@\w+)?")


def in_its_loop(method: Call) -> Call:
    """Let a method be called from any thread: it runs where the server runs."""

    @functools.wraps(method)
    def call(self: Customers, *given: Any, **named: Any) -> Any:
        loop = self._loop
        if loop is None or loop.is_closed() or self._thread_id == threading.get_ident():
            return method(self, *given, **named)

        async def there() -> Any:
            return method(self, *given, **named)

        return asyncio.run_coroutine_threadsafe(there(), loop).result(60)

    return call  # type: ignore[return-value]


class Customers:
    """Customers' part of the fake. `user` is a Telegram user id; the private chat has the same id.

    The bot may write to a private chat only after the customer did something in it (or `meet`). `content` is bytes,
    or base64 when it comes as text.
    """

    record: Record
    queue: UpdatesQueue
    _loop: asyncio.AbstractEventLoop | None = None
    _thread_id: int | None = None
    _numbers = itertools.count(1)

    @in_its_loop
    def meet(self, user: int) -> None:
        """The customer is known to the bot, without an update."""
        self.record.meet(user)

    @in_its_loop
    def text(self, user: int, text: str, reply_to: int | None = None) -> int:
        """A text in the private chat; commands and links get their entities."""
        return self._private(user, **self._texts(user, text, reply_to))

    @in_its_loop
    def start(self, user: int, parameter: str | None = None) -> int:
        """/start, with the parameter of a deep link."""
        return self.text(user, f"/start {parameter}" if parameter else "/start")

    @in_its_loop
    def tap(self, user: int, message_id: int | None = None, button: int | str = 0, chat_id: int | None = None) -> int:
        """A tap on a button, by position or title, of this message or of the chat's last one with buttons.

        A button of a reply keyboard sends its text, or the customer's contact or place if it asks for them.
        LookupError if there is no such button, or if it opens a link and tells the bot nothing.
        """
        chat = chat_id or user
        if message_id is None:
            message_id = self._last_with_buttons(chat)
        buttons = buttons_of(self.record.keyboards.get((chat, message_id or 0)))
        wanted = [one for place, one in enumerate(buttons) if button in (place, one["text"])]
        if not wanted:
            raise LookupError(f"no button {button!r} on message {message_id} of chat {chat}")
        pressed = wanted[0]
        if "callback_data" in pressed:
            return self._query(user, chat, message_id or 0, pressed["callback_data"])
        if any(name in pressed for name in ("url", "web_app", "copy_text")):
            raise LookupError(f"button {button!r} tells the bot nothing")
        if pressed.get("request_contact"):
            return self.contact(user)
        if pressed.get("request_location"):
            return self.location(user)
        return self.text(user, pressed["text"])

    @in_its_loop
    def callback(self, user: int, message_id: int, data: str, chat_id: int | None = None) -> int:
        """A callback query with any data, as a changed client could send it."""
        return self._query(user, chat_id or user, message_id, data)

    @in_its_loop
    def photo(self, user: int, content: bytes | str = JPEG, caption: str | None = None, size: int | None = None) -> int:
        """A photo, in two sizes; `size` claims another number of bytes."""
        return self._private(user, photo=self._sizes(content, size), **_caption(caption))

    @in_its_loop
    def album(self, user: int, count: int = 3, caption: str | None = None, content: bytes | str = JPEG) -> list[int]:
        """Several photos sent together: messages with one media_group_id, the caption at the first."""
        group = f"1390{next(self._numbers):012d}"
        return [
            self._private(
                user,
                photo=self._sizes(content, None),
                media_group_id=group,
                **_caption(caption if number == 0 else None),
            )
            for number in range(count)
        ]

    @in_its_loop
    def voice(self, user: int, content: bytes | str = OGG, duration: int = 3, size: int | None = None) -> int:
        """A voice message."""
        stored = self.record.file(_bytes(content), "voice", "oga", size)
        return self._private(user, voice={**_about(stored), "duration": duration, "mime_type": "audio/ogg"})

    @in_its_loop
    def video(self, user: int, content: bytes | str = b"\x00\x00\x00\x18ftypmp42", size: int | None = None) -> int:
        """A video."""
        stored = self.record.file(_bytes(content), "videos", "mp4", size)
        shape = {"width": 640, "height": 360, "duration": 5, "mime_type": "video/mp4"}
        return self._private(user, video={**_about(stored), **shape})

    @in_its_loop
    def document(
        self,
        user: int,
        content: bytes | str = PDF,
        name: str = "保单.pdf",
        mime: str = "application/pdf",
        size: int | None = None,
        caption: str | None = None,
    ) -> int:
        """A file."""
        stored = self.record.file(_bytes(content), "documents", name.rpartition(".")[2], size)
        about = {**_about(stored), "file_name": name, "mime_type": mime}
        return self._private(user, document=about, **_caption(caption))

    @in_its_loop
    def sticker(self, user: int) -> int:
        """A sticker."""
        stored = self.record.file(b"RIFF", "stickers", "webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._private(user, sticker={**_about(stored), **shape})

    @in_its_loop
    def contact(self, user: int, phone: str = "13800138000", own: bool = True) -> int:
        """A phone number: the customer's own (user_id is the sender's), or somebody else's passed on."""
        owner = {"user_id": user if own else user + 1}
        return self._private(user, contact={"phone_number": phone, "first_name": f"顾客{user}", **owner})

    @in_its_loop
    def location(self, user: int, latitude: float = 31.2304, longitude: float = 121.4737) -> int:
        """A place."""
        return self._private(user, location={"latitude": latitude, "longitude": longitude})

    @in_its_loop
    def edited(self, user: int, text: str, message_id: int | None = None) -> int:
        """The customer changes a message (the last one in the private chat unless named). LookupError if none."""
        if message_id is None:
            message_id = self.record.last_of.get(user, 0)
        message = self.record.messages.get((user, message_id))
        if message is None:
            raise LookupError(f"no message {message_id} of customer {user}")
        changed = {**message, "text": text, "edit_date": int(time.time())}
        self.record.messages[user, message_id] = changed
        return self.queue.push("edited_message", changed, user)

    @in_its_loop
    def blocked(self, user: int) -> int:
        """The customer blocks the bot: update my_chat_member, and 403 for what is sent to this chat."""
        self.record.blocked.add(user)
        return self._membership(user, "member", "kicked")

    @in_its_loop
    def unblocked(self, user: int) -> int:
        """The customer lets the bot write again."""
        self.record.blocked.discard(user)
        return self._membership(user, "kicked", "member")

    @in_its_loop
    def group_text(self, chat_id: int, user: int, text: str, reply_to: int | None = None, title: str = "一个群") -> int:
        """A text in a group (negative id), which the bot is in from then on; the user may be unknown in private."""
        sender = self._somebody(user)
        message = self.record.message(sender, self.record.group(chat_id, title), **self._texts(chat_id, text, reply_to))
        return self.queue.push("message", message, chat_id)

    @in_its_loop
    def group_photo(self, chat_id: int, user: int, caption: str | None = None, reply_to: int | None = None) -> int:
        """A photo in a group."""
        content = {"photo": self._sizes(JPEG, None), **_caption(caption)}
        if reply_to is not None:
            content["reply_to_message"] = self.record.messages[chat_id, reply_to]
        message = self.record.message(self._somebody(user), self.record.group(chat_id), **content)
        return self.queue.push("message", message, chat_id)

    @in_its_loop
    def group_edited(self, chat_id: int, text: str, message_id: int) -> int:
        """Somebody changes a message of theirs in a group."""
        changed = {**self.record.messages[chat_id, message_id], "text": text, "edit_date": int(time.time())}
        self.record.messages[chat_id, message_id] = changed
        return self.queue.push("edited_message", changed, chat_id)

    @in_its_loop
    def added_to_group(self, chat_id: int, user: int, title: str = "一个群") -> int:
        """Somebody adds the bot to a group."""
        self.record.group(chat_id, title)
        self.record.blocked.discard(chat_id)
        return self._membership(user, "left", "member", chat_id)

    @in_its_loop
    def raw(self, kind: str, content: Any, lane: int = 0, update_id: int | None = None) -> int:
        """Any update, for example one with an id that was used before."""
        return self.queue.push(kind, content, lane, update_id)

    @in_its_loop
    def unreadable(self) -> int:
        """An update python-telegram-bot cannot parse: a message without chat and date."""
        return self.queue.push("message", {"message_id": "?"}, 0)

    @in_its_loop
    def push(self, updates: list[list[Any]]) -> list[Any]:
        """Many at once: `[["text", 1, "你好"], ["tap", 1]]`; gives what each of them gives."""
        return [getattr(self, name)(*given) for name, *given in updates if name in PUSHED]

    def _private(self, user: int, **content: Any) -> int:
        sender = self.record.meet(user)
        message = self.record.message(sender, self.record.chats[user], **content)
        self.record.last_of[user] = message["message_id"]
        return self.queue.push("message", message, user)

    def _somebody(self, user: int) -> JsonObject:
        known = user in self.record.chats
        sender = self.record.meet(user)
        if not known:
            del self.record.chats[user]
        return sender

    def _texts(self, chat_id: int, text: str, reply_to: int | None) -> JsonObject:
        content: JsonObject = {"text": text}
        if text.startswith("/") or "http" in text:
            content["entities"] = _entities(text)
        if reply_to is not None:
            content["reply_to_message"] = self.record.messages[chat_id, reply_to]
        return content

    def _query(self, user: int, chat_id: int, message_id: int, data: str) -> int:
        query_id = f"43{next(self._numbers):016d}"
        self.record.queries[query_id] = time.monotonic()
        sender = self._somebody(user) if chat_id != user else self.record.meet(user)
        message = self.record.messages[chat_id, message_id]
        content = {"id": query_id, "from": sender, "message": message, "chat_instance": "1", "data": data}
        return self.queue.push("callback_query", content, chat_id)

    def _membership(self, user: int, before: str, after: str, chat_id: int | None = None) -> int:
        sender = self.record.meet(user) if chat_id is None else self._somebody(user)
        old, new = ({"user": self.record.bot, "status": status} for status in (before, after))
        for member in (old, new):
            if member["status"] == "kicked":
                member["until_date"] = 0
        content = {"chat": self.record.chats[chat_id or user], "from": sender, "date": int(time.time())}
        return self.queue.push(
            "my_chat_member", {**content, "old_chat_member": old, "new_chat_member": new}, chat_id or user
        )

    def _last_with_buttons(self, chat_id: int) -> int | None:
        numbers = (sent.message_id for sent in reversed(self.record.by_chat.get(chat_id, [])))
        return next((one for one in numbers if buttons_of(self.record.keyboards.get((chat_id, one)))), None)

    def _sizes(self, content: bytes | str, size: int | None) -> list[JsonObject]:
        small = self.record.file(_bytes(content)[:8], "thumbnails", "jpg")
        large = self.record.file(_bytes(content), "photos", "jpg", size)
        return [{**_about(small), "width": 90, "height": 60}, {**_about(large), "width": 1280, "height": 853}]


PUSHED = frozenset(
    "text start tap callback photo album voice video document sticker contact location edited blocked unblocked "
    "group_text group_photo group_edited added_to_group raw unreadable meet".split()
)


def _bytes(content: bytes | str) -> bytes:
    return base64.b64decode(content) if isinstance(content, str) else content


def _caption(caption: str | None) -> JsonObject:
    return {} if caption is None else {"caption": caption}


def _about(stored: StoredFile) -> JsonObject:
    return {"file_id": stored.file_id, "file_unique_id": f"u{stored.file_id[-8:]}", "file_size": stored.size}


def _entities(text: str) -> list[JsonObject]:
    found = [("bot_command", match) for match in _COMMAND.finditer(text)]
    found += [("url", match) for match in _LINK.finditer(text)]
    return [
        {"type": kind, "offset": utf16_units(text[: match.start()]), "length": utf16_units(match[0])}
        for kind, match in found
    ]
