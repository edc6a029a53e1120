"""Photographs as phones make them: made small in the browser, upright, without the place they were taken."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bot.store.engine import Store
from tests.browser.desk.conftest import SignedIn, in_store
from tests.browser.desk.talks import agents_words, waits
from tests.messages.fakes import EchoEngine
from tests.pictures import png
from tests.running import Served, served_bot, settings_for

_MOST, _LONGEST = 2_500_000, 2048
_ORIENTATION, _PLACE, _ON_ITS_SIDE = 0x0112, 0x8825, 6


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    """A bot that takes pictures of 2.5 MB."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    settings = settings_for(f"sqlite:///{tmp_path}/bot.db", BOT_DEMO="0", BOT_MEDIA_BYTES=str(_MOST))
    with served_bot(settings, EchoEngine()) as running:
        yield running


def photograph() -> bytes:
    """A noisy picture of 3000 x 1500 with a blue band along its top, whose camera was held on its side."""
    shown = Image.frombytes("RGB", (3000, 1500), random.Random(7).randbytes(3000 * 1500 * 3))
    shown.paste((0, 0, 255), (0, 0, 3000, 300))
    exif = Image.Exif()
    exif[_ORIENTATION] = _ON_ITS_SIDE
    exif.get_ifd(_PLACE)[1] = "N"
    kept = BytesIO()
    shown.save(kept, "JPEG", quality=92, exif=exif)
    assert len(kept.getvalue()) > _MOST
    return kept.getvalue()


def choose(page: Page, name: str, mime: str, content: bytes) -> None:
    page.set_input_files("#picture", {"name": name, "mimeType": mime, "buffer": content})


def sent(served: Served) -> list[bytes]:
    """The pictures as they were stored."""

    async def read(store: Store) -> list[bytes]:
        async with store.reading() as uow:
            rows = await uow.connection.exec_driver_sql("SELECT content FROM media ORDER BY id")
            return [bytes(row.content) for row in rows]

    found: list[bytes] = in_store(served, read)
    return found


def test_a_large_photograph_goes_out_small_upright_and_without_its_place(served: Served, signed_in: SignedIn) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    choose(page, "IMG_0001.JPG", "image/jpeg", photograph())
    page.get_by_label("写给客户的话").fill("左前刹车片")
    page.locator("#send").click()  # also while it is still being made small
    expect(page.locator(".message.agent .bubble img")).to_be_visible()
    (stored,) = sent(served)
    assert len(stored) < _MOST
    shown = Image.open(BytesIO(stored))
    assert (shown.format, shown.size) == ("JPEG", (_LONGEST // 2, _LONGEST))
    assert not shown.getexif()
    red, green, blue = shown.convert("RGB").getpixel((shown.width - 20, shown.height // 2))
    assert blue > 200 > 60 > max(red, green)
    assert [(each.text, each.kind) for each in agents_words(served, key)] == [("左前刹车片", "image")]


def test_a_picture_that_is_small_goes_out_as_it_is(served: Served, signed_in: SignedIn) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    choose(page, "pad.png", "image/png", png())
    page.locator("#send").click()
    expect(page.locator(".message.agent .bubble img")).to_be_visible()
    assert sent(served) == [png()]


def test_what_is_large_and_cannot_be_drawn_is_refused_and_the_words_wait(served: Served, signed_in: SignedIn) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    words = page.get_by_label("写给客户的话")
    words.fill("请看")
    choose(page, "a.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(_MOST))
    expect(page.locator("#composer-trouble")).to_contain_text("请换一张 2.5 MB 以内的图片")
    expect(page.locator("#picture-chosen")).to_be_hidden()
    expect(words).to_have_value("请看")
    assert agents_words(served, key) == []
