"""A real headless Chromium and a bot that serves; both are needed, nothing is skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.messages.fakes import EchoEngine
from tests.running import Served, served_bot, settings_for

_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
PHONE = {"width": 390, "height": 780}


@pytest.fixture(scope="module")
def browser(sqlite_template: Path) -> Iterator[Browser]:
    """Playwright keeps an event loop running in this thread: whatever needs one of its own comes before and after."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("The browser tests need Chromium on the PATH (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        expect.set_options(timeout=12_000)  # several tests share few cores
        launched = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    settings = settings_for(f"sqlite:///{tmp_path}/bot.db", BOT_DEMO="0")
    with served_bot(settings, EchoEngine()) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    """A visitor with a phone and cookies of their own."""
    context = browser.new_context(viewport=PHONE, base_url=served.url, locale="zh-CN")  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    opened = visitor.new_page()
    opened.set_default_timeout(10_000)
    opened.goto("/")
    return opened
