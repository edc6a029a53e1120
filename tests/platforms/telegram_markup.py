"""What the Bot API says to texts and keyboards that break its rules."""

from __future__ import annotations

import json
from typing import Any

from tests.platforms.telegram_record import ApiError, JsonObject

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_BYTES = 64
BUTTON_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay")
BUTTON_ACTIONS += ("switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game")


def check_text(text: Any, empty: str = "message text is empty") -> str:
    """The text, of 1 to 4096 UTF-16 units."""
    if text is None or not str(text).strip():
        raise ApiError(400, f"Bad Request: {empty}")
    text = str(text)
    if len(text) > TEXT_LIMIT // 2 and utf16_units(text) > TEXT_LIMIT:
        raise ApiError(400, "Bad Request: message is too long")
    return text


def check_caption(caption: Any) -> str | None:
    """The caption, of at most 1024 UTF-16 units."""
    if caption is not None and utf16_units(str(caption)) > CAPTION_LIMIT:
        raise ApiError(400, "Bad Request: message caption is too long")
    return None if caption is None else str(caption)


def utf16_units(text: str) -> int:
    """Telegram's length of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read_markup(given: Any, chat_id: int) -> JsonObject | None:
    """The keyboard of a reply_markup parameter (JSON text or object), checked."""
    if given in (None, ""):
        return None
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    if not isinstance(given, dict):
        raise ApiError(400, "Bad Request: can't parse reply keyboard markup JSON object")
    if "inline_keyboard" in given:
        for button in _buttons(given, "inline_keyboard", "InlineKeyboardMarkup"):
            _check_inline(button)
    elif "keyboard" in given:
        for button in _buttons(given, "keyboard", "ReplyKeyboardMarkup"):
            _check_key(button, chat_id)
    return given


def _buttons(markup: JsonObject, name: str, kind: str) -> list[Any]:
    rows = markup[name]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ApiError(400, f'Bad Request: field "{name}" of the {kind} must be an Array of Arrays')
    return [button for row in rows for button in row]


def _check_inline(button: Any) -> None:
    if not isinstance(button, dict):
        raise ApiError(400, "Bad Request: can't parse inline keyboard button: expected an Object")
    if not str(button.get("text", "")).strip():
        raise ApiError(400, "Bad Request: can't parse inline keyboard button: button text must be non-empty")
    if not any(action in button for action in BUTTON_ACTIONS):
        raise ApiError(
            400,
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_DATA_BYTES:
        raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")


def _check_key(button: Any, chat_id: int) -> None:
    if isinstance(button, str):
        return
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise ApiError(400, "Bad Request: can't parse keyboard button: button text must be non-empty")
    if button.get("request_contact") and chat_id < 0:
        raise ApiError(400, "Bad Request: phone number can be requested in private chats only")
    if button.get("request_location") and chat_id < 0:
        raise ApiError(400, "Bad Request: location can be requested in private chats only")
