"""Pictures that agents send to customers: what they may be, read from the file itself (SERVICE_STANDARD §6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.business.refusals import InvalidValue, PictureTooLarge

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
_MEGABYTE = 1_000_000
# What the platforms take of one picture, in bytes: Telegram's sendPhoto, WeChat's media/upload.
_LARGEST = {"telegram": 10 * _MEGABYTE, "wechat": 10 * _MEGABYTE}
# WeChat shows no WebP.
_KINDS = {"wechat": (JPEG, PNG)}
_ALL_KINDS = (JPEG, PNG, WEBP)
_ENDINGS = {JPEG: "jpg", PNG: "png", WEBP: "webp"}


@dataclass(frozen=True)
class Picture:
    """A picture and what it is, as a MIME type."""

    content: bytes = field(repr=False)
    mime: str

    @property
    def name(self) -> str:
        """A file name that says what it is and nothing else."""
        return f"picture.{_ENDINGS[self.mime]}"


def largest_picture(channel: str, kept: int) -> int:
    """The most bytes of a picture for this channel; `kept` is what the dealer keeps of any file."""
    return min(kept, _LARGEST.get(channel, kept))


def kinds_taken(channel: str) -> tuple[str, ...]:
    """The MIME types of pictures that the channel shows."""
    return _KINDS.get(channel, _ALL_KINDS)


def kind_of(content: bytes) -> str | None:
    """The MIME type that the file's first bytes tell; None for anything but JPEG, PNG and WebP."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def picture_for(channel: str, content: bytes, kept: int) -> Picture:
    """The file as a picture for this channel; raises PictureTooLarge, and InvalidValue for what is no picture there."""
    if not content:
        raise InvalidValue("picture", "empty")
    most = largest_picture(channel, kept)
    if len(content) > most:
        raise PictureTooLarge(most / _MEGABYTE)
    kind = kind_of(content)
    if kind is None:
        raise InvalidValue("picture", "wrong_kind")
    if kind not in kinds_taken(channel):
        raise InvalidValue("picture", "not_shown_there")
    return Picture(content, kind)
