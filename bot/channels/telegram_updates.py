"""What an update of Telegram means for us; pure, and calm about anything that does not look as it should."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.business.conversations import Incoming, MediaRef
from bot.business.phones import normalise_phone
from bot.messages.cleaning import cleaned

CHANNEL = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
GREET, EXPLAIN = "/greet", "/ask_bot_identity"

Json = Mapping[str, Any]

_COMMAND = re.compile(r"/(start|help)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_ANY_COMMAND = re.compile(r"/\w+(?:@(\w+))?(?:\s|$)")
_BUTTON = re.compile(r"(\d{1,18}):(\d{1,3})")
_LONGEST_SOURCE = 64
_BESIDE_CONTENT = frozenset(
    "message_id message_thread_id from sender_chat sender_boost_count sender_business_bot sender_tag date chat "
    "business_connection_id forward_origin is_topic_message is_automatic_forward reply_to_message external_reply quote "
    "reply_to_story reply_to_checklist_task_id via_bot edit_date has_protected_content is_from_offline "
    "is_paid_post media_group_id author_signature paid_star_count entities caption_entities link_preview_options "
    "show_caption_above_media has_media_spoiler effect_id reply_markup".split()
)
# Notices of Telegram's own, which nobody has said.
_NOTICES = frozenset(
    "new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo pinned_message "
    "message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id write_access_allowed users_shared "
    "chat_shared connected_website proximity_alert_triggered boost_added chat_background_set video_chat_started "
    "video_chat_ended video_chat_scheduled video_chat_participants_invited web_app_data refunded_payment".split()
)


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


Act = Incoming | Tap | Edit | Membership | InGroup | None


@dataclass(frozen=True)
class Reader:
    """What a reader of updates knows: the bot's own name, the agents' group, the largest file that can be fetched."""

    username: str | None = None
    agent_chat_id: int | None = None
    file_bytes: int = 20_000_000

    def read(self, update: Json) -> Act:
        """What somebody did; None for what is not for us."""
        chat = chat_of(update)
        number = _whole(chat, "id")
        if number is None or number == self.agent_chat_id:
            return None
        if chat.get("type") != "private":
            return self._in_group(update, number) if chat.get("type") in ("group", "supergroup") else None
        user = str(number)
        if message := _part(update, "message"):
            return None if _part(message, "from").get("is_bot") else self._message(message, user)
        if query := _part(update, "callback_query"):
            return _tap(query)
        if edited := _part(update, "edited_message"):
            text = _words(edited, "text") or _words(edited, "caption")
            return Edit(user, _platform_id(edited), text) if text else None
        status = _part(_part(update, "my_chat_member"), "new_chat_member").get("status")
        return Membership(user, status == "kicked") if status in ("kicked", "member") else None

    def _in_group(self, update: Json, number: int) -> InGroup | None:
        member = _part(update, "my_chat_member")
        after, before = (_part(member, name).get("status") for name in ("new_chat_member", "old_chat_member"))
        added = after in ("member", "administrator") and before in ("left", "kicked")
        command = _ANY_COMMAND.match(_words(_part(update, "message"), "text"))
        addressed = command is not None and command[1] in (None, self.username)
        return InGroup(number) if added or addressed else None

    def _message(self, message: Json, user: str) -> Incoming | None:
        if _whole(message, "message_id") is None:
            return None
        content = self._content(message)
        if content is None:
            return None
        group = _words(message, "media_group_id") or None
        return Incoming(CHANNEL, user, platform_id=_platform_id(message), group=group, **content)

    def _content(self, message: Json) -> dict[str, Any] | None:
        """The fields of the Incoming that the content gives; None for notices that nobody has said."""
        if "text" in message:
            return _text(_words(message, "text"))
        if "contact" in message:
            return _contact(_part(message, "contact"), _part(message, "from"))
        if "location" in message:
            return _place(_part(message, "location"), _part(message, "venue"))
        media = self._media(message)
        if media is not None:
            return {"text": _words(message, "caption"), "kind": media.kind, "media": media}
        kinds = sorted(set(message) - _BESIDE_CONTENT)
        if not kinds or _NOTICES.intersection(kinds):
            return None
        shown = _words(_part(message, "sticker"), "emoji") or _words(message, "caption")
        return {"text": shown, "kind": "unknown", "details": {"type": cleaned(kinds[0])[:40]}}

    def _media(self, message: Json) -> MediaRef | None:
        sizes = message.get("photo")
        if isinstance(sizes, list):
            return _file("image", self._largest([size for size in sizes if isinstance(size, dict)]), "image/jpeg")
        for name, kind in _FILES.items():
            if _part(message, name):
                return _file(kind, _part(message, name))
        return None

    def _largest(self, sizes: list[Json]) -> Json:
        """The largest that can be fetched."""
        fitting = [size for size in sizes if (_whole(size, "file_size") or 0) <= self.file_bytes] or sizes[:1]
        return max(fitting, key=lambda size: (_whole(size, "width") or 0) * (_whole(size, "height") or 0), default={})


# Telegram sends an animation as a document, too; the more exact name comes first.
_FILES = {
    "voice": "voice",
    "audio": "voice",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "document": "document",
}


def update_id_of(update: object) -> int:
    """The update's number; -1 for what is no update."""
    number = _whole(update, "update_id") if isinstance(update, dict) else None
    return -1 if number is None else number


