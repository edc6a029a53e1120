"""Complaints and the replies ready to send, in a real browser."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import httpx
from playwright.sync_api import Page, expect

from bot.services.clock import clock_offset
from bot.services.complaints import file_complaint
from bot.services.demo import fill_demo
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, in_store
from tests.conftest import ZONE
from tests.running import AUTHORIZED, Served


def fill(served: Served) -> str:
    """The demo dealership with a few complaints more; the number of Li's, who writes as `li`."""

    async def act(store: Store) -> str:
        async with store.transaction() as uow:
            now = (datetime.now(timezone.utc) + await clock_offset(uow)).astimezone(ZONE)
            await fill_demo(uow, now)
            li = await uow.customers.by_phone("13800138001")
            wang = await uow.customers.by_phone("13900139002")
            later = now - timedelta(hours=23)
            await uow.conversations.ensure("rest", "li", now)
            mine = await file_complaint(
                uow,
                now - timedelta(hours=2),
                channel="rest",
                user="li",
                text="空调异响没有修好，来店又等了一个多小时，没人跟我说要等多久。",
                plate="粤B8K321",
                customer_id=li.id,
                phone="13800138001",
            )
            await file_complaint(
                uow,
                later,
                channel="web",
                user="wang",
                text="洗车没洗干净，车门缝里全是泥。",
                plate="粤B66D88",
                customer_id=wang.id,
            )
            await file_complaint(uow, now, channel="telegram", user="chen", text="电话一直没人接，约不上时间。")
            return str(mine.number)

    return str(in_store(served, act))


def says(served: Served, text: str) -> None:
    body = {"sender": "li", "message": text}
    assert httpx.post(f"{served.url}/webhooks/rest/webhook", json=body).status_code == 200


