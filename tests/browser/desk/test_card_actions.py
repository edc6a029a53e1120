"""What an agent does from the card in a real browser: say whose conversation it is, book the visit, send help."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from bot.services.demo import fill_demo
from bot.services.handoffs import request_handoff
from bot.services.workshop_basics import fill_basics
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, in_store
from tests.browser.desk.test_conversation import customer_says
from tests.messages.fakes import NOON
from tests.running import Served

START = NOON.replace(hour=10) + timedelta(days=1)
FACTS: dict[str, Any] = {
    "task": "booking_form",
    "service_kind": "repair",
    "problem": ["刹车异响"],
    "noise": ["吱吱响"],
    "plate": "粤B8K321",
    "wish": [START.isoformat(), START.isoformat()],
}


def visitor(served: Served, **facts: Any) -> int:
    """Somebody unknown who asks for a person in the middle of a booking."""
    customer_says(served, "gast", "我想约明天上午十点，刹车吱吱响，转人工")

    async def ask(store: Store) -> int:
        async with store.transaction() as uow:
            await fill_basics(uow)
            await fill_demo(uow, NOON)
            wish = {**FACTS, **facts}
            await request_handoff(uow, NOON, channel="rest", user="gast", reason="wants_person", facts=wish)
            conversation = await uow.conversations.find("rest", "gast")
            assert conversation is not None
            return int(conversation.id)

    return int(in_store(served, ask))


def test_a_visitor_is_connected_verified_and_booked_from_the_card(
    served: Served, signed_in: Any, screenshot: Any
) -> None:
    key = visitor(served)
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    card, work, head = page.locator("#handoff-card"), page.locator("#card-work"), page.locator("#head")
    expect(head).to_contain_text("访客")
    card.get_by_role("button", name="关联客户").click()
    expect(work).to_contain_text("李女士")
    screenshot(page, "card-link")
    work.get_by_text("存为新客户", exact=True).click()
    expect(work.locator("[name=plate]")).to_have_value("粤B8K321")
    screenshot(page, "card-new-customer")
    work.get_by_role("button", name="关联 李女士").click()
    expect(work).to_contain_text("已关联")
    expect(head).to_contain_text("李女士")
    expect(head).to_contain_text("未核实")
    expect(page.locator("#queue")).to_contain_text("李女士")
    page.on("dialog", lambda dialog: dialog.accept())
    screenshot(page, "card-linked")
    card.get_by_role("button", name="已核实是本人").click()
    expect(head).not_to_contain_text("未核实")
    expect(card).to_contain_text("已核实")
    card.get_by_role("link", name="按此预约").click()
    form = page.locator("#visit-form")
    expect(form.locator("[name=plate]")).to_have_value("粤B8K321")
    expect(form.locator("[name=start]:checked")).to_have_count(1)
    screenshot(page, "card-booking")
    form.locator("[name=phone]").fill("13800138001")
    form.get_by_role("button", name="确定预约").click()
    expect(page.locator("#panel")).to_contain_text("已在聊天里通知客户")
    page.locator("#panel").get_by_role("link", name="回到会话").click()
    expect(page.locator("#messages")).to_contain_text("顾问已经为您预约")
    expect(card).to_contain_text("A-")
    expect(card.get_by_role("link", name="按此预约")).to_have_count(0)
    screenshot(page, "card-booked")


def test_help_is_sent_on_a_phone_and_closing_as_booked_asks_first(
    served: Served, signed_in: Any, screenshot: Any
) -> None:
    key = visitor(served, safety=True)
    page: Page = signed_in("adviser", size=PHONE)
    page.goto(f"/desk/conversations/{key}")
    page.get_by_role("button", name="接手").click()
    page.get_by_role("button", name="资料").click()
    card, work = page.locator("#handoff-card"), page.locator("#card-work")
    card.get_by_role("button", name="登记救援").click()
    work.get_by_label("位置").fill("深南大道科技园出口")
    work.get_by_label("联系电话").fill("13711112222")
    screenshot(page, "card-rescue")
    work.get_by_role("button", name="登记救援").click()
    expect(work).to_contain_text("救援单已登记")
    expect(card).to_contain_text("等待安排")
    card.get_by_role("button", name="已安排好").click()
    expect(card).to_contain_text("已安排")
    screenshot(page, "card-rescue-arranged")
    page.reload()
    page.get_by_role("button", name="办结").click()
    dialog = page.locator("#resolve")
    dialog.get_by_label("结果").select_option("已预约")
    dialog.get_by_role("button", name="办结", exact=True).click()
    expect(dialog).to_contain_text("还没有预约")
    screenshot(page, "resolve-question")
    dialog.get_by_role("button", name="仍然办结").click()
    expect(page.locator("#owner-line")).to_contain_text("助手接待中")
