"""The workshop board in a real browser: drag, keys, a phone's buttons, live for others, what customers decide."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from bot.business.appointments import BookingRequest
from bot.business.windows import Window
from bot.services.booking import book_appointment
from bot.services.identity import bind_account
from bot.services.progress import answer_proposal
from bot.services.work_orders import open_work_order, update_work_order
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, SignedIn, in_store
from tests.messages.fakes import NOON, EchoEngine
from tests.running import AUTHORIZED, Served, served_bot, settings_for

MORNING = NOON.replace(hour=10)
# The page learns of its own requests to such paths two seconds after they are done, long after the stream's news.
_ANSWERS_COME_LATE = """(path) => {
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...given) {
    const answered = this.onload;
    this.onload = (...event) =>
      setTimeout(() => answered.apply(this, event), this.responseURL.endsWith(path) ? 2000 : 0);
    send.apply(this, given);
  };
}"""


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    """The demo dealership with more cars in the workshop, and a customer who has written."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    settings = settings_for(f"sqlite:///{tmp_path}/bot.db", BOT_WORKER="1")
    with served_bot(settings, EchoEngine()) as running:
        in_store(running, _busy_morning)
        yield running


async def _busy_morning(store: Store) -> None:
    async with store.transaction() as uow:
        await uow.conversations.ensure("web", "li", MORNING)
        li = await uow.vehicles.by_plate("粤B8K321")
        await bind_account(uow, MORNING, channel="web", user="li", customer_id=li.customer_id)
        for plate, work, stage in (("粤B5T678", "保养", "received"), ("粤BD12345", "更换空调滤芯", "ready")):
            order = await open_work_order(
                uow, MORNING - timedelta(minutes=12), plate=plate, work=work, promised_at=MORNING + timedelta(hours=5)
            )
            await uow.work_orders.told(order.id, told_stage="received", told_promise_at=order.promised_at)
            if stage != "received":
                await update_work_order(uow, MORNING, number=order.number, stage=stage)
        start = MORNING.replace(hour=14)
        visit = BookingRequest(
            channel="web", user="sun", service_type="maintenance", window=Window(start, start, 1, 1),
            plate="粤B66666", surname="孙", title="先生", phone="13511112222", model="高尔夫", consent=True,
        )  # fmt: skip
        await book_appointment(uow, MORNING, visit)


def card(page: Page, number: str) -> Locator:
    return page.locator(f"#order-{number}")


def zone(page: Page, stage: str) -> Locator:
    return page.locator(f".zone[data-stage={stage}]")


def notice(page: Page) -> Locator:
    return page.locator("#notice")


def messages(served: Served, user: str = "li") -> list[dict[str, Any]]:
    found = httpx.get(f"{served.url}/api/v1/conversations/web/{user}/messages", headers=AUTHORIZED).json()["items"]
    return list(found)


def test_a_card_is_dragged_and_colleagues_see_it_without_reloading(
    signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    page, other = signed_in("adviser"), signed_in("supervisor")
    for each in (page, other):
        each.goto("/desk/workshop")
        expect(card(each, "WO-1001")).to_be_visible()
    screenshot(page, "workshop")
    card(page, "WO-1001").drag_to(zone(page, "inspection"))
    for each in (page, other):
        expect(zone(each, "inspection").locator("#order-WO-1001")).to_be_visible()


def test_a_card_is_moved_by_keys_alone_and_opened_by_enter(signed_in: SignedIn) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop")
    card(page, "WO-1001").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#workshop-said")).to_contain_text("质检")
    page.keyboard.press("Escape")
    expect(zone(page, "in_repair").locator("#order-WO-1001")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(zone(page, "inspection").locator("#order-WO-1001")).to_be_visible()
    expect(card(page, "WO-1001")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-order")).to_contain_text("WO-1001")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-order")).to_have_count(0)
    expect(card(page, "WO-1001")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".stages .column:last-child .card.order").first).to_be_focused()


def test_a_wrong_move_is_refused_with_a_sentence_and_the_card_stays(signed_in: SignedIn) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop")
    card(page, "WO-1001").drag_to(zone(page, "received"))
    expect(notice(page)).to_contain_text("“维修中”之后不能直接到“已接车”")
    expect(zone(page, "in_repair").locator("#order-WO-1001")).to_be_visible()


