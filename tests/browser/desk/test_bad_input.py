"""Lost connections, double clicks, pages that show yesterday: said plainly on the page, and nothing is lost."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from bot.messages.inbox import real_now
from bot.store.engine import Store
from tests.browser.desk.conftest import in_store
from tests.browser.desk.talks import (
    agents_words,
    change_conversation,
    colleague,
    customer_sent_too_large,
    handoff_of,
    waits,
)
from tests.desk.desks import PASSWORD
from tests.messages.fakes import EchoEngine
from tests.pictures import large_png, png
from tests.running import Served, served_bot, settings_for

WORDS = "您好，刹车片只剩 2 毫米，建议更换。"


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    """A bot with a WeChat account whose platform is away, and small pictures."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    settings = settings_for(
        f"sqlite:///{tmp_path}/bot.db",
        BOT_DEMO="0",
        BOT_MEDIA_BYTES="300000",
        BOT_SPOOL_DIR=str(tmp_path / "spool"),
        WECHAT_APP_ID="wx0123456789abcdef",
        WECHAT_APP_SECRET="a-secret-of-the-account",
        WECHAT_TOKEN="a-token-of-the-callback",
        WECHAT_API_BASE_URL="http://127.0.0.1:9",
    )
    with served_bot(settings, EchoEngine()) as running:
        yield running


def opened(page: Page, key: int, live: bool = True) -> Any:
    """The conversation's page and its field for words; without `live` it hears of nothing by itself."""
    if not live:
        page.route("**/desk/events*", lambda route: route.abort())
    page.goto(f"/desk/conversations/{key}")
    return page.get_by_label("写给客户的话")


def trouble(page: Page) -> Any:
    return page.locator("#composer-trouble")


