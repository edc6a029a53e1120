"""Queue and conversation in a real browser."""

from __future__ import annotations

from typing import Any

import httpx
from playwright.sync_api import Page, expect

from bot.services.handoffs import request_handoff
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, in_store
from tests.messages.fakes import NOON
from tests.running import AUTHORIZED, Served


def customer_says(served: Served, user: str, text: str) -> None:
    body = {"sender": user, "message": text}
    assert httpx.post(f"{served.url}/webhooks/rest/webhook", json=body).status_code == 200


def asks_for_person(served: Served, user: str, text: str = "转人工", urgency: str = "normal") -> int:
    customer_says(served, user, text)

    async def ask(store: Store) -> int:
        async with store.transaction() as uow:
            await request_handoff(uow, NOON, channel="rest", user=user, reason="asked", urgency=urgency)
            return (await uow.conversations.find("rest", user)).id

    return in_store(served, ask)


def test_an_agent_claims_answers_and_gives_back(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "customer-1", "刹车有异响，找人工")
    page: Page = signed_in("adviser")
    page.locator(f"#row-{key} a").click()
    expect(page.locator(".message.customer .bubble").first).to_contain_text("刹车有异响")
    page.get_by_role("button", name="接手").click()
    expect(page.locator("#owner-line")).to_contain_text("您在接待")
    page.get_by_label("写给客户的话").fill("您好，我是顾问小周，马上帮您看。")
    page.get_by_label("写给客户的话").press("Enter")
    expect(page.locator(".message.agent .bubble")).to_contain_text("马上帮您看")
    expect(page.get_by_label("写给客户的话")).to_have_value("")
    customer_says(served, "customer-1", "好的，谢谢")
    expect(page.locator(".message.customer .bubble").last).to_contain_text("好的，谢谢")
    page.get_by_role("tab", name="内部备注").click()
    page.get_by_label("写给客户的话").fill("客户着急，先约检查")
    page.keyboard.press("Enter")
    expect(page.locator(".message.note")).to_contain_text("先约检查")
    screenshot(page, "conversation")
    page.get_by_role("button", name="交还助手").click()
    expect(page.locator("#owner-line")).to_contain_text("助手接待中")
    messages = httpx.get(f"{served.url}/api/v1/conversations/rest/customer-1/messages", headers=AUTHORIZED).json()[
        "items"
    ]
    assert "先约检查" not in str(messages)
    assert [m["agent"] for m in messages if m["from"] == "agent"] == ["小周"]


