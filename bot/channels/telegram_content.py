"""What a message of Telegram holds; pure, and calm about anything that does not look as it should."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.business.conversations import MediaRef
from bot.business.phones import normalise_phone
from bot.messages.cleaning import cleaned

GREET, EXPLAIN, LEAVE = "/greet", "/ask_bot_identity", "/abandon_task"
# The commands that Telegram's clients list, and the responses that say what each one does.
COMMANDS = {
    "start": "utter_command_start_button",
    "help": "utter_command_help_button",
    "cancel": "utter_command_cancel_button",
}

Json = Mapping[str, Any]

_COMMAND = re.compile(r"/(start|help|cancel)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_LONGEST_SOURCE = 64
_BESIDE_CONTENT = frozenset(
    "message_id message_thread_id from sender_chat sender_boost_count sender_business_bot sender_tag date chat "
    "business_connection_id forward_origin is_topic_message is_automatic_forward reply_to_message external_reply quote "
    "reply_to_story reply_to_checklist_task_id via_bot edit_date has_protected_content is_from_offline "
    "is_paid_post media_group_id author_signature paid_star_count entities caption_entities link_preview_options "
    "show_caption_above_media has_media_spoiler effect_id reply_markup".split()
)
# Telegram's numbers begin with the country: a Chinese mobile number has 86 in front, without it this one is American.
_AMERICAN = re.compile(r"\+?1[2-9]\d\d[2-9]\d{6}")
_NOT_IN_NUMBERS = re.compile(r"[^\d+]")
# Notices of Telegram's own, which nobody has said.
_NOTICES = frozenset(
    "new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo pinned_message "
    "message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id write_access_allowed users_shared "
    "chat_shared connected_website proximity_alert_triggered boost_added chat_background_set video_chat_started "
    "video_chat_ended video_chat_scheduled video_chat_participants_invited web_app_data refunded_payment".split()
)
# Telegram sends an animation as a document, too; the more exact name comes first.
_FILES = {
    "voice": "voice",
    "audio": "voice",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "document": "document",
}


def content_of(message: Json, file_bytes: int) -> dict[str, Any] | None:
    """The fields of the Incoming that the content gives; None for notices that nobody has said."""
    if "text" in message:
        return _text(words_of(message, "text"))
    if "contact" in message:
        return _contact(part_of(message, "contact"), part_of(message, "from"))
    if "location" in message:
        return _place(part_of(message, "location"), part_of(message, "venue"))
    media = _media(message, file_bytes)
    if media is not None:
        return {"text": words_of(message, "caption"), "kind": media.kind, "media": media}
    kinds = sorted(set(message) - _BESIDE_CONTENT)
    if not kinds or _NOTICES.intersection(kinds):
        return None
    shown = words_of(part_of(message, "sticker"), "emoji") or words_of(message, "caption")
    return {"text": shown, "kind": "unknown", "details": {"type": cleaned(kinds[0])[:40]}}


def _media(message: Json, file_bytes: int) -> MediaRef | None:
    sizes = message.get("photo")
    if isinstance(sizes, list):
        return _file("image", _largest([size for size in sizes if isinstance(size, dict)], file_bytes), "image/jpeg")
    for name, kind in _FILES.items():
        if part_of(message, name):
            return _file(kind, part_of(message, name))
    return None


def _largest(sizes: list[Json], file_bytes: int) -> Json:
    """The largest that can be fetched."""
    fitting = [size for size in sizes if (whole_of(size, "file_size") or 0) <= file_bytes] or sizes[:1]
    return max(fitting, key=lambda size: (whole_of(size, "width") or 0) * (whole_of(size, "height") or 0), default={})


def _text(text: str) -> dict[str, Any]:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return {"text": text}
    if command[1] in ("help", "cancel"):
        return {"text": text, "kind": "menu", "command": EXPLAIN if command[1] == "help" else LEAVE}
    source = (command[2] or "").strip()[:_LONGEST_SOURCE] or None
    return {"text": text, "kind": "start", "command": GREET, "source": source}


def _contact(contact: Json, sender: Json) -> dict[str, Any]:
    """Only the sender's own number is vouched for: anybody can pass on anybody's contact."""
    written = words_of(contact, "phone_number")
    number = normalise_phone(written) or written
    owner = whole_of(contact, "user_id")
    own = owner is not None and owner == whole_of(sender, "id")
    foreign = _AMERICAN.fullmatch(_NOT_IN_NUMBERS.sub("", written)) is not None
    return {
        "text": number,
        "kind": "contact",
        "details": {"phone": number, "own": own},
        "phone": number if own and number and not foreign else None,
    }


def _place(location: Json, venue: Json) -> dict[str, Any]:
    lat, lon = (location.get(name) for name in ("latitude", "longitude"))
    label = " ".join(filter(None, (words_of(venue, "title"), words_of(venue, "address"))))
    details = {"lat": lat, "lon": lon, "label": label or None}
    known = all(isinstance(degrees, int | float) and abs(degrees) <= 180 for degrees in (lat, lon))
    shown = label or (f"{lat},{lon}" if known else "")
    return {"text": shown, "kind": "location", "details": details if known else None}


def _file(kind: str, file: Json, mime: str | None = None) -> MediaRef | None:
    file_id = words_of(file, "file_id")
    if not file_id:
        return None
    return MediaRef(
        kind=kind,
        platform_file=file_id,
        mime=words_of(file, "mime_type") or mime,
        size=whole_of(file, "file_size"),
        name=words_of(file, "file_name")[:200] or None,
    )


def part_of(value: Json, name: str) -> Json:
    """The object of this name; {} for anything else."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def words_of(value: Json, name: str) -> str:
    """The text of this name without control characters; "" for anything else."""
    found = value.get(name)
    return cleaned(found) if isinstance(found, str) else ""


def whole_of(value: Json, name: str) -> int | None:
    """The whole number of this name; None for anything else."""
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