def test_words_written_without_connection_are_kept_and_sent_once_after_it_is_back(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    page.context.set_offline(True)
    words.fill(WORDS)
    words.press("Enter")
    expect(trouble(page)).to_contain_text("没有发送成功，请检查网络后再试。您写的内容还在。")
    expect(words).to_have_value(WORDS)
    screenshot(page, "bad-input-offline")
    page.context.set_offline(False)
    words.press("Enter")
    expect(page.locator(".message.agent .bubble")).to_contain_text("刹车片只剩")
    expect(words).to_have_value("")
    expect(trouble(page)).to_have_text("")
    page.reload()
    expect(page.get_by_label("写给客户的话")).to_have_value("")
    assert [message.text for message in agents_words(served, key)] == [WORDS]


def test_a_draft_outlives_a_reload_without_sending(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    opened(page, key).fill(WORDS)
    page.reload()
    expect(page.get_by_label("写给客户的话")).to_have_value(WORDS)
    page.get_by_role("tab", name="内部备注").click()
    page.reload()
    expect(page.get_by_role("tab", name="内部备注")).to_have_attribute("aria-selected", "true")
    assert agents_words(served, key) == []


@pytest.mark.parametrize("live", [True, False])
def test_words_whose_answer_was_lost_are_stored_once(served: Served, signed_in, live: bool) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key, live)

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/reply", lose_answer, times=1)
    words.fill(WORDS)
    words.press("Enter")
    if not live:
        expect(trouble(page)).to_contain_text("您写的内容还在")
        words.press("Enter")
    expect(words).to_have_value("")
    expect(trouble(page)).to_have_text("")
    assert len(agents_words(served, key)) == 1


def test_a_note_whose_answer_was_lost_is_kept_once(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    page.get_by_role("tab", name="内部备注").click()

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/note", lose_answer, times=1)
    words.fill("客户着急")
    words.press("Enter")
    expect(trouble(page)).to_contain_text("您写的内容还在")
    words.press("Enter")
    expect(words).to_have_value("")
    expect(page.locator(".message.note")).to_have_count(1)


def test_words_changed_after_a_lost_answer_are_sent_as_they_are_now(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    page.route("**/reply", lambda route: route.abort(), times=1)
    words.fill("您好")
    words.press("Enter")
    expect(trouble(page)).to_contain_text("您写的内容还在")
    words.fill("您好，王先生")
    words.press("Enter")
    expect(words).to_have_value("")
    assert [message.text for message in agents_words(served, key)] == ["您好，王先生"]


def test_what_is_written_while_sending_stays(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)

    def answer_late(route: Route) -> None:
        page.wait_for_timeout(300)
        words.press_sequentially("还有")
        route.continue_()

    page.route("**/reply", answer_late, times=1)
    words.fill("您好")
    words.press("Enter")
    expect(page.locator(".message.agent .bubble")).to_contain_text("您好")
    expect(words).to_have_value("还有")


def test_double_clicks_act_once(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    page.locator("#claim").dblclick(delay=20)
    expect(page.locator("#owner-line")).to_contain_text("您在接待")
    page.wait_for_timeout(400)
    expect(page.locator("#owner-line")).to_contain_text("您在接待")
    words.fill(WORDS)
    page.locator("#send").dblclick()
    expect(words).to_have_value("")
    assert len(agents_words(served, key)) == 1
    page.wait_for_timeout(700)
    page.get_by_role("button", name="办结").click()
    page.locator("#resolve").get_by_role("button", name="办结").dblclick()
    expect(page.locator("#owner-line")).to_contain_text("助手接待中")
    assert handoff_of(served, key) is None
    assert audited(served) == {"claim": 1, "reply": 1, "resolve": 1}
    expect(page.locator("#notice .notice")).to_have_count(0)


def audited(served: Served) -> dict[str, int]:
    """How often each step of a hand-off was taken."""

    async def read(store: Store) -> dict[str, int]:
        query = "SELECT action, count(*) FROM audit_log WHERE subject_kind = 'handoff' GROUP BY action"
        async with store.reading() as uow:
            return dict(tuple(row) for row in await uow.connection.exec_driver_sql(query))

    found: dict[str, int] = in_store(served, read)
    return found


def test_a_second_click_never_meets_the_button_that_took_the_first_ones_place(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    opened(page, key)
    place = page.locator("#claim").bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.click(x, y)
    expect(page.locator("#owner-line")).to_contain_text("您在接待")
    for dx in (-60, 0, 60):
        page.mouse.click(x + dx, y)
    page.wait_for_timeout(300)
    expect(page.locator("#owner-line")).to_contain_text("您在接待")
    assert handoff_of(served, key) is not None


def test_a_page_that_missed_who_took_the_customer_says_who_and_keeps_the_words(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key, live=False)
    colleague(served, key, "claim")
    words.fill(WORDS)
    words.press("Enter")
    expect(trouble(page)).to_contain_text("小吴 已经接手了这位客户，您写的内容还在。")
    expect(words).to_have_value(WORDS)
    expect(page.locator("#owner-line")).to_contain_text("小吴")
    screenshot(page, "bad-input-taken")
    assert agents_words(served, key) == []


def test_a_page_that_missed_the_end_says_who_ended_it_and_the_next_try_goes_on(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key, live=False)
    colleague(served, key, "resolve", reason="已解答")
    words.fill(WORDS)
    words.press("Enter")
    expect(trouble(page)).to_contain_text("小吴 刚刚结束了这次接待")
    expect(words).to_have_value(WORDS)
    expect(page.locator("#owner-line")).to_contain_text("助手接待中")
    screenshot(page, "bad-input-ended")
    words.press("Enter")
    expect(words).to_have_value("")
    expect(page.locator("#owner-line")).to_contain_text("您在接待")


def test_what_happens_while_the_page_is_fetching_is_shown_too(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page, other = waits(served, "rest", "ann"), signed_in("adviser"), signed_in("supervisor")
    opened(page, key)
    opened(other, key)

    def answer_with_the_state_before(route: Route) -> None:
        before = route.fetch()
        other.locator("#claim").click()
        page.wait_for_timeout(500)
        with suppress(Error):  # the page has asked anew meanwhile
            route.fulfill(response=before)

    page.route("**/news", answer_with_the_state_before, times=1)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('back'))")
    expect(other.locator("#owner-line")).to_contain_text("您在接待")
    expect(page.locator("#owner-line")).to_contain_text(" 在接待")


@pytest.mark.parametrize("act", ["claim", "release"])
def test_a_button_of_a_page_that_missed_something_says_what_and_shows_the_present(  # type: ignore[no-untyped-def]
    served: Served, signed_in, act: str
) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    opened(page, key, live=False)
    if act == "claim":
        colleague(served, key, "claim")
        page.locator("#claim").click()
        expect(page.locator("#notice")).to_contain_text("小吴 已经接手了这位客户")
        expect(page.locator("#owner-line")).to_contain_text("小吴")
    else:
        with page.expect_response("**/claim"):
            page.locator("#claim").click()
        page.reload()
        colleague(served, key, "release")
        page.get_by_role("button", name="交还助手").click()
        expect(page.locator("#notice")).to_contain_text("小吴 刚刚结束了这次接待")
        expect(page.locator("#owner-line")).to_contain_text("助手接待中")


def test_a_customer_who_cannot_be_reached_is_to_be_phoned_before_and_after_writing(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key, page = waits(served), signed_in("adviser")
    change_conversation(served, key, unreachable="unsubscribed")
    words = opened(page, key)
    expect(page.locator("#head")).to_contain_text("请电话联系")
    expect(page.locator("#meter")).not_to_contain_text("还可发")
    words.fill(WORDS)
    words.press("Enter")
    failed = page.locator(".message.agent[data-state=failed]")
    expect(failed).to_contain_text("没有送达")
    expect(failed).to_contain_text("客户已取消关注或拉黑，请电话联系")
    screenshot(page, "bad-input-unreachable")


def test_used_up_quota_is_told_before_and_after_writing(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served), signed_in("adviser")
    change_conversation(served, key, quota_from=real_now(), quota_used=5)
    words = opened(page, key)
    expect(page.locator("#meter")).to_contain_text("可发条数已用完")
    words.fill(WORDS)
    words.press("Enter")
    waiting = page.locator(".message.agent[data-state=waiting]")
    expect(waiting).to_contain_text("等客户再发消息后送出")
    expect(page.locator("#meter")).to_contain_text("有 1 条在等")
    screenshot(page, "bad-input-quota")


def test_a_picture_that_is_too_large_or_none_is_refused_before_it_is_uploaded(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    words.fill(WORDS)
    uploads: list[str] = []
    page.on("request", lambda request: uploads.append(request.url) if request.url.endswith("/picture") else None)
    page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": large_png(4_000_000)})
    expect(trouble(page)).to_contain_text("请换一张 0.3 MB 以内的图片")
    page.set_input_files("#picture", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(trouble(page)).to_contain_text("这里只能发 JPG、PNG、WebP 图片")
    screenshot(page, "bad-input-picture")
    assert uploads == []
    expect(words).to_have_value(WORDS)


def test_a_picture_that_is_none_is_refused_after_the_upload_too_and_the_words_stay(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": b"MZ no picture"})
    words.fill(WORDS)
    words.press("Enter")
    expect(trouble(page)).to_contain_text("这个文件不是图片，没有发出")
    expect(words).to_have_value(WORDS)
    page.locator("#picture-chosen button").click()
    words.press("Enter")
    expect(words).to_have_value("")
    assert [(each.text, each.kind) for each in agents_words(served, key)] == [(WORDS, "text")]


def test_a_customers_picture_that_was_too_large_is_told(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served), signed_in("adviser")
    customer_sent_too_large(served, key)
    opened(page, key)
    expect(page.locator(".message.customer").last).to_contain_text("文件太大或格式不支持，没有保存；请客户换一张小一点的")


def test_while_the_database_is_busy_the_words_stay_and_go_out_afterwards(  # type: ignore[no-untyped-def]
    served: Served, signed_in, screenshot
) -> None:
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    expect(page.locator("#claim")).to_be_visible()
    other = sqlite3.connect(served.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        words.fill(WORDS)
        words.press("Enter")
        expect(trouble(page)).to_contain_text("数据库正忙，刚才的操作没有保存。您写的内容还在", timeout=25_000)
        expect(words).to_have_value(WORDS)
        screenshot(page, "bad-input-busy")
    finally:
        other.execute("ROLLBACK")
        other.close()
    words.press("Enter")
    expect(words).to_have_value("")
    expect(page.locator(".message.agent .bubble")).to_contain_text("刹车片只剩")
    assert len(agents_words(served, key)) == 1


def test_a_draft_is_there_after_signing_in_again(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    words.fill(WORDS)

    async def end_sessions(store: Store) -> None:
        async with store.transaction() as uow:
            await uow.connection.exec_driver_sql("DELETE FROM agent_sessions")

    in_store(served, end_sessions)
    words.press("Enter")
    page.wait_for_url("**/sign-in?**")
    page.context.clear_cookies()  # the test's own has another path
    page.locator("[name=login]").fill("adviser")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("写给客户的话")).to_have_value(WORDS)
    page.get_by_label("写给客户的话").press("Enter")
    expect(page.locator(".message.agent .bubble")).to_contain_text("刹车片只剩")
    assert len(agents_words(served, key)) == 1


def test_an_open_page_goes_on_by_itself_after_a_restart(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    words.fill(WORDS)
    port = int(served.url.rpartition(":")[2])
    served.stop()
    words.press("Enter")
    expect(trouble(page)).to_contain_text("您写的内容还在")
    expect(page.locator("#lost")).to_contain_text("正在重新连接")
    again = Served(served.settings, EchoEngine())
    again._listener.close()
    again._listener = socket.create_server(("127.0.0.1", port))
    again.start()
    try:
        expect(page.locator("#lost")).to_have_count(0, timeout=15_000)
        colleague(served, key, "claim")
        expect(words).to_have_value(WORDS)
        page.request.post("/webhooks/rest/webhook", data={"sender": "ann", "message": "还在吗"})
        expect(page.locator(".message.customer").last).to_contain_text("还在吗")
    finally:
        again.stop()


def test_a_picture_waits_visibly_and_goes_out_with_the_words(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    key, page = waits(served, "rest", "ann"), signed_in("adviser")
    words = opened(page, key)
    page.set_input_files("#picture", {"name": "pad.png", "mimeType": "image/png", "buffer": png()})
    expect(page.locator("#picture-chosen img")).to_be_visible()
    words.fill("左前刹车片，磨损到底了。")
    screenshot(page, "picture-chosen")
    page.locator("#send").dblclick()
    expect(page.locator(".message.agent .bubble img")).to_be_visible()
    expect(page.locator("#picture-chosen")).to_be_hidden()
    page.wait_for_function("document.querySelector('.message.agent img').naturalWidth > 0")
    screenshot(page, "picture-sent")
    assert [(each.text, each.kind) for each in agents_words(served, key)] == [("左前刹车片，磨损到底了。", "image")]
