"""How the fake WeChat checks what it is given: messages and menus."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any


def message_refusal(message: dict[str, Any], text_bytes: int, media: Collection[str]) -> int:
    """The errcode for the content of a customer-service message; 0 when it is sound."""
    kind = message.get("msgtype")
    check = _MESSAGES.get(kind) if isinstance(kind, str) else None
    if check is None:
        return 40008
    content = message.get(str(kind))
    return check(content, text_bytes, media) if isinstance(content, dict) else 44004


def _text(content: dict[str, Any], text_bytes: int, media: Collection[str]) -> int:
    return _sized([content.get("content")], text_bytes)


def _menu_message(content: dict[str, Any], text_bytes: int, media: Collection[str]) -> int:
    entries = content.get("list")
    if not isinstance(entries, list) or not entries:
        return 44004
    texts: list[Any] = [content[name] for name in ("head_content", "tail_content") if content.get(name)]
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not entry["id"]:
            return 40035
        texts.append(entry.get("content"))
    return _sized(texts, text_bytes)


def _image(content: dict[str, Any], text_bytes: int, media: Collection[str]) -> int:
    return 0 if content.get("media_id") in media else 40007


def _sized(texts: list[Any], text_bytes: int) -> int:
    if not all(isinstance(text, str) and text for text in texts):
        return 44004
    return 45002 if sum(len(text.encode()) for text in texts) > text_bytes else 0


_MESSAGES: dict[str, Callable[[dict[str, Any], int, Collection[str]], int]] = {
    "text": _text,
    "msgmenu": _menu_message,
    "image": _image,
}

_KEYED = "click scancode_push scancode_waitmsg pic_sysphoto pic_photo_or_album pic_weixin location_select".split()


def menu_refusal(menu: dict[str, Any]) -> int:
    """The errcode for a custom menu; 0 when it is sound."""
    buttons = menu.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        return 40016
    return next((code for button in buttons if (code := _button_refusal(button, 16))), 0)


def _button_refusal(button: Any, name_bytes: int) -> int:
    if not isinstance(button, dict) or not isinstance(button.get("name"), str):
        return 40018
    if not 1 <= len(button["name"].encode()) <= name_bytes:
        return 40018 if name_bytes == 16 else 40025
    below = button.get("sub_button")
    if below:
        if name_bytes != 16 or not isinstance(below, list) or len(below) > 5:
            return 40023
        return next((code for entry in below if (code := _button_refusal(entry, 60))), 0)
    if button.get("type") in _KEYED:
        return 0 if 1 <= len(str(button.get("key") or "").encode()) <= 128 else 40019
    if button.get("type") == "view":
        return 0 if str(button.get("url") or "").startswith(("http://", "https://")) else 40020
    return 40017
