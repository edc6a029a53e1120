"""One story from end to end, with the trained model, a customer's phone, the agents' desk and their Telegram group."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.dialogue.process import ProcessEngine
from bot.dialogue.training import train
from bot.services.demo_agents import demo_password
from bot.settings import Settings
from bot.wiring import services_for_actions
from tests.browser.desk.conftest import PHONE, WIDE
from tests.browser.desk.story import Story
from tests.channels.telegram_agents import DESK, GROUP
from tests.channels.telegram_bot import settings_on
from tests.conftest import ZONE
from tests.platforms.telegram_api import FakeTelegram
from tests.running import Served

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
AGENT, PLATE, ORDER = "小周", "粤B8K321", "WO-1001"
NOTE = "客户等得着急：先说清工单进度，再谈刹车"
PRAISE = "小周很耐心，刹车也说清楚了"
ANGRY = "问这么多烦死了！我的车修到现在还没好，给我转人工！"
_STARTS_WITHIN = 120.0


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        fake.record.group(GROUP, "顾问群")
        yield fake


@pytest.fixture
def served(telegram: FakeTelegram, tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    """The demo dealership on a Monday morning, as `make run` serves it, with the agents' group."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    given = {"BOT_DEMO": "1", "BOT_WORKER": "1", "BOT_CLOCK": MONDAY.isoformat()}
    group = {"TELEGRAM_AGENT_CHAT_ID": str(GROUP), "BOT_DESK_URL": DESK}
    settings = settings_on(telegram, f"sqlite:///{tmp_path}/bot.db", **given, **group)
    with _with_trained_model(settings) as running:
        yield running


@contextmanager
def _with_trained_model(settings: Settings) -> Iterator[Served]:
    model = Path(os.environ.get("BOT_TEST_MODEL") or train())
    running = Served(settings, ProcessEngine(model, opener=partial(services_for_actions, settings)))
    running.start(_STARTS_WITHIN)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[Page]:
    """The customer's phone with the web chat open."""
    yield from _opened(browser, served, PHONE, "/")


@pytest.fixture
def desk(browser: Browser, served: Served) -> Iterator[Page]:
    """小周's screen, signed in with name and password."""
    for page in _opened(browser, served, WIDE, "/desk"):
        page.get_by_label("登录名").fill("xiaozhou")
        page.get_by_label("密码").fill(demo_password(served.settings.secret_key))
        page.get_by_role("button", name="登录").click()
        expect(page.locator(".nav-self")).to_contain_text(AGENT)
        yield page


