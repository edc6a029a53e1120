"""A browser tells its agent of what waits: notification, sound, title; the bell mutes and is remembered."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bot.services import handoffs
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, SignedIn, in_store
from tests.messages.fakes import NOON
from tests.running import Served

# Headless Chromium shows no notifications and has no loudspeaker: what would be shown and played is written down.
LISTEN = """
window.shown = []; window.tones = 0; window.asked = 0; window.mayShow = "default";
window.Notification = class { constructor(title, more) { window.shown.push({title, ...more}); } close() {}
  static get permission() { return window.mayShow; }
  static async requestPermission() { window.asked += 1; window.mayShow = "granted"; return "granted"; } };
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
"""


def asks_for_a_person(served: Served, user: str, urgency: str = "normal") -> None:
    async def ask(store: Store) -> None:
        async with store.transaction() as uow:
            await handoffs.request_handoff(uow, NOON, channel="web", user=user, reason="wants_person", urgency=urgency)

    in_store(served, ask)


def desk(signed_in: SignedIn, **options: Any) -> Page:
    page = signed_in("adviser", **options)
    page.add_init_script(LISTEN)
    page.goto("/desk/queue")
    page.wait_for_timeout(500)
    return page


def becomes_true(page: Page, expression: str) -> None:
    """Wait until it is so; the desk's pages let nothing be evaluated within them."""
    until = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < until, expression
        page.wait_for_timeout(50)


def look_elsewhere(page: Page) -> None:
    page.evaluate("document.hasFocus = () => false")


def test_bell_asks_for_permission_then_notifies_sounds_and_can_be_muted(
    served: Served, signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    page = desk(signed_in)
    bell = page.locator("#bell")
    expect(bell).to_have_attribute("data-state", "asks")
    bell.click()
    expect(bell).to_have_attribute("data-state", "on")
    assert page.evaluate("window.asked") == 1
    tried = page.evaluate("window.tones")
    assert tried > 0
    look_elsewhere(page)
    asks_for_a_person(served, "u1", "danger")
    becomes_true(page, "window.shown.length === 1")
    assert page.evaluate("window.shown[0].title") == "顾客在等人工"
    assert page.evaluate("window.tones") == tried + 4
    assert page.title().startswith("(1) ")
    bell.click()
    expect(bell).to_have_attribute("data-state", "muted")
    asks_for_a_person(served, "u2")
    becomes_true(page, "document.title.startsWith('(2) ')")
    assert page.evaluate("[window.shown.length, window.tones]") == [1, tried + 4]
    page.reload()
    expect(bell).to_have_attribute("data-state", "muted")
    screenshot(page, "bell")


def test_two_pages_of_one_browser_tell_it_once(served: Served, signed_in: SignedIn) -> None:
    first = desk(signed_in)
    first.locator("#bell").click()
    second = first.context.new_page()
    second.add_init_script(LISTEN.replace('"default"', '"granted"'))
    second.goto("/desk/queue")
    second.wait_for_timeout(500)
    for page in (first, second):
        look_elsewhere(page)
    asks_for_a_person(served, "u1")
    for page in (first, second):
        becomes_true(page, "document.title.startsWith('(1) ')")
    assert first.evaluate("window.shown.length") + second.evaluate("window.shown.length") == 1


def test_bell_speaks_english_and_fits_a_phone(served: Served, signed_in: SignedIn) -> None:
    page = desk(signed_in, size=PHONE, language="en")
    bell = page.locator("#bell")
    expect(bell).to_have_attribute("aria-label", "Allow desktop alerts")
    bell.click()
    look_elsewhere(page)
    asks_for_a_person(served, "u1", "complaint")
    becomes_true(page, "window.shown.length === 1")
    assert page.evaluate("window.shown[0].title") == "A customer waits for a person"
    box = bell.bounding_box()
    assert box is not None
    assert box["width"] >= 40
    assert box["x"] + box["width"] <= 390