def test_an_extra_item_goes_to_the_chat_and_the_customers_yes_comes_back_to_the_board(
    signed_in: SignedIn, served: Served, screenshot: Callable[[Page, str], None]
) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop")
    card(page, "WO-1001").drag_to(zone(page, "awaiting_consent"))
    page.get_by_label("做什么", exact=True).fill("更换冷凝器")
    page.get_by_label("为什么", exact=True).fill("漏氟，压力不足")
    page.get_by_label("价格（元）").fill("1280")
    page.get_by_label("所需时间（分钟）").fill("90")
    screenshot(page, "workshop-proposal")
    page.get_by_role("button", name="发给客户确认").click()
    expect(zone(page, "awaiting_consent").locator("#order-WO-1001")).to_contain_text("增项待答复：更换冷凝器")
    asked = messages(served)[-1]
    assert "更换冷凝器" in asked["text"]
    assert [button["title"] for button in asked["buttons"]] == ["同意", "这次先不做", "请顾问说明"]
    expect(page.locator("#panel")).to_contain_text("等客户答复")

    async def agree(store: Store) -> None:
        async with store.transaction() as uow:
            li = await uow.vehicles.by_plate("粤B8K321")
            await answer_proposal(uow, MORNING, vehicle_id=li.id, agreed=True, channel="web", user="li")

    in_store(served, agree)
    httpx.post(f"{served.url}/webhooks/rest/webhook", json={"sender": "li", "message": "同意"})
    expect(zone(page, "in_repair").locator("#order-WO-1001")).to_be_visible()
    card(page, "WO-1001").locator(".card-open").click()
    expect(page.locator(".proposal.agreed .consent")).to_contain_text("网页 · 客户本人答复")
    screenshot(page, "workshop-consent")


