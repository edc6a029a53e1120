"""The pictures of the documents; BOT_PICTURES=docs python -m pytest -m long <this file> draws them anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.desk.conftest import PHONE, SCREENSHOTS, SignedIn, in_store
from tests.browser.desk.shop_day import fill_day, fill_week
from tests.messages.fakes import EchoEngine
from tests.running import Served, served_bot, settings_for

FOLDER = Path(os.environ.get("BOT_PICTURES") or SCREENSHOTS)
LARGEST = 200_000

pytestmark = pytest.mark.long


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    """The demo dealership on a Friday at ten."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    with served_bot(settings_for(f"sqlite:///{tmp_path}/bot.db"), EchoEngine()) as running:
        yield running


def keep(page: Page, name: str, height: int | None = None) -> None:
    """The picture in the folder, small enough for a README."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(600)
    path = FOLDER / f"desk-{name}.png"
    shown = Image.open(BytesIO(page.screenshot())).convert("RGB")
    shown.crop((0, 0, shown.width, height or shown.height)).quantize(128).save(path, optimize=True)
    assert path.stat().st_size < LARGEST, f"{path.name} is larger than {LARGEST} bytes"


def test_pictures_of_a_day_at_the_desk(served: Served, signed_in: SignedIn) -> None:
    page = signed_in("adviser")
    key = in_store(served, fill_day)
    page.goto(f"/desk/conversations/{key}?show=all")
    expect(page.locator("#handoff-card")).to_be_visible()
    keep(page, "conversation")
    for place, shown in (
        ("workshop", ".order"),
        ("calendar", ".entry"),
        ("complaints", ".complaint-card"),
    ):
        page.goto(f"/desk/{place}")
        expect(page.locator(shown).first).to_be_visible()
        keep(page, place, 480 if place == "complaints" else None)
    phone = signed_in("adviser", size=PHONE)
    phone.goto(f"/desk/conversations/{key}")
    expect(phone.locator("#words")).to_be_visible()
    keep(phone, "phone")


def test_a_picture_of_the_report(served: Served, signed_in: SignedIn) -> None:
    in_store(served, fill_week)
    page = signed_in("manager")
    page.goto("/desk/report")
    expect(page.locator(".chart img").first).to_be_visible()
    keep(page, "report")