def chat_of(update: Json) -> Json:
    """The chat in which something happened; {} if none is named."""
    query = _part(update, "callback_query")
    if query:
        return _part(_part(query, "message"), "chat")
    return next((chat for kind in KINDS if (chat := _part(_part(update, kind), "chat"))), {})


def lane_of(update: Json) -> int:
    """Updates of one lane are stored in their order."""
    return _whole(chat_of(update), "id") or 0


def _tap(query: Json) -> Tap | None:
    query_id, user = _words(query, "id"), _whole(_part(query, "from"), "id")
    if not query_id or user is None:
        return None
    ours = _BUTTON.fullmatch(_words(query, "data"))
    return Tap(query_id, str(user), int(ours[1]) if ours else None, int(ours[2]) if ours else 0)


def _text(text: str) -> dict[str, Any]:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return {"text": text}
    if command[1] == "help":
        return {"text": text, "kind": "menu", "command": EXPLAIN}
    source = (command[2] or "").strip()[:_LONGEST_SOURCE] or None
    return {"text": text, "kind": "start", "command": GREET, "source": source}


def _contact(contact: Json, sender: Json) -> dict[str, Any]:
    """Only the sender's own number is vouched for: anybody can pass on anybody's contact."""
    written = _words(contact, "phone_number")
    number = normalise_phone(written) or written
    owner = _whole(contact, "user_id")
    own = owner is not None and owner == _whole(sender, "id")
    return {
        "text": number,
        "kind": "contact",
        "details": {"phone": number, "own": own},
        "phone": number if own and number else None,
    }


def _place(location: Json, venue: Json) -> dict[str, Any]:
    lat, lon = (location.get(name) for name in ("latitude", "longitude"))
    label = " ".join(filter(None, (_words(venue, "title"), _words(venue, "address"))))
    details = {"lat": lat, "lon": lon, "label": label or None}
    known = all(isinstance(degrees, int | float) and abs(degrees) <= 180 for degrees in (lat, lon))
    shown = label or (f"{lat},{lon}" if known else "")
    return {"text": shown, "kind": "location", "details": details if known else None}


def _file(kind: str, file: Json, mime: str | None = None) -> MediaRef | None:
    file_id = _words(file, "file_id")
    if not file_id:
        return None
    return MediaRef(
        kind=kind,
        platform_file=file_id,
        mime=_words(file, "mime_type") or mime,
        size=_whole(file, "file_size"),
        name=_words(file, "file_name")[:200] or None,
    )


def _platform_id(message: Json) -> str:
    return f"m{_whole(message, 'message_id')}"


def _part(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _words(value: Json, name: str) -> str:
    found = value.get(name)
    return cleaned(found) if isinstance(found, str) else ""


def _whole(value: Json, name: str) -> int | None:
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
