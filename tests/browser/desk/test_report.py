"""The manager's page in a real browser: charts are drawn, files come down, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, TimeoutError, expect

from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, SignedIn, in_store
from tests.messages.fakes import NOON
from tests.running import Served
from tests.services.week import Week


def taken_away(page: Page, link: Locator) -> Download:
    """The file behind the link; a press that slips while the page still scrolls is made again, as people do."""

    def press() -> Download:
        with page.expect_download() as download:
            link.click()
        return download.value

    try:
        return press()
    except TimeoutError:
        return press()


async def a_week(store: Store) -> None:
    async with store.transaction() as uow:
        await Week(uow, NOON).fill()


def test_a_manager_sees_the_day_and_takes_files_away(
    served: Served, signed_in: SignedIn, screenshot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    in_store(served, a_week)
    page = signed_in("manager")
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    page.goto("/desk/report")
    expect(page.get_by_role("heading", name="报表")).to_be_visible()
    for picture in page.locator(".chart img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0
        assert picture.get_attribute("alt")
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, "report")
    examples = taken_away(page, page.get_by_role("link", name="下载训练样例"))
    assert examples.suggested_filename == "sentences-2026-11-20.yml"
    page.get_by_label("内容").select_option("handoffs")
    taken_away(page, page.get_by_role("button", name="导出 CSV")).save_as(tmp_path / "sheet.csv")
    assert (tmp_path / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    page.get_by_label("选择日期").fill("2026-11-19")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_role("link", name="回到今天")).to_be_visible()
    assert broken == []


def test_the_page_fits_a_phone(served: Served, signed_in: SignedIn) -> None:
    in_store(served, a_week)
    page = signed_in("supervisor", size=PHONE)
    page.goto("/desk/report")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