def test_a_card_with_an_item_that_waits_opens_at_the_item(
    signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1002")
    expect(page.locator("#still-waits")).to_contain_text("“前刹车片”客户还没有答复")
    page.get_by_role("button", name="维修中", exact=True).click()
    expect(page.locator(".panel-state")).to_contain_text("维修中")
    expect(page.locator("#still-waits")).to_be_visible()
    page.keyboard.press("Escape")
    card(page, "WO-1002").get_by_role("link", name="待客户确认…").click()
    expect(page.get_by_label("通话记录")).to_be_focused()
    expect(page.get_by_label("做什么", exact=True)).to_be_hidden()
    screenshot(page, "workshop-waiting-item")
    page.get_by_role("button", name="待客户确认", exact=True).click()
    expect(zone(page, "awaiting_consent").locator("#order-WO-1002")).to_be_visible()
    page.get_by_label("通话记录").fill("王先生说先不做")
    page.get_by_role("button", name="客户不做").click()
    expect(page.locator(".proposal.declined")).to_be_visible()
    expect(page.locator("#still-waits")).to_have_count(0)


def test_cards_show_all_of_their_lines_where_columns_are_narrow(
    signed_in: SignedIn, served: Served, screenshot: Callable[[Page, str], None]
) -> None:
    later = {"promised_at": "2026-11-26T11:00:00+08:00", "note": "等复检"}
    for number in ("WO-1001", "WO-1002"):
        assert httpx.patch(f"{served.url}/api/v1/work-orders/{number}", json=later, headers=AUTHORIZED).is_success
    for size in ({"width": 1366, "height": 768}, {"width": 1180, "height": 768}, PHONE):
        page = signed_in("supervisor", size=size)
        page.goto("/desk/workshop")
        expect(page.locator(".card-foot", has_text="11月26日").first).to_be_attached()
        assert page.evaluate(_CUT_IN_CARDS) == []


# What of the cards' lines ends to the right of its card.
_CUT_IN_CARDS = """() => [...document.querySelectorAll(".stages .card")].flatMap((card) =>
  [...card.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > card.getBoundingClientRect().right)
    .map((each) => each.textContent.trim()))"""


def test_a_stale_page_learns_who_was_faster_and_shows_the_new_state(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.route("**/desk/events*", lambda route: route.abort())
    page.reload()

    async def faster(store: Store) -> None:
        async with store.transaction() as uow:
            await update_work_order(uow, MORNING + timedelta(minutes=1), number="WO-1001", stage="quoted", by="王主管")

    in_store(served, faster)
    page.locator("#panel-order").get_by_role("button", name="质检").click()
    expect(notice(page)).to_contain_text("王主管刚刚更新了这张工单")
    expect(zone(page, "quoted").locator("#order-WO-1001")).to_be_visible()
    expect(page.locator("#panel-order .panel-state")).to_contain_text("方案报价")


def test_what_is_typed_survives_a_colleagues_change(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.locator("#order-note").fill("先查高压管")
    report = {"stage": "质检"}
    httpx.patch(f"{served.url}/api/v1/work-orders/WO-1001", json=report, headers=AUTHORIZED)
    expect(page.locator("#panel-order .panel-state")).to_contain_text("质检")
    expect(page.locator("#order-note")).to_have_value("先查高压管")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".log")).to_contain_text("先查高压管")
    expect(page.locator("#order-note")).to_have_value("")


def test_every_field_that_is_filled_in_survives_a_colleagues_change(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.get_by_text("提出增项", exact=True).click()
    fields = page.locator("#form-awaiting_consent input:visible")
    filled = ["更换左前刹车片", "厚度剩余2毫米", "340", "40"]
    for field, words in zip(fields.all(), filled, strict=True):
        field.fill(words)
    httpx.patch(f"{served.url}/api/v1/work-orders/WO-1001", json={"stage": "质检"}, headers=AUTHORIZED)
    expect(page.locator("#panel-order .panel-state")).to_contain_text("质检")
    assert [field.input_value() for field in fields.all()] == filled


def test_what_was_sent_is_not_typed_any_more_when_the_news_is_faster_than_the_answer(signed_in: SignedIn) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.evaluate(_ANSWERS_COME_LATE, "/promise")
    part = page.locator("details.panel-part", has_text="承诺时间")
    part.locator("summary").click()
    page.get_by_label("预计完成时间").fill("2026-11-23T17:20")
    page.get_by_label("原因（客户会看到）").fill("需要再做一次路试")
    page.get_by_role("button", name="告诉客户新的时间").click()
    expect(page.locator("#panel-order ol").first).to_contain_text("需要再做一次路试")
    expect(part.locator("form")).to_be_hidden()
    part.locator("summary").click()
    expect(page.get_by_label("原因（客户会看到）")).to_have_value("")


def test_a_late_drawing_does_not_take_the_place_of_the_order_opened_since(signed_in: SignedIn) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop")
    page.evaluate(_ANSWERS_COME_LATE, "/WO-1001")
    card(page, "WO-1001").locator(".card-open").click()
    card(page, "WO-1002").locator(".card-open").click()
    expect(page.locator("#panel-order")).to_contain_text("WO-1002")
    page.wait_for_timeout(2500)
    expect(page.locator("#panel-order")).to_contain_text("WO-1002")
    card(page, "WO-1001").locator(".card-open").click()
    page.locator("[data-close-panel]").click()
    page.wait_for_timeout(2500)
    expect(page.locator("#panel-order")).to_have_count(0)


def test_what_is_typed_waits_while_another_order_is_looked_at(signed_in: SignedIn) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop")
    for number, words in (("WO-1001", "先查高压管"), ("WO-1002", "客户在等")):
        card(page, number).locator(".card-open").click()
        expect(page.locator("#panel-order")).to_contain_text(number)
        page.locator("#order-note").fill(words)
    card(page, "WO-1001").locator(".card-open").click()
    expect(page.locator("#order-note")).to_have_value("先查高压管")
    page.locator("[data-close-panel]").click()
    card(page, "WO-1002").locator(".card-open").click()
    expect(page.locator("#order-note")).to_have_value("客户在等")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".log")).to_contain_text("客户在等")
    expect(page.locator("#order-note")).to_have_value("")


def test_nothing_is_written_or_closed_while_a_form_is_being_sent(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.evaluate(_ANSWERS_COME_LATE, "/note")
    page.locator("#order-note").fill("先查高压管")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.type("再查接头")
    expect(page.locator("#order-note")).to_have_value("先查高压管")
    expect(page.locator(".log")).to_contain_text("先查高压管")
    expect(page.locator("#order-note")).to_have_value("")
    assert page.locator(".log li", has_text="先查高压管").count() == 1
    page.locator("#order-note").fill("再查接头")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".log")).to_contain_text("再查接头")


