"""Agents in a real browser, signed in by role, and screenshots of what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bot.store.engine import Store
from tests.desk.desks import agent_with, session_for
from tests.messages.fakes import NOON
from tests.running import Served

SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}

SignedIn = Callable[..., Page]


def in_store(served: Served, act: Callable[[Store], Any]) -> Any:
    """What `act` (an async function of the store) gives, run beside the serving bot."""

    async def run() -> Any:
        store = Store(served.settings.database_url)
        await store.start()
        try:
            return await act(store)
        finally:
            await store.close()

    # Playwright keeps a loop running in this thread.
    import threading

    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(asyncio.run(run())))
    thread.start()
    thread.join()
    return result[0]


@pytest.fixture
def signed_in(browser: Browser, served: Served) -> Iterator[SignedIn]:
    """signed_in("adviser", name="小林", size=PHONE, language="zh") -> a page of a signed-in agent, at /desk."""
    contexts: list[BrowserContext] = []

    def open_page(role: str = "adviser", name: str | None = None, size: Any = None, language: str = "zh") -> Page:
        async def enter(store: Store) -> tuple[str, str]:
            agent = await agent_with(store, NOON, role, name)
            async with store.transaction() as uow:
                await uow.agents.change(agent.id, NOON, language=language)
            return await session_for(store, NOON, agent)

        token, _ = in_store(served, enter)
        context = browser.new_context(viewport=size or WIDE, base_url=served.url, locale="zh-CN")
        context.add_cookies([{"name": "desk", "value": token, "url": f"{served.url}/desk"}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/desk")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """screenshot(page, "workshop") keeps what the page shows in build/screenshots, in both widths."""

    def keep(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.wait_for_timeout(150)
            page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png")
        if before:
            page.set_viewport_size(before)

    return keep