def test_a_complaint_is_taken_answered_agreed_and_closed(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    number = fill(served)
    page: Page = signed_in("adviser", name="小林")
    page.goto("/desk/complaints")
    expect(page.locator(".complaint-card")).to_have_count(4)
    screenshot(page, "complaints")
    page.get_by_role("link", name=number).click()
    page.get_by_role("button", name="我来负责").click()
    expect(page.locator("#complaint-state")).to_contain_text("小林")
    page.get_by_label("方案（发给客户的原话）").fill(
        "我们为您免费更换压缩机支架，并安排主管全程陪检，工时和检查费都由我们承担。"
    )
    screenshot(page, "complaint")
    page.get_by_role("button", name="保存方案").click()
    expect(page.locator("#complaint-state")).to_contain_text("等客户答复")
    messages = httpx.get(f"{served.url}/api/v1/conversations/rest/li/messages", headers=AUTHORIZED).json()["items"]
    assert "免费更换压缩机支架" in messages[-1]["text"]
    assert messages[-1]["agent"] == "小林"
    says(served, "同意，谢谢你们")
    expect(page.locator("#complaint-answers")).to_contain_text("同意，谢谢你们")
    page.get_by_role("button", name="记录客户同意").click()
    page.get_by_role("button", name="按客户同意办结").click()
    expect(page.locator("#complaint-state")).to_contain_text("已办结")
    expect(page.locator("#complaint-log")).to_contain_text("客户同意")
    screenshot(page, "complaint-closed")
    page.goto("/desk/complaints?scope=mine")
    expect(page.locator(".complaint-card")).to_have_count(0)


def test_a_complaint_told_by_telephone_is_filed_with_the_level_its_words_suggest(
    served: Served, signed_in, screenshot
) -> None:  # type: ignore[no-untyped-def]
    fill(served)
    page: Page = signed_in("supervisor")
    page.goto("/desk/complaints")
    page.get_by_role("link", name="登记投诉").click()
    page.get_by_label("车牌").fill("粤B66D88")
    page.get_by_label("客户的原话和经过").press_sequentially("刹车又响了，第三次来修")
    expect(page.locator("#weighed")).to_contain_text("王")
    expect(page.locator("#weighed")).to_contain_text("反复发生")
    expect(page.get_by_label("客户的原话和经过")).to_be_focused()
    screenshot(page, "complaint-new")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
    page.locator("#told-level").select_option("1")
    page.get_by_label("为什么低于建议的级别").fill("客户说不急，只想反映一下")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#complaint-state")).to_contain_text("· 电话")
    expect(page.locator("#complaint-state")).to_contain_text("王主管")


def test_a_board_follows_what_a_colleague_does(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    number = fill(served)
    watcher: Page = signed_in("supervisor")
    watcher.goto("/desk/complaints")
    card = watcher.locator(".complaint-card", has_text=number)
    expect(card).to_contain_text("待接手")
    page: Page = signed_in("adviser", name="小林", size=PHONE)
    page.goto(f"/desk/complaints/{number}")
    page.get_by_role("button", name="我来负责").click()
    expect(card).to_contain_text("小林")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_new_complaints_appear_by_themselves(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    fill(served)
    page: Page = signed_in("adviser")
    page.goto("/desk/complaints")
    expect(page.locator(".complaint-card")).to_have_count(4)
    told = httpx.post(f"{served.url}/api/v1/complaints", json={"text": "前台态度冷淡"}, headers=AUTHORIZED)
    assert told.status_code == 201
    expect(page.locator(".complaint-card")).to_have_count(5)

    async def by_chat(store: Store) -> None:
        async with store.transaction() as uow:
            now = (datetime.now(timezone.utc) + await clock_offset(uow)).astimezone(ZONE)
            await file_complaint(uow, now, channel="rest", user="li", text="约好的时间又变了")

    in_store(served, by_chat)
    says(served, "你们怎么回事")
    expect(page.locator(".complaint-card")).to_have_count(6)


def test_repairs_of_the_same_fault_are_shown_as_facts(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    fill(served)
    page: Page = signed_in("supervisor")
    page.goto("/desk/complaints")
    page.locator(".complaint-card", has_text="变速箱顿挫").get_by_role("link").first.click()
    expect(page.locator(".faults")).to_contain_text("近 24 个月同一故障维修 2 次")
    expect(page.get_by_text("不是法律判断")).to_be_visible()
    page.get_by_text("近 24 个月的维修（2 次）").click()
    expect(page.locator(".repairs")).to_contain_text("H-1009")
    page.get_by_text("办结", exact=True).click()
    page.get_by_role("button", name="没有客户同意也办结").click()
    expect(page.locator("#complaint-state")).not_to_contain_text("已办结")
    page.locator("textarea[name=reason]:visible").fill("客户已退车，由总部统一处理")
    screenshot(page, "complaint-facts")
    page.get_by_role("button", name="没有客户同意也办结").click()
    expect(page.locator("#complaint-state")).to_contain_text("客户未确认")


def test_a_stale_page_says_what_has_happened_and_keeps_what_was_written(served: Served, signed_in) -> None:  # type: ignore[no-untyped-def]
    number = fill(served)
    first: Page = signed_in("adviser", name="小林")
    second: Page = signed_in("adviser", name="小何")
    for page in (first, second):
        page.goto(f"/desk/complaints/{number}")
    second.get_by_text("提出方案", exact=True).click()
    second.get_by_label("方案（发给客户的原话）").fill("送一次免费保养")
    first.get_by_role("button", name="我来负责").click()
    expect(second.locator("#complaint-state")).to_contain_text("小林")
    second.get_by_role("button", name="保存方案").click()
    expect(second.locator("#notice")).to_contain_text("小林")
    expect(second.get_by_label("方案（发给客户的原话）")).to_have_value("送一次免费保养")


def test_the_dealers_own_replies_are_kept_in_the_browser(served: Served, signed_in, screenshot) -> None:  # type: ignore[no-untyped-def]
    page: Page = signed_in("supervisor")
    page.goto("/desk/canned")
    page.get_by_text("新增一句").click()
    page.get_by_label("标题").first.fill("停车指引")
    page.get_by_label("内容").first.fill("{称呼}，到店请从东门进，保安会为您指引到接待区。")
    page.get_by_role("button", name="保存").first.click()
    expect(page.locator("#canned")).to_contain_text("【称呼】，到店请从东门进")
    screenshot(page, "canned")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_text("修改或删除").click()
    page.get_by_role("button", name="删除").click()
    expect(page.locator("#canned")).to_contain_text("还没有本店自己的常用语")
