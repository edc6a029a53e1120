"""People at the desk in a real browser: one is added, signs in, chooses a password, goes away for a while."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser.desk.conftest import PHONE, SignedIn
from tests.running import Served

OWN = "my-very-own-word"


def test_an_administrator_adds_somebody_who_then_works_there(
    served: Served, browser: Browser, signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    signed_in("adviser")
    signed_in("supervisor")
    page = signed_in("administrator")
    page.goto("/desk/staff")
    page.get_by_label("姓名（客户会看到）").fill("小方")
    page.get_by_label("登录名").fill("xiaofang")
    page.get_by_label("小组（可不填）").fill("前台")
    page.get_by_label("初始密码").fill("first-password-1")
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_text("首次登录时会要求改密码")).to_be_visible()
    screenshot(page, "staff")
    page.get_by_role("link", name="小方").click()
    expect(page.get_by_role("heading", name="小方")).to_be_visible()
    screenshot(page, "staff-agent")
    _first_day(served, browser, screenshot)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_text("已停用并退出登录")).to_be_visible()


def _first_day(served: Served, browser: Browser, screenshot: Callable[[Page, str], None]) -> None:
    context = browser.new_context(viewport=PHONE, base_url=served.url, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/desk/sign-in")
    page.locator("input[name=login]").fill("xiaofang")
    page.locator("input[name=password]").fill("first-password-1")
    page.locator("form button").first.click()
    expect(page.get_by_text("请先改成自己的密码")).to_be_visible()
    page.get_by_label("原密码").fill("first-password-1")
    page.get_by_label("新密码", exact=False).nth(0).fill(OWN)
    page.get_by_label("再输入一遍新密码").fill(OWN)
    page.get_by_role("button", name="更新密码").click()
    expect(page.get_by_text("密码已更新")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="暂时离开").click()
    expect(page.get_by_role("button", name="回到岗位")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="My settings")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="中文").click()
    screenshot(page, "profile")
    context.close()
