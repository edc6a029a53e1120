"""What an agent may send as a picture is read from the file, not from its name."""

from __future__ import annotations

import pytest

from bot.business.pictures import JPEG, PNG, kind_of, largest_picture, picture_for
from bot.business.pictures import WEBP as WEBP_KIND
from bot.business.refusals import InvalidValue, PictureTooLarge
from tests.pictures import WEBP, png

KEPT = 10_000_000


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0 and more", JPEG),
        (png(), PNG),
        (WEBP, WEBP_KIND),
        (b"<svg onload=alert(1)>", None),
        (b"GIF89a", None),
        (b"%PDF-1.7", None),
        (b"", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
    ],
)
def test_the_first_bytes_tell_the_kind(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind


def test_a_picture_keeps_nothing_of_its_name() -> None:
    picture = picture_for("web", png(), KEPT)
    assert (picture.mime, picture.name) == (PNG, "picture.png")
    assert "content" not in repr(picture)


def test_the_dealers_limit_counts_and_the_platforms_too() -> None:
    assert largest_picture("web", 50_000_000) == 50_000_000
    assert largest_picture("telegram", 50_000_000) == largest_picture("wechat", 50_000_000) == 10_000_000
    assert largest_picture("wechat", 200_000) == 200_000
    with pytest.raises(PictureTooLarge) as refused:
        picture_for("web", png() + bytes(2_500_000), 2_500_000)
    assert refused.value.megabytes == "2.5"


@pytest.mark.parametrize(
    ("channel", "content", "reason"),
    [("web", b"", "empty"), ("web", b"words", "wrong_kind"), ("wechat", WEBP, "not_shown_there")],
)
def test_what_is_no_picture_there_is_refused_with_the_reason(channel: str, content: bytes, reason: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        picture_for(channel, content, KEPT)
    assert (refused.value.field, refused.value.reason) == ("picture", reason)
