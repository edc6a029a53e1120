"""Passing a customer on, giving back with a way back, calls that are owed and alerts, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from bot.services import delays
from bot.store.engine import Store
from tests.browser.desk.conftest import SignedIn, in_store
from tests.browser.desk.test_conversation import asks_for_person
from tests.messages.fakes import NOON
from tests.running import Served


def test_the_colleague_reads_who_passed_on_whom_and_what_was_given_back_is_taken_again(
    served: Served, signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    key = asks_for_person(served, "customer-1", "报价什么时候有")
    lin = signed_in("adviser", name="小林")
    zhou = signed_in("adviser")
    zhou.goto(f"/desk/conversations/{key}")
    zhou.get_by_role("button", name="接手").click()
    zhou.get_by_role("button", name="转交").click()
    expect(zhou.locator("#transfer option").first).to_have_text("小林 · 在线 · 0 位客户")
    zhou.get_by_label("给同事的话").fill("客户等报价，答应今天给")
    screenshot(zhou, "transfer")
    zhou.locator("#transfer").get_by_role("button", name="转交").click()
    expect(zhou.locator(".toast")).to_contain_text("已转交给 小林")
    told = lin.locator(".toast")
    expect(told).to_contain_text("小周 把客户转交给您")
    screenshot(lin, "transferred")
    told.get_by_role("link").click()
    expect(lin.locator(".message.step", has_text="小周 转交给 小林")).to_be_visible()
    expect(lin.locator(".message.note")).to_contain_text("客户等报价")
    lin.get_by_role("button", name="交还助手").click()
    expect(lin.locator(".toast.done")).to_contain_text("已结束")
    expect(lin.locator("#owner-line")).to_contain_text("助手接待中")
    screenshot(lin, "given-back")
    lin.locator(".toast.done").get_by_role("button", name="重新接手").click()
    expect(lin.locator("#owner-line")).to_contain_text("您在接待")
    expect(lin.locator(".message.step", has_text="小林 接手")).to_be_visible()


def test_a_call_that_is_owed_is_made_and_the_supervisor_sees_what_was_late(
    served: Served, signed_in: SignedIn, screenshot: Callable[[Page, str], None]
) -> None:
    wang, zhou = signed_in("supervisor"), signed_in("adviser")
    key = asks_for_person(served, "customer-2", "一直没有人理我")

    async def too_late(store: Store) -> None:
        async with store.transaction() as uow:
            handoff = await uow.handoffs.open_of(key)
            await uow.handoffs.set_facts(handoff.id, {"surname": "刘", "title": "先生", "phone": "13866667777"})
            assert await delays.owe_call_back(uow, NOON + timedelta(hours=5), handoff.id) is not None
            await uow.conversations.announce(key)

    in_store(served, too_late)
    expect(wang.locator(".toast")).to_contain_text("已答应回电")
    expect(wang.locator("#alerts-count")).to_contain_text("1")
    wang.locator(".nav").get_by_role("link", name="督办").click()
    expect(wang.locator(".alert")).to_contain_text("刘先生")
    screenshot(wang, "alerts")
    wang.locator(".alert").get_by_role("button", name="已看").click()
    expect(wang.get_by_text("没有需要过问的事")).to_be_visible()
    expect(wang.locator("#alerts-count")).to_be_hidden()
    zhou.goto("/desk/queue?show=calls")
    zhou.locator(f"#row-{key} a").click()
    zhou.wait_for_url(f"**/desk/conversations/{key}*")
    zhou.get_by_role("button", name="显示").first.click()
    expect(zhou.locator("#call-phone")).to_contain_text("13866667777")
    zhou.wait_for_timeout(800)  # what is fetched anew does not hide it again
    expect(zhou.locator("#call-phone")).to_contain_text("13866667777")
    screenshot(zhou, "call-back")
    zhou.get_by_role("button", name="已回电").click()
    zhou.get_by_label("说了什么").fill("已解释，明天来店")
    screenshot(zhou, "called")
    zhou.locator("#called").get_by_role("button", name="保存").click()
    expect(zhou.locator(".toast.done")).to_contain_text("已记下回电并办结")
    expect(zhou.locator('#tabs [data-show="calls"] .count')).to_have_text("0")
    expect(zhou.locator("#queue .row")).to_have_count(0)
    expect(zhou.locator(".message.step", has_text="已电话答复")).to_be_visible()
