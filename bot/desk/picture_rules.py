"""What the page tells about pictures before anything is uploaded."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api.context import Context
from bot.business.conversations import Conversation
from bot.business.pictures import JPEG, PNG, WEBP, kinds_taken, largest_picture

_MEGABYTE = 1_000_000
_NAMES = {JPEG: "JPG", PNG: "PNG", WEBP: "WebP"}


@dataclass(frozen=True)
class PictureRules:
    """The MIME types that are taken, and the most bytes."""

    kinds: tuple[str, ...]
    most: int

    @property
    def names(self) -> str:
        """The kinds as people call them."""
        return "、".join(_NAMES[kind] for kind in self.kinds)

    @property
    def megabytes(self) -> str:
        """The most, in megabytes."""
        return f"{self.most / _MEGABYTE:g}"


def takes_pictures(here: Context, conversation: Conversation) -> bool:
    """Whether pictures can be sent there: an account that may only answer in the callback has no way to."""
    wechat = here.settings.wechat
    return conversation.channel != "wechat" or wechat is None or wechat.reply != "passive"


def picture_rules(here: Context, conversation: Conversation) -> PictureRules | None:
    """What may be sent to this customer as a picture; None where none can."""
    if not takes_pictures(here, conversation):
        return None
    channel = conversation.channel
    return PictureRules(kinds_taken(channel), largest_picture(channel, here.settings.media_bytes))
