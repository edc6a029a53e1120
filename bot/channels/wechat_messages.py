"""What a push of WeChat means: something a customer did, a farewell, or nothing to us; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wechatpy import parse_message

from bot.business.conversations import Incoming, MediaRef
from bot.channels.wechat_callback import Unusable
from bot.channels.wechat_menu import MENU

CHANNEL = "wechat"
# What the transcript shows for a scanned code.
SCANNED = "扫码"
_NAME = re.compile(r"[A-Za-z0-9_@.\-]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_MENU_ITEM = re.compile(r"([0-9]{1,18}):([0-9]{1,2})")
_LONGEST_KEY = 128


@dataclass(frozen=True)
class Push:
    """One push of `user` to `account`: what the customer did, or that they have left, or nothing to act on.

    `item` is the tapped choice of a message of ours (message id, place); `notice` is for the log.
    """

    user: str
    account: str
    incoming: Incoming | None = None
    item: tuple[int, int] | None = None
    left: bool = False
    notice: str | None = None


class _Fields:
    """The elements of a push; one that is missing, repeated or not plain text counts as empty."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def text(self, name: str) -> str:
        value = self._data.get(name)
        return value if isinstance(value, str) else ""

    def matching(self, name: str, form: re.Pattern[str]) -> str:
        """The element; raises Unusable when it is not of this form."""
        value = self.text(name)
        if not form.fullmatch(value):
            raise Unusable(f"{name} is missing or odd")
        return value

    def degrees(self, name: str, most: float) -> float | None:
        """A coordinate; None when it is none."""
        try:
            value = float(self.text(name))
        except ValueError:
            return None
        return value if math.isfinite(value) and abs(value) <= most else None


def read_push(xml: str) -> Push:
    """The push as values; raises Unusable."""
    message = _parsed(xml)
    fields = _Fields(message._data)
    user, account = fields.matching("FromUserName", _NAME), fields.matching("ToUserName", _NAME)
    kind = fields.text("MsgType").lower()
    if kind == "event" or kind.startswith("device_"):
        return _event(str(message.event if message.type == "event" else ""), fields, user, account)
    platform_id = "m" + fields.matching("MsgId", _NUMBER)
    draw = _MESSAGES.get(kind, _unknown)
    return draw(fields, Push(user, account, Incoming(CHANNEL, user, "", platform_id)))


def _parsed(xml: str) -> Any:
    try:
        message = parse_message(xml)
    except Exception as error:  # wechatpy lets through whatever its XML reader and missing elements raise
        raise Unusable(f"cannot be read ({type(error).__name__})") from None
    if message is None:
        raise Unusable("empty")
    return message


def _with(push: Push, **changes: Any) -> Push:
    """The push with what came in described further."""
    assert push.incoming is not None  # noqa: S101 - made by read_push
    return replace(push, incoming=replace(push.incoming, **changes))


def _text(fields: _Fields, push: Push) -> Push:
    """Words, or the tap on a choice of ours, which arrives as words with an id."""
    said = _with(push, text=fields.text("Content"))
    tapped = fields.text("bizmsgmenuid")
    if not tapped:
        return said
    item = _MENU_ITEM.fullmatch(tapped)
    return replace(_with(said, act="tap"), item=(int(item[1]), int(item[2])) if item else None)


def _voice(fields: _Fields, push: Push) -> Push:
    """Speech, as text where the account has speech recognition."""
    form = fields.text("Format").lower()
    mime = f"audio/{form}" if form in ("amr", "speex", "mp3") else None
    media = _media(fields, "voice", mime=mime)
    return _with(push, kind="voice", text=fields.text("Recognition"), media=media)


def _image(fields: _Fields, push: Push) -> Push:
    url = fields.text("PicUrl")
    address = url if url.startswith(("http://", "https://")) else None
    return _with(push, kind="image", media=_media(fields, "image", url=address))


def _video(fields: _Fields, push: Push) -> Push:
    return _with(push, kind="video", media=_media(fields, "video"))


def _media(fields: _Fields, kind: str, url: str | None = None, mime: str | None = None) -> MediaRef | None:
    name = fields.text("MediaId") or None
    return MediaRef(kind, name, url, mime) if name or url else None


def _location(fields: _Fields, push: Push) -> Push:
    label = fields.text("Label")
    lat, lon = fields.degrees("Location_X", 90), fields.degrees("Location_Y", 180)
    place = {"lat": lat, "lon": lon} if lat is not None and lon is not None else {}
    return _with(push, kind="location", text=label, details={**place, "label": label})


def _link(fields: _Fields, push: Push) -> Push:
    details = {"url": fields.text("Url"), "description": fields.text("Description")}
    return _with(push, kind="link", text=fields.text("Title"), details=details)


def _unknown(fields: _Fields, push: Push) -> Push:
    """A file, or a kind of message there was not when this was written."""
    details = {"type": fields.text("MsgType")[:_LONGEST_KEY]}
    return _with(push, kind="unknown", text=fields.text("Title"), details=details)


_MESSAGES: Mapping[str, Callable[[_Fields, Push], Push]] = {
    "text": _text,
    "voice": _voice,
    "image": _image,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}


def _event(name: str, fields: _Fields, user: str, account: str) -> Push:
    """Events carry no MsgId: time, name and key tell them apart."""
    key = fields.text("EventKey")
    at = fields.matching("CreateTime", _NUMBER)
    push = Push(user, account, Incoming(CHANNEL, user, "", f"e{at}{name}{key[:_LONGEST_KEY]}"))
    if name == "click":
        return _click(key, push)
    if name in ("subscribe", "subscribe_scan"):
        return _with(push, kind="follow", act="follow", source=_source(key) if name == "subscribe_scan" else None)
    if name == "scan":
        return _with(push, kind="start", act="scan", text=SCANNED, command="/greet", source=_source(key))
    if name == "unsubscribe":
        return Push(user, account, left=True)
    if name == "templatesendjobfinish" and fields.text("Status") != "success":
        refused = "user block" in fields.text("Status")
        return Push(user, account, notice="refused by the person" if refused else "failed")
    return Push(user, account)


def _click(key: str, push: Push) -> Push:
    entry = MENU.get(key)
    if entry is None:
        return _with(push, kind="unknown", act="menu_click", details={"key": key[:_LONGEST_KEY]})
    return _with(push, kind="menu", act="menu_click", text=entry.title, command=entry.command)


def _source(key: str) -> str | None:
    return key[:_LONGEST_KEY] or None