def _opened(browser: Browser, served: Served, size: Any, path: str) -> Iterator[Page]:
    context = browser.new_context(viewport=size, base_url=served.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(path)
    yield page
    context.close()


def test_a_customer_angry_in_the_middle_of_a_booking_is_served_by_people_and_bot(
    phone: Page, desk: Page, telegram: FakeTelegram, served: Served
) -> None:
    story = Story(phone, desk, telegram, served)
    _a_booking_is_interrupted_by_anger(story)
    _desk_and_group_see_it(story)
    _the_agent_claims_notes_and_answers(story)
    _the_workshop_moves_on_and_the_customer_agrees_to_more(story)
    _the_bot_goes_on_where_it_was_interrupted(story)
    _another_matter_is_settled_and_rated(story)
    _everything_is_on_record(story)
    _everything_is_audited(story)


def _a_booking_is_interrupted_by_anger(story: Story) -> None:
    story.say("我想预约", "请问这次主要是做什么")
    story.tap("故障维修", "出现了什么现象")
    story.say(f"{PLATE} 李女士 尾号8001", "李女士您好，已经找到您的速腾", "出现了什么现象")
    story.say("踩刹车的时候左前轮吱吱响", "多久出现一次")
    story.picture(story.phone, "booking")
    story.say(ANGRY, "已经为您请人工顾问，您排在第一位")
    expect(story.phone.locator("#status")).to_have_attribute("data-owner", "queue")
    story.picture(story.phone, "handed-over")


def _desk_and_group_see_it(story: Story) -> None:
    told = story.group("要求人工")
    assert told.buttons[0]["text"] == "接手"
    for known in ("网页", "吱吱响"):
        assert known in told.text
    for personal in (PLATE, "李", "8001", "13800138001"):
        assert personal not in told.text
    row = story.desk.locator(".row", has_text="李女士")
    expect(row).to_contain_text("等待")
    story.picture(story.desk, "queue")
    row.locator("a").click()
    card = story.desk.locator("#handoff-card")
    for shown in ("客户要求人工", "生气", "预约到店（没办完）", "故障维修", "吱吱响", "左前轮"):
        expect(card).to_contain_text(shown)
    for shown in ("已核实", "速腾", ORDER, "维修中"):
        expect(card).to_contain_text(shown)
    expect(story.desk.locator("#suggested")).to_contain_text("李女士您好")
    story.picture(story.desk, "card")


def _the_agent_claims_notes_and_answers(story: Story) -> None:
    desk, phone = story.desk, story.phone
    desk.get_by_role("button", name="接手").click()
    expect(desk.locator("#owner-line")).to_contain_text("您在接待")
    expect(phone.locator("#status-text")).to_contain_text(AGENT)
    edited = story.group(f"{AGENT} 已接手", edited=True)
    assert edited.message_id == story.group("要求人工").message_id
    story.note(NOTE)
    suggested = desk.locator("#suggested").inner_text()
    desk.get_by_role("button", name="填入回复框").click()
    expect(desk.get_by_label("写给客户的话")).to_have_value(suggested)
    desk.get_by_role("button", name="发送", exact=True).click()
    expect(phone.locator(".message.agent .bubble")).to_have_text(suggested)
    expect(phone.locator(".message.agent .who")).to_contain_text(AGENT)
    story.say("那到底几点能好？")
    expect(desk.locator(".message.customer .bubble").last).to_contain_text("几点能好")
    expect(desk.locator(".message.note")).to_contain_text(NOTE)
    expect(phone.locator("body")).not_to_contain_text(NOTE)
    expect(desk.locator(".row .unread:visible")).to_have_count(0)
    story.picture(desk, "claimed")
    story.picture(phone, "answered")


def _the_workshop_moves_on_and_the_customer_agrees_to_more(story: Story) -> None:
    desk = story.desk
    desk.locator("#handoff-card").get_by_role("link", name=ORDER).click()
    card = desk.locator(f"#order-{ORDER}")
    card.get_by_role("button", name="→ 质检").click()
    expect(desk.locator(f".zone[data-stage=inspection] #order-{ORDER}")).to_be_visible()
    card.locator(".card-open").click()
    panel = desk.locator("#panel")
    panel.get_by_text("承诺时间").first.click()
    panel.get_by_label("预计完成时间").fill("2026-11-23T17:20")
    panel.get_by_label("原因（客户会看到）").fill("需要再做一次路试")
    panel.get_by_role("button", name="告诉客户新的时间").click()
    expect(story.hears("需要再做一次路试")).to_contain_text("17:20")
    desk.get_by_text("提出增项", exact=True).click()
    desk.get_by_label("做什么", exact=True).fill("更换左前刹车片")
    desk.get_by_label("为什么", exact=True).fill("厚度剩余2毫米，踩刹车会有异响")
    desk.get_by_label("价格（元）").fill("340")
    desk.get_by_label("所需时间（分钟）").fill("40")
    story.picture(desk, "extra-item")
    desk.get_by_role("button", name="发给客户确认").click()
    expect(story.hears("更换左前刹车片")).to_contain_text("340元")
    story.picture(story.phone, "asked-for-consent")
    story.tap("同意", "已记录您同意“更换左前刹车片”，费用340元")
    expect(desk.locator(f".zone[data-stage=in_repair] #order-{ORDER}")).to_be_visible()
    expect(desk.locator(".proposal.agreed .consent")).to_contain_text("网页 · 客户本人答复")
    story.picture(desk, "consent")
    desk.get_by_role("link", name="打开会话").click()
    expect(desk.locator(".message.customer .bubble").last).to_have_text("同意")
    desk.get_by_role("button", name="交还助手").click()
    expect(desk.locator("#owner-line")).to_contain_text("助手接待中")
    story.group(f"{AGENT} 已交还", edited=True)


def _the_bot_goes_on_where_it_was_interrupted(story: Story) -> None:
    story.hears("顾问已经把对话交还给智能助手")
    story.picture(story.phone, "released")
    story.say("我的车修得怎么样了", "现在的阶段是“维修中”", "我们接着刚才没办完的事", "多久出现一次")
    story.say("偶尔", "最近可以安排的时间是")
    story.tap("11月24日", "已为您预留11月24日", "需要我们帮您安排出行吗")
    story.tap("不需要", "到店前需要提醒您吗")
    story.tap("提前两小时", "请核对一下：李女士", "吱吱响")
    story.picture(story.phone, "read-back")
    story.tap("确认预约", "预约成功")


def _another_matter_is_settled_and_rated(story: Story) -> None:
    desk, phone = story.desk, story.phone
    story.say("转人工", "已经为您请人工顾问")
    expect(desk.locator("#owner-line")).to_contain_text("等待人工")
    desk.get_by_label("写给客户的话").fill("李女士，明天我在前台等您。")
    desk.get_by_role("button", name="发送", exact=True).click()
    expect(phone.locator(".message.agent .bubble").last).to_have_text("李女士，明天我在前台等您。")
    expect(desk.locator("#owner-line")).to_contain_text("您在接待")
    desk.get_by_role("button", name="办结").click()
    assert desk.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]
    story.picture(desk, "resolve")
    desk.locator("#resolve").get_by_role("button", name="办结").click()
    expect(desk.locator("#owner-line")).to_contain_text("助手接待中")
    story.hears(f"请给{AGENT}这次的服务打个分")
    story.say("9分", "感谢您打出9分")
    story.say(PRAISE, "谢谢您的意见，已经转达给")
    story.picture(phone, "rated")


