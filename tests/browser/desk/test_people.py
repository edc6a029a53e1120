"""Customers, vehicles, merging, deleting and the audit log in a real browser."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.services.clock import clock_offset
from bot.services.complaints import file_complaint
from bot.services.demo import fill_demo
from bot.services.privacy import record_consent
from bot.store import tables
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, in_store
from tests.conftest import ZONE
from tests.running import Served


@pytest.fixture
def li(served: Served) -> int:
    """The demo dealership; Li writes by WeChat, has complained, and was entered a second time by the chat."""

    async def act(store: Store) -> int:
        async with store.transaction() as uow:
            now = (datetime.now(timezone.utc) + await clock_offset(uow)).astimezone(ZONE)
            await fill_demo(uow, now)
            found = await uow.customers.by_phone("13800138001")
            talk = await uow.conversations.ensure("wechat", "li-wx", now)
            await uow.conversations.bind_customer(talk.id, found.id)
            await uow.customers.bind(found.id, "wechat", "li-wx", now)
            by = {"channel": "wechat", "user": "li-wx", "customer_id": found.id}
            await file_complaint(uow, now, text="等了太久", **by)
            await record_consent(uow, now, given=True, **by)
            survey = {"conversation_id": talk.id, "customer_id": found.id, "score": 8, "comment": "顾问很耐心"}
            await uow.connection.execute(tables.surveys.insert().values(asked_at=now, answered_at=now, **survey))
            await uow.customers.change(found.id, {"name": "李雪梅", "note": "晚上七点后联系"}, now)
            double = {"surname": "李", "title": "女士", "name": "李雪梅", "phone": "13511112222", "origin": "chat"}
            key = await uow.customers.add({**double, "points": 20}, now - timedelta(days=3))
            await uow.vehicles.add({"customer_id": key, "model": "高尔夫", "origin": "chat"}, now)
            return int(found.id)

    return int(in_store(served, act))


def fits(page: Page) -> None:
    """Nothing is wider than a phone."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_an_agent_finds_a_customer_sees_all_and_reveals_the_number(signed_in: Any, screenshot: Any, li: int) -> None:
    page: Page = signed_in("adviser")
    page.goto("/desk/customers")
    page.get_by_role("searchbox").fill("8001")
    page.keyboard.press("Enter")
    screenshot(page, "customers")
    fits(page)
    page.get_by_role("link", name="李雪梅").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("李雪梅")
    expect(page.get_by_text("138****8001")).to_be_visible()
    screenshot(page, "customer")
    fits(page)
    page.locator("#phone").get_by_role("button", name="显示").click()
    expect(page.locator("#phone")).to_contain_text("13800138001")
    page.get_by_role("link", name="粤B8K321").first.click()
    expect(page.get_by_text("在保")).to_be_visible()
    screenshot(page, "vehicle")
    fits(page)


def test_a_wrong_value_is_said_where_it_stands_and_a_right_one_is_saved(
    signed_in: Any, screenshot: Any, li: int
) -> None:
    page: Page = signed_in("adviser")
    page.goto(f"/desk/customers/{li}/edit")
    page.get_by_label("手机号", exact=False).first.fill("12345")
    page.get_by_label("备注").fill("请走微信")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("这不像手机号")).to_be_visible()
    expect(page.get_by_label("备注")).to_have_value("请走微信")
    screenshot(page, "customer-edit")
    fits(page)
    page.get_by_label("手机号", exact=False).first.fill("")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("请走微信")).to_be_visible()
    page.goto("/desk/vehicles/1/edit")
    screenshot(page, "vehicle-edit")
    fits(page)


def test_two_entries_are_compared_and_merged_by_a_supervisor(signed_in: Any, screenshot: Any, li: int) -> None:
    page: Page = signed_in("supervisor")
    page.goto("/desk/customers")
    page.get_by_role("link", name="可能重复的资料").click()
    screenshot(page, "doubles")
    fits(page)
    page.get_by_role("link", name="对比").click()
    screenshot(page, "customer-merge")
    fits(page)
    page.get_by_label("为什么是同一个人（记入审计）").fill("本人来电确认，换了手机号")
    page.get_by_label("确认是同一个人").check()
    page.get_by_role("button", name="保留这一份").first.click()
    expect(page).to_have_url(re.compile(rf"/desk/customers/{li}$"))
    expect(page.get_by_text("高尔夫")).to_be_visible()
    expect(page.get_by_text("340")).to_be_visible()


def test_a_copy_is_read_and_downloaded_and_the_person_deleted(signed_in: Any, screenshot: Any, li: int) -> None:
    page: Page = signed_in("manager")
    page.goto(f"/desk/customers/{li}/data")
    screenshot(page, "customer-data")
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载 JSON 文件").click()
    assert download.value.suggested_filename == f"customer-{li}.json"
    page.get_by_role("button", name="在页面上查看").click()
    expect(page.get_by_text("13800138001").first).to_be_visible()
    fits(page)
    page.goto(f"/desk/customers/{li}/data")
    page.get_by_label("输入客户的姓氏以确认").fill("王")
    page.get_by_role("button", name="删除全部资料").click()
    expect(page.get_by_text("没有删除")).to_be_visible()
    page.get_by_label("输入客户的姓氏以确认").fill("李")
    page.get_by_role("button", name="删除全部资料").click()
    expect(page.get_by_role("heading", name="已删除")).to_be_visible()
    page.goto("/desk/audit")
    expect(page.get_by_role("cell", name="删除资料")).to_be_visible()
    page.get_by_label("做了什么").select_option(label="导出资料")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto("/desk/audit")
    screenshot(page, "audit")
    fits(page)


def test_the_pages_speak_english_too(signed_in: Any, li: int) -> None:
    page: Page = signed_in("manager", language="en")
    for path in (f"customers/{li}", f"customers/{li}/edit", "vehicles/1", f"customers/{li}/data", "audit"):
        page.goto(f"/desk/{path}")
        heading = page.get_by_role("heading").last.inner_text()
        assert heading
    page.goto(f"/desk/customers/{li}/data")
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
