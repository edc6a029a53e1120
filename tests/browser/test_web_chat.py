"""The web chat in a real browser, the size of a phone."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running import AUTHORIZED, Served


def say(page: Page, words: str) -> None:
    page.get_by_label("请输入您的消息").fill(words)
    page.get_by_role("button", name="发送").click()


def said(page: Page, words: str) -> None:
    expect(page.locator(".message.bot .bubble").last).to_have_text(words)


def api(served: Served, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
    answer = httpx.request(method, f"{served.url}/api/v1/{path}", json=body, headers=AUTHORIZED)
    assert answer.status_code < 300, answer.text
    return answer


def test_message_is_sent_answered_and_still_there_after_reloading(page: Page) -> None:
    expect(page.get_by_role("heading", name="您好")).to_be_visible()
    say(page, "你好")
    said(page, "1:你好")
    expect(page.locator(".message.customer .bubble")).to_have_text("你好")
    expect(page.locator(".mark")).to_have_count(0)
    page.reload()
    said(page, "1:你好")
    expect(page.locator(".message")).to_have_count(2)


def test_enter_sends_and_shift_enter_begins_a_line(page: Page) -> None:
    box = page.get_by_label("请输入您的消息")
    box.fill("第一行")
    box.press("Shift+Enter")
    box.press_sequentially("第二行")
    box.press("Enter")
    expect(page.locator(".message.customer .bubble")).to_have_text("第一行\n第二行")


def test_typing_sign_shows_while_the_bot_thinks(page: Page, served: Served) -> None:
    served.engine.seconds = 1.5
    say(page, "你好")
    expect(page.locator("#typing")).to_be_visible()
    said(page, "1:你好")
    expect(page.locator("#typing")).to_be_hidden()


def test_button_sends_its_payload_and_shows_its_title(page: Page, served: Served) -> None:
    served.engine.buttons = [{"title": "好的，就这个时间", "payload": "/affirm"}]
    say(page, "你好")
    reply = page.locator("#replies button")
    expect(reply).to_have_text("好的，就这个时间")
    served.engine.buttons = []
    reply.click()
    expect(page.locator(".message.customer .bubble").last).to_have_text("好的，就这个时间")
    said(page, "2:/affirm")
    expect(page.locator("#replies")).to_be_hidden()
    page.reload()
    expect(page.locator(".message.customer .bubble").last).to_have_text("好的，就这个时间")


def test_agents_words_appear_with_their_name_without_reloading(page: Page, served: Served) -> None:
    say(page, "转人工")
    said(page, "1:转人工")
    hand_over(served)
    handoff = api(served, "GET", "handoffs?status=waiting").json()["items"][0]["id"]
    api(served, "POST", f"handoffs/{handoff}/reply", {"agent": "小周", "text": "您好，我是顾问小周。"})
    expect(page.locator(".message.agent .bubble")).to_have_text("您好，我是顾问小周。")
    expect(page.locator(".message.agent .who")).to_contain_text("小周")
    expect(page.locator("#status-text")).to_contain_text("小周")
    say(page, "谢谢")
    api(served, "POST", f"handoffs/{handoff}/release", {"agent": "小周"})
    expect(page.locator("#status")).to_have_attribute("data-owner", "bot")
    expect(page.locator(".message.bot")).to_have_count(1)


def hand_over(served: Served) -> None:
    import asyncio

    from bot.services.handoffs import request_handoff
    from bot.store.engine import Store
    from tests.messages.fakes import NOON

    async def ask() -> None:
        store = Store(served.settings.database_url)
        await store.start()
        async with store.reading() as uow:
            user = (await uow.connection.exec_driver_sql('SELECT "user" FROM conversations')).scalar_one()
        async with store.transaction() as uow:
            await request_handoff(uow, NOON, channel="web", user=user, reason="asked")
        await store.close()

    import threading

    thread = threading.Thread(target=lambda: asyncio.run(ask()))
    thread.start()
    thread.join()


def test_message_sent_without_connection_arrives_once_when_it_is_back(page: Page, visitor: BrowserContext) -> None:
    say(page, "一")
    said(page, "1:一")
    visitor.set_offline(True)
    say(page, "二")
    expect(page.get_by_role("button", name="发送未成功")).to_be_visible(timeout=20_000)
    visitor.set_offline(False)
    page.get_by_role("button", name="发送未成功").click()
    said(page, "2:二")
    expect(page.locator(".message.customer")).to_have_count(2)


def test_answer_lost_on_the_way_is_not_acted_on_twice(page: Page, served: Served) -> None:
    dropped: list[str] = []

    def drop_first_answer(route: object) -> None:
        if not dropped:
            dropped.append("one")
            route.fetch()  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/chat/messages", drop_first_answer)
    say(page, "你好")
    said(page, "1:你好")
    page.wait_for_timeout(1500)
    expect(page.locator(".message")).to_have_count(2)
    assert len(served.engine.turns) == 1


def test_draft_is_kept_over_a_reload(page: Page) -> None:
    page.get_by_label("请输入您的消息").fill("我的车发动机")
    page.reload()
    expect(page.get_by_label("请输入您的消息")).to_have_value("我的车发动机")


def test_page_connects_again_by_itself(page: Page, visitor: BrowserContext, served: Served) -> None:
    say(page, "一")
    said(page, "1:一")
    other = visitor.new_page()
    other.goto("/")
    said(other, "1:一")
    say(other, "二")
    said(page, "2:二")


def test_visitors_do_not_see_each_other(page: Page, browser: Browser, served: Served) -> None:
    say(page, "我的秘密")
    said(page, "1:我的秘密")
    stranger = browser.new_context(base_url=served.url)
    other = stranger.new_page()
    other.goto("/")
    say(other, "你好")
    said(other, "1:你好")
    expect(other.locator(".message")).to_have_count(2)
    stranger.close()


def test_markup_is_shown_as_text(page: Page) -> None:
    words = "<img src=x onerror=\"document.title='hacked'\"><b>粗</b>"
    say(page, words)
    said(page, f"1:{words}")
    assert "hacked" not in page.title()


def test_long_words_do_not_widen_the_page(page: Page) -> None:
    say(page, "https://example.com/" + "a" * 300)
    expect(page.locator(".message.bot")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "预约保养"
    page.keyboard.press("Enter")
    said(page, "1:我想预约保养")


def test_page_loads_nothing_from_elsewhere_and_logs_no_errors(visitor: BrowserContext, served: Served) -> None:
    page = visitor.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto("/")
    expect(page.locator("#welcome")).to_be_visible()
    page.wait_for_timeout(500)
    assert all(url.startswith(served.url) for url in asked)
    assert errors == []


def test_documentation_is_drawn_from_local_files(visitor: BrowserContext, served: Served) -> None:
    page = visitor.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/docs")
    expect(page.get_by_text("/api/v1/understand")).to_be_visible(timeout=20_000)
    assert all(url.startswith((served.url, "data:")) for url in asked)


@pytest.mark.parametrize("cookie", ["", "forged", "ImxpIg.AAAA"])
def test_forged_cookie_is_nobody(served: Served, cookie: str) -> None:
    answer = httpx.post(f"{served.url}/chat/messages", json={"id": "1", "text": "x"}, cookies={"chat": cookie})
    assert answer.status_code == 401


def test_other_sites_cannot_write_for_a_visitor(served: Served) -> None:
    with httpx.Client(base_url=served.url) as client:
        client.get("/")
        answer = client.post("/chat/messages", json={"id": "1", "text": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