def test_a_form_opened_in_the_panel_stays_open_and_keeps_the_caret(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.get_by_text("提出增项", exact=True).click()
    price = page.get_by_label("价格（元）")
    price.focus()
    httpx.patch(f"{served.url}/api/v1/work-orders/WO-1001", json={"stage": "质检"}, headers=AUTHORIZED)
    expect(page.locator("#panel-order .panel-state")).to_contain_text("质检")
    expect(price).to_be_visible()
    expect(price).to_be_focused()


def test_no_newer_drawing_comes_between_press_and_release(signed_in: SignedIn, served: Served) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop/orders/WO-1001")
    page.locator("#order-note").fill("先查高压管")
    page.get_by_role("button", name="保存").hover()
    page.mouse.down()
    with page.expect_response("**/desk/workshop/orders/WO-1001?version=*"):
        httpx.patch(f"{served.url}/api/v1/work-orders/WO-1001", json={"stage": "质检"}, headers=AUTHORIZED)
    page.wait_for_timeout(300)
    page.mouse.up()
    expect(page.locator(".log")).to_contain_text("先查高压管")
    expect(page.locator("#panel-order .panel-state")).to_contain_text("质检")


def test_on_a_phone_buttons_move_promise_and_hand_over(
    signed_in: SignedIn, served: Served, screenshot: Callable[[Page, str], None]
) -> None:
    page = signed_in("adviser", size=PHONE)
    page.goto("/desk/workshop")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator(".stage-links a").first).to_be_visible()
    page.locator(".stage-links").get_by_role("link", name="待交车").click()
    expect(zone(page, "ready").locator(".card").first).to_be_in_viewport(ratio=0.9)
    later = {"promised_at": "2026-11-20T17:10:00+08:00", "note": "等复检"}
    with page.expect_response("**/desk/workshop/board*"):
        httpx.patch(f"{served.url}/api/v1/work-orders/WO-1001", json=later, headers=AUTHORIZED)
    page.wait_for_timeout(200)
    expect(zone(page, "ready").locator(".card").first).to_be_in_viewport(ratio=0.9)
    screenshot(page, "workshop-phone")
    card(page, "WO-1001").get_by_role("button", name="→ 质检").click()
    expect(zone(page, "inspection").locator("#order-WO-1001")).to_be_attached()
    card(page, "WO-1001").locator(".card-open").click()
    panel = page.locator("#panel")
    panel.get_by_text("承诺时间").first.click()
    panel.get_by_label("预计完成时间").fill("2026-11-20T17:20")
    panel.get_by_role("button", name="告诉客户新的时间").click()
    assert panel.locator("input:invalid").count()  # the reason is asked for
    panel.get_by_label("原因（客户会看到）").fill("需要再做一次路试")
    panel.get_by_role("button", name="告诉客户新的时间").click()
    expect(panel.locator(".log")).to_contain_text("需要再做一次路试")
    assert "17:20，原因是需要再做一次路试" in messages(served)[-1]["text"]
    panel.get_by_role("button", name="待交车").click()
    expect(page.locator("#panel .panel-state")).to_contain_text("待交车")
    panel.get_by_text("交车", exact=True).click()
    panel.get_by_label("费用（元）").fill("860")
    panel.get_by_label("用车建议").fill("每月开一次外循环")
    screenshot(page, "workshop-hand-over")
    panel.get_by_role("button", name="已交车，告诉客户").click()
    expect(page.locator("#panel .panel-state")).to_contain_text("已交车")
    told = messages(served)[-1]["text"]
    assert "费用860元" in told
    assert "每月开一次外循环" in told


def test_a_car_that_arrives_gets_its_order_from_its_appointment(
    signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    page = signed_in("adviser")
    page.goto("/desk/workshop")
    zone(page, "booked").get_by_text("粤B66666").click()
    expect(page.locator("#panel-arrival")).to_contain_text("孙先生")
    screenshot(page, "workshop-arrival")
    page.get_by_role("button", name="接车，开工单").click()
    expect(page.locator("#panel-order")).to_contain_text("粤B66666")
    expect(zone(page, "received")).to_contain_text("粤B66666")
    expect(zone(page, "booked")).to_have_count(0)


def test_the_board_is_searched_and_speaks_english(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", language="en")
    page.goto("/desk/workshop")
    expect(page.get_by_role("heading", name="Workshop board")).to_be_visible()
    page.locator("#workshop-q").fill("9002")
    page.keyboard.press("Enter")
    expect(card(page, "WO-1002")).to_be_visible()
    expect(card(page, "WO-1001")).to_have_count(0)