def test_a_new_request_appears_in_the_queue_by_itself(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    page: Page = signed_in("adviser")
    expect(page.get_by_text("没有客户在等待")).to_be_visible()
    asks_for_person(served, "first", "预约保养问题")
    customer_says(served, "first", "有人吗")
    expect(page.locator(".row")).to_have_count(1)
    danger = asks_for_person(served, "second", "车在高速上冒烟了", urgency="danger")
    customer_says(served, "second", "快点")
    expect(page.locator(".row").first).to_have_id(f"row-{danger}")
    screenshot(page, "queue")


def test_a_dialog_stays_open_while_the_customer_writes_on(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "writes-on")
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    page.get_by_role("button", name="接手").click()
    page.get_by_role("button", name="办结").click()
    customer_says(served, "writes-on", "还有一件事")
    expect(page.locator(".message.customer .bubble").last).to_have_text("还有一件事")
    page.wait_for_timeout(500)
    expect(page.locator("#resolve")).to_be_visible()
    page.locator("#resolve").get_by_role("button", name="办结").click()
    expect(page.locator("#owner-line")).to_contain_text("助手接待中")


def test_a_ready_reply_is_filled_in_and_not_sent_half_made(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "stranger")
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    page.locator("#ready summary").click()
    page.locator(".ready-reply", has_text="建议到店时间").click()
    words = page.get_by_label("写给客户的话")
    assert "【" in words.input_value()
    words.press("Enter")
    expect(page.locator("#composer-trouble")).to_contain_text("还有没填的内容")
    expect(page.locator(".message.agent")).to_have_count(0)
    words.fill("您好，周六上午九点可以吗？")
    words.press("Enter")
    expect(page.locator(".message.agent .bubble")).to_contain_text("周六上午九点")


def test_a_note_begun_never_becomes_a_reply(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "customer-8")
    page: Page = signed_in("adviser")
    page.goto(f"/desk/conversations/{key}")
    words = page.locator("#words")
    words.fill("您好，正在为您查")
    page.get_by_role("tab", name="内部备注").click()
    expect(words).to_have_value("")
    words.fill("他上次也投诉过")
    page.get_by_role("tab", name="回复客户").click()
    expect(words).to_have_value("您好，正在为您查")
    page.get_by_role("tab", name="内部备注").click()
    page.reload()
    expect(page.get_by_role("tab", name="内部备注")).to_have_attribute("aria-selected", "true")
    expect(words).to_have_value("他上次也投诉过")
    page.get_by_role("tab", name="回复客户").click()
    expect(words).to_have_value("您好，正在为您查")


# What the page shows when "looking" arrives after "typing" though it was told before.
LATE_LOOK = """key => {
  for (const word of ["typing", "looking"])
    document.body.dispatchEvent(new CustomEvent("looking", { detail: { id: key, name: "小林", word } }));
  return document.getElementById("typing").textContent;
}"""


# How many pixels of the last message lie below what the list shows.
BELOW_THE_LOG = """() => {
  const log = document.getElementById("messages").getBoundingClientRect();
  return [...document.querySelectorAll(".message")].at(-1).getBoundingClientRect().bottom - log.bottom;
}"""


def test_colleagues_see_who_looks_and_who_types(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "watched")
    first: Page = signed_in("adviser")
    first.goto(f"/desk/conversations/{key}")
    second: Page = signed_in("adviser", name="小林")
    second.goto(f"/desk/conversations/{key}")
    expect(first.locator("#typing")).to_contain_text("小林 也在看")
    expect(second.locator("#typing")).to_contain_text("小周 也在看")
    second.get_by_label("写给客户的话").press_sequentially("您好")
    expect(first.locator("#typing")).to_contain_text("小林 正在输入")
    assert "小林 正在输入" in first.evaluate(LATE_LOOK, key)


def test_the_line_about_a_colleague_covers_nothing_of_the_last_message(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key = asks_for_person(served, "long", "\n".join(f"第 {line} 件事" for line in range(60)))
    pages: list[Page] = [signed_in("adviser"), signed_in("adviser", name="小陈", size=PHONE)]
    for page in pages:
        page.goto(f"/desk/conversations/{key}")
    signed_in("adviser", name="小林").goto(f"/desk/conversations/{key}")
    for page in pages:
        expect(page.locator("#typing")).to_contain_text("小林")
        expect(page.locator(".message").last).to_be_in_viewport()
        assert page.evaluate(BELOW_THE_LOG) <= 0
        screenshot(page, f"looked-at-{page.viewport_size['width']}")  # type: ignore[index]
    reader = pages[0]
    reader.locator("#messages").evaluate("log => log.scrollTo({ top: 100 })")
    reader.wait_for_timeout(100)
    reader.locator("#words").evaluate("words => { words.style.height = '240px'; }")
    reader.wait_for_timeout(100)
    assert reader.locator("#messages").evaluate("log => log.scrollTop") == 100  # who reads above stays there


def test_whom_a_colleague_has_got_only_the_colleague_replies_to(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key = asks_for_person(served, "passed-on")
    lin: Page = signed_in("adviser", name="小林")
    zhou: Page = signed_in("adviser")
    zhou.goto(f"/desk/conversations/{key}")
    zhou.get_by_role("button", name="接手").click()
    words, send = zhou.get_by_label("写给客户的话"), zhou.get_by_role("button", name="发送")
    expect(zhou.locator("#owner-line")).to_contain_text("您在接待")
    words.fill("报价还差一项")
    zhou.get_by_role("button", name="转交").click()
    zhou.locator("#transfer").get_by_role("button", name="转交").click()
    expect(zhou.locator("#theirs")).to_contain_text("这位客户由 小林 接待")
    expect(words).to_have_value("报价还差一项")
    expect(words).not_to_be_editable()
    expect(send).to_be_disabled()
    words.press("Enter")
    screenshot(zhou, "theirs")
    zhou.get_by_role("tab", name="内部备注").click()
    expect(zhou.locator("#theirs")).to_be_hidden()
    words.fill("客户等报价")
    words.press("Enter")
    expect(zhou.locator(".message.note")).to_contain_text("客户等报价")
    expect(send).to_be_disabled()
    lin.goto(f"/desk/conversations/{key}")
    lin.get_by_role("button", name="交还助手").click()
    expect(words).to_be_editable()
    expect(words).to_have_value("报价还差一项")
    words.press("Enter")
    expect(zhou.locator(".message.agent .bubble")).to_have_count(1)


def test_who_presses_claim_too_late_is_told_who_was_first(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "wanted")
    first: Page = signed_in("adviser")
    second: Page = signed_in("adviser", name="小林")
    for page in (first, second):
        page.goto(f"/desk/conversations/{key}")
        expect(page.get_by_role("button", name="接手")).to_be_visible()
    held: list[Any] = []
    first.route("**/claim", lambda route: held.append(route))
    first.get_by_role("button", name="接手").click()
    second.get_by_role("button", name="接手").click()
    expect(second.locator("#owner-line")).to_contain_text("您在接待")
    first.wait_for_timeout(800)
    held[0].continue_()
    expect(first.locator("#notice")).to_contain_text("小林 已经接手")
    expect(first.locator("#owner-line")).to_contain_text("小林 在接待")


def test_the_administrator_begins_with_the_people_and_a_lost_page_reads_well(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    page: Page = signed_in("administrator")
    expect(page).to_have_url(f"{served.url}/desk/staff")
    page.goto("/desk/nowhere")
    assert page.locator(".empty p").first.bounding_box()["width"] > 300  # type: ignore[index]


def test_an_open_page_asks_for_all_that_has_changed_at_once(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key = asks_for_person(served, "talker")
    page: Page = signed_in("adviser")
    asked: list[str] = []
    parts = f"/desk/conversations/{key}/"
    page.on("request", lambda each: asked.append(each.url.split(parts)[1]) if parts in each.url else None)
    page.goto(f"/desk/conversations/{key}")
    expect(page.locator("#handoff-card")).to_contain_text("转人工")
    expect(page.locator("#meter")).to_be_attached()
    page.wait_for_timeout(500)
    assert set(asked) <= {"looking"}
    customer_says(served, "talker", "你们再不管我就找媒体曝光")
    expect(page.locator(".message.customer .bubble").last).to_contain_text("曝光")
    expect(page.locator("#handoff-card")).to_contain_text("曝光")
    page.wait_for_timeout(500)
    assert set(asked) == {"looking", "news"}
    assert asked.count("news") <= 2  # the message came, and it was noted that a person answers it