def _everything_is_on_record(story: Story) -> None:
    (visit,) = story.rows("appointments", plate=PLATE)
    assert (visit["status"], visit["channel"], visit["service_type"]) == ("booked", "web", "repair")
    assert f"{visit['starts_at']:%m-%d}" == "11-24"
    told = visit["symptoms"]
    assert (told["location"], told["noise"], told["frequency"]) == (["左前轮"], ["吱吱响"], ["偶尔"])
    first, second = story.rows("handoffs")
    assert [(each["status"], each["owner"]) for each in (first, second)] == [("released", AGENT), ("resolved", AGENT)]
    known = {"task": "booking_form", "service_kind": "repair", "plate": PLATE, "noise": ["吱吱响"], "angry": True}
    assert {name: first["facts"].get(name) for name in known} == known
    assert [(each["agent"], each["text"]) for each in story.rows("handoff_notes")] == [(AGENT, NOTE)]
    messages = story.rows("messages")
    assert NOTE not in str(messages)
    said = [each for each in messages if each["sender"] == "agent"]
    assert [(each["agent"], each["state"]) for each in said] == [(AGENT, "sent")] * 2
    _consent_and_score_are_on_record(story, visit["user"], second["id"])


def _consent_and_score_are_on_record(story: Story, user: str, talk: int) -> None:
    (order,) = story.rows("work_orders", number=ORDER)
    log = [(each["stage"], each["by"]) for each in story.rows("work_order_log", work_order_id=order["id"])]
    assert log[-4:] == [
        ("inspection", AGENT), ("awaiting_consent", AGENT), ("awaiting_consent", "customer"), ("in_repair", "bot")
    ]  # fmt: skip
    (asked,) = story.rows("proposals", work_order_id=order["id"])
    assert (asked["status"], asked["proposed_by"]) == ("agreed", AGENT)
    assert (asked["answered_channel"], asked["answered_user"]) == ("web", user)
    assert MONDAY < asked["answered_at"] < MONDAY + timedelta(hours=1)
    (consent,) = story.rows("consents", kind="extra_item")
    assert (consent["given"], consent["channel"], consent["user"]) == (True, "web", user)
    assert "更换左前刹车片" in consent["wording"]
    (survey,) = story.rows("surveys")
    assert (survey["score"], survey["comment"], survey["agent"]) == (9, PRAISE, AGENT)
    assert survey["handoff_id"] == talk


def _everything_is_audited(story: Story) -> None:
    done = {(each["action"], each["subject_kind"], each["subject"]) for each in story.rows("audit_log", actor=AGENT)}
    first, second = ((action, "handoff", number) for action, number in (("claim", "1"), ("resolve", "2")))
    expected = {first, second, ("read", "conversation", "1"), ("note", "handoff", "1"), ("reply", "handoff", "1")}
    expected |= {("release", "handoff", "1"), ("reply", "handoff", "2"), ("stage", "work_order", ORDER)}
    assert expected <= done, sorted(done)
