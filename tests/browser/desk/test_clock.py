"""Clocks on the desk count down in the browser without loading anything."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from bot.services.handoffs import request_handoff
from bot.store.engine import Store
from tests.browser.desk.conftest import SignedIn, in_store
from tests.running import Served

# When the served bot's clock began (tests/running.py settings_for).
TEN = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def asks_in_danger(served: Served, user: str) -> int:
    async def ask(store: Store) -> int:
        async with store.transaction() as uow:
            await request_handoff(uow, TEN, channel="rest", user=user, reason="asked", urgency="danger")
            conversation = await uow.conversations.find("rest", user)
            assert conversation is not None
            return int(conversation.id)

    found: int = in_store(served, ask)
    return found


def test_a_clock_counts_down_warns_and_counts_on_when_late(served: Served, signed_in: SignedIn) -> None:
    key = asks_in_danger(served, "customer-1")
    page: Page = signed_in("adviser")
    page.clock.install()
    page.goto("/desk")
    clock = page.locator(f"#row-{key} time.clock")
    expect(clock).to_have_text(re.compile("还剩 (10|9) 分钟"))
    expect(clock).to_have_class("clock ok")
    page.clock.fast_forward("08:30")
    expect(clock).to_have_text(re.compile("还剩 [21] 分钟"))
    expect(clock).to_have_class("clock warn")
    page.clock.fast_forward("10:00")
    expect(clock).to_have_text(re.compile("已超时 [89] 分钟"))
    expect(clock).to_have_class("clock late")
    expect(page.locator(f"#row-{key} time[data-since]")).to_have_text(re.compile("1[89] 分钟"))


def test_the_clock_speaks_english_on_an_english_desk(served: Served, signed_in: SignedIn) -> None:
    key = asks_in_danger(served, "customer-1")
    page: Page = signed_in("adviser", language="en")
    expect(page.locator(f"#row-{key} time.clock")).to_have_text(re.compile("(10|9) min left"))
