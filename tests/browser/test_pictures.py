"""A picture on its way from the desk to the visitor of the web chat, in two real browsers."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.store.engine import Store
from tests.browser.desk.conftest import in_store
from tests.desk.desks import agent_with, session_for
from tests.messages.fakes import NOON
from tests.pictures import png
from tests.running import Served

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def at_the_desk(browser: Browser, served: Served) -> BrowserContext:
    """An adviser who is signed in."""

    async def enter(store: Store) -> str:
        token, _ = await session_for(store, NOON, await agent_with(store, NOON, "adviser"))
        return token

    context = browser.new_context(base_url=served.url, locale="zh-CN")
    context.add_cookies([{"name": "desk", "value": in_store(served, enter), "url": f"{served.url}/desk"}])
    return context


def test_the_visitor_sees_the_picture_that_an_agent_has_pasted(browser: Browser, served: Served, page: Page) -> None:
    page.get_by_role("textbox").fill("我的刹车片怎么样了")
    page.keyboard.press("Enter")
    expect(page.locator(".message.customer")).to_contain_text("刹车片")
    context = at_the_desk(browser, served)
    desk = context.new_page()
    desk.goto("/desk/conversations/1")
    paste(desk, png())
    expect(desk.locator("#picture-chosen img")).to_be_visible()
    desk.get_by_label("写给客户的话").fill("左前刹车片只剩 2 毫米，建议更换。")
    desk.keyboard.press("Enter")
    expect(desk.locator(".message.agent img")).to_be_visible()
    shown = page.locator(".message.agent .picture img")
    expect(shown).to_be_visible()
    page.wait_for_function("document.querySelector('.message.agent img').naturalWidth === 320")
    expect(page.locator(".message.agent")).to_contain_text("只剩 2 毫米")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "picture-web-chat-390.png")
    page.reload()
    expect(page.locator(".message.agent .picture img")).to_be_visible()
    drop(desk, png(colour=(60, 120, 200)))
    expect(desk.locator("#picture-chosen img")).to_be_visible()
    desk.locator("#send").click()
    expect(page.locator(".message.agent .picture img")).to_have_count(2)
    context.close()


def paste(page: Page, content: bytes) -> None:
    """As from the clipboard."""
    page.evaluate(f"{_FILE} document.getElementById('words').dispatchEvent(new ClipboardEvent('paste', "
                  "{ clipboardData: data, bubbles: true, cancelable: true })); }", list(content))  # fmt: skip


def drop(page: Page, content: bytes) -> None:
    """As dragged from a folder."""
    page.evaluate(f"{_FILE} document.getElementById('messages').dispatchEvent(new DragEvent('drop', "
                  "{ dataTransfer: data, bubbles: true, cancelable: true })); }", list(content))  # fmt: skip


_FILE = """(bytes) => { const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "found.png", { type: "image/png" }));"""
