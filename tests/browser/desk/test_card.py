"""The hand-off card in a real browser: what an agent sees before the first word, and the sentence that is suggested."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.services.complaints import file_complaint
from bot.services.demo import fill_demo
from bot.services.handoffs import request_handoff
from bot.services.workshop_basics import fill_basics
from bot.store.engine import Store
from tests.browser.desk.conftest import in_store
from tests.browser.desk.test_conversation import customer_says
from tests.messages.fakes import NOON
from tests.running import Served

FACTS: dict[str, Any] = {
    "task": "booking_form",
    "service_kind": "repair",
    "problem": ["刹车异响"],
    "location": ["左前轮"],
    "noise": ["吱吱响"],
    "frequency": ["每次"],
    "situation": ["踩刹车时"],
    "plate": "粤B8K321",
    "surname": "李",
    "title": "女士",
    "phone": "13800138001",
    "wish": [(NOON + timedelta(days=1)).isoformat(), (NOON + timedelta(days=1, hours=3)).isoformat()],
    "angry": True,
}


def angry_customer(served: Served, *, complains: bool = True) -> int:
    """Ms Li of the demo, proven, who asks for a person in the middle of a booking."""
    customer_says(served, "li", "刹车吱吱响")
    customer_says(served, "li", "问了这么多，气死我了，转人工")

    async def ask(store: Store) -> int:
        who: dict[str, Any] = {"channel": "rest", "user": "li"}
        async with store.transaction() as uow:
            await fill_basics(uow)
            await fill_demo(uow, NOON)
            customer = await uow.customers.by_phone("13800138001")
            assert customer is not None
            await uow.customers.bind(customer.id, "rest", "li", NOON)
            if complains:
                await file_complaint(uow, NOON, text="上次修完又响", **who)
            await request_handoff(uow, NOON, reason="wants_person", urgency="complaint", facts=FACTS, **who)
            conversation = await uow.conversations.find("rest", "li")
            assert conversation is not None
            return int(conversation.id)

    return int(in_store(served, ask))


def test_the_card_tells_everything_and_its_sentence_goes_into_the_reply(
    served: Served, signed_in: Any, screenshot: Any
) -> None:
    key = angry_customer(served)
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    card = page.locator("#handoff-card")
    expect(card).to_contain_text("客户要求人工")
    for shown in ("生气", "气死我了", "刹车异响", "左前轮", "吱吱响", "每次", "踩刹车时"):
        expect(card).to_contain_text(shown)
    for shown in ("预约到店（没办完）", "已核实", "WO-1001"):
        expect(card).to_contain_text(shown)
    suggested = page.locator("#suggested").inner_text()
    assert "由售后主管负责" in suggested
    screenshot(page, "card")
    card.locator(".record").scroll_into_view_if_needed()
    screenshot(page, "card-record")
    page.get_by_role("button", name="填入回复框").click()
    expect(page.locator("#words")).to_have_value(suggested)
    page.get_by_role("button", name="填入回复框").click()
    expect(page.locator("#words")).to_have_value(suggested)


def test_the_card_is_drawn_anew_when_the_customer_writes(served: Served, signed_in: Any) -> None:
    key = angry_customer(served, complains=False)
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    expect(page.locator("#handoff-card")).to_contain_text("客户要求人工")
    customer_says(served, "li", "再不处理我就曝光你们")
    expect(page.locator("#handoff-card")).to_contain_text("提到媒体曝光")


@pytest.mark.parametrize("width", [390, 1024])
def test_on_a_narrow_screen_the_card_opens_and_closes_and_the_focus_comes_back(
    served: Served, signed_in: Any, screenshot: Any, width: int
) -> None:
    key = angry_customer(served)
    page: Page = signed_in("adviser", size={"width": width, "height": 780})
    page.goto(f"/desk/conversations/{key}")
    card, opener = page.locator("#handoff-card"), page.locator("[data-card]")
    shut = page.get_by_role("button", name="关闭资料")
    for close in (shut.click, lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(8, 400)):
        expect(card).to_be_hidden()
        opener.click()
        expect(card).to_be_visible()
        expect(shut).to_be_focused()
        close()
        expect(opener).to_be_focused()
    expect(card).to_be_hidden()
    opener.click()
    card.locator("> :last-child").scroll_into_view_if_needed()
    expect(shut).to_be_in_viewport()
    screenshot(page, f"card-drawer-{width}")


def test_beside_the_conversation_the_card_has_no_cross(served: Served, signed_in: Any) -> None:
    key = angry_customer(served)
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    expect(page.locator("#handoff-card")).to_be_visible()
    expect(page.get_by_role("button", name="关闭资料")).to_be_hidden()
