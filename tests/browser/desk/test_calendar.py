"""The calendar in a real browser: drag, keys, forms, live changes, and a phone's width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from bot.business.appointments import Appointment
from bot.business.windows import Place
from bot.services import booking
from bot.services.blocking import block_time
from bot.store.engine import Store
from tests.browser.desk.conftest import PHONE, SignedIn, in_store
from tests.running import Served
from tests.services.workshops import request_for

Keep = Callable[[Page, str], None]
TODAY = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
DAY = "2026-11-23"
MONDAY = datetime.fromisoformat(f"{DAY}T08:30:00+08:00")
# Hours after 08:30, kind of work, plate, who.
FULL = (
    (0.0, "maintenance", "粤B10001", "李", "女士"),
    (0.0, "repair", "粤B10002", "张", "先生"),
    (2.0, "accident", "粤BD20003", "欧阳", "先生"),
    (1.5, "inspection", "粤B10004", "何", "女士"),
    (5.5, "tyre", "粤B10005", "孙", "先生"),
    (6.5, "maintenance", "粤B10006", "马", "女士"),
)


async def a_full_day(store: Store) -> None:
    async with store.transaction() as uow:
        await uow.conversations.ensure("web", "u0", TODAY)
        for number, (hours, kind, plate, surname, title) in enumerate(FULL):
            wish = {"service_type": kind, "surname": surname, "title": title, "user": f"u{number}"}
            start = MONDAY + timedelta(hours=hours)
            await booking.book_appointment(uow, TODAY, request_for(start, plate, **wish))
        again = request_for(MONDAY + timedelta(hours=7.5), "粤B10001", service_type="tyre", user="somebody")
        await booking.book_appointment(uow, TODAY, again)
        closed = {"start": MONDAY + timedelta(hours=4.5), "end": MONDAY + timedelta(hours=6.5)}
        await block_time(uow, TODAY, place=Place(3), reason="举升机保养", agent="老陈", anyway=True, **closed)


async def a_known_car(store: Store) -> None:
    async with store.transaction() as uow:
        li = await uow.customers.add({"surname": "李", "title": "女士", "phone": "13800138001"}, TODAY)
        await uow.vehicles.add({"customer_id": li, "plate": "粤B8K321", "model": "速腾"}, TODAY)


def visit_in(served: Served, plate: str) -> Appointment:
    async def read(store: Store) -> Appointment:
        async with store.reading() as uow:
            found: list[Appointment] = await uow.appointments.open_of_plate(plate)
            return found[0]

    found: Appointment = in_store(served, read)
    return found


def messages_to(served: Served, user: str) -> list[str]:
    async def read(store: Store) -> list[str]:
        async with store.reading() as uow:
            conversation = await uow.conversations.find("web", user)
            return [each.text for each in await uow.messages.after(conversation.id)]

    found: list[str] = in_store(served, read)
    return found


def calendar(signed_in: SignedIn, query: str = f"?day={DAY}", **who: Any) -> Page:
    page = signed_in(**who)
    page.goto(f"/desk/calendar{query}")
    expect(page.locator("#board")).to_be_visible()
    return page


def test_a_visit_is_dragged_to_another_bay_and_time_and_the_customer_is_told(
    served: Served, signed_in: SignedIn, screenshot: Keep
) -> None:
    in_store(served, a_full_day)
    page = calendar(signed_in)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    screenshot(page, "calendar-day")
    card = page.locator(".visit-card", has_text="粤B10001").first
    number = card.get_attribute("data-number")
    lane = page.locator(".lane").nth(1).locator(".lane-list")
    box = lane.bounding_box()
    assert box is not None
    card.drag_to(lane, source_position={"x": 20, "y": 4}, target_position={"x": 40, "y": (13 * 60 - 510) * 1.35 + 4})
    move = page.get_by_role("button", name="确认改动")
    expect(move).to_be_focused()
    expect(page.locator("#times input:checked")).to_have_value("2026-11-23T13:00:00+08:00")
    assert visit_in(served, "粤B10001").start.astimezone(MONDAY.tzinfo) == MONDAY, (
        "nothing moves before it is confirmed"
    )
    screenshot(page, "calendar-move")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("已在聊天里通知客户")
    expect(page.locator(f"#board .lane:nth-child(2) #visit-{number}")).to_contain_text("13:00–14:00")
    moved = visit_in(served, "粤B10001")
    assert (moved.start.astimezone(MONDAY.tzinfo), moved.bay_id) == (MONDAY.replace(hour=13, minute=0), 2)
    assert "13:00" in messages_to(served, "u0")[-1]
    assert broken == []


def test_keys_move_a_visit_open_forms_and_close_them(served: Served, signed_in: SignedIn) -> None:
    in_store(served, a_full_day)
    page = calendar(signed_in)
    card = page.locator(".visit-card", has_text="粤B10006")
    card.focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_role("button", name="确认改动")).to_be_focused()
    expect(page.locator("#times input:checked")).to_have_value("2026-11-23T15:30:00+08:00")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_empty()
    expect(card).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_contain_text("15:00")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.locator("#panel h2")).to_have_text("到店即办")
    expect(page.get_by_label("车牌")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.wait_for_url("**day=2026-11-24*")


def test_a_booking_is_made_from_a_gap_and_other_desks_see_it(served: Served, signed_in: SignedIn) -> None:
    in_store(served, a_known_car)
    other = calendar(signed_in, name="老陈")
    page = calendar(signed_in)
    page.locator(".lane").nth(1).locator("[data-gap]").first.click()
    page.get_by_label("车牌").fill("粤B8K321")
    page.get_by_label("手机号").click()
    expect(page.locator("#known")).to_contain_text("速腾 · 李女士")
    page.get_by_role("radio", name="09:00").check()
    with page.expect_response("**/desk/calendar/times*"):
        page.get_by_label("项目").select_option("tyre")
    expect(page.get_by_role("radio", name="09:00")).to_be_checked()
    page.get_by_role("button", name="确定预约").click()
    expect(page.locator("#panel")).to_contain_text("请在电话里把时间和预约号告诉客户")
    expect(other.locator(".lane").nth(1)).to_contain_text("粤B8K321", timeout=3_000)
    booked = visit_in(served, "粤B8K321")
    assert (booked.bay_id, booked.status, booked.surname) == (2, "booked", "李")


def test_the_kind_of_work_is_read_in_full(served: Served, signed_in: SignedIn, screenshot: Keep) -> None:
    for language, size in (("zh", {"width": 1366, "height": 850}), ("en", PHONE)):
        page = signed_in("adviser", language=language, size=size)
        page.goto("/desk/calendar/new")
        assert page.locator("[name=service_type]").evaluate(_CUT_OPTIONS) == []
        screenshot(page, f"calendar-booking-{language}")


# Which options are wider than what the field shows of them.
_CUT_OPTIONS = """(field) => {
  const room = field.clientWidth - 40; // its padding and its arrow
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(field).font;
  return [...field.options].map((each) => each.text).filter((text) => pen.measureText(text).width > room);
}"""


def test_a_walk_in_is_opened_on_the_board_and_a_booking_for_another_day_shows_that_day(
    served: Served, signed_in: SignedIn, screenshot: Keep
) -> None:
    in_store(served, a_known_car)
    page = calendar(signed_in, "?day=2026-11-20")
    workshop = signed_in()
    workshop.goto("/desk/workshop")
    page.keyboard.press("w")
    page.get_by_label("车牌").fill("粤B8K321")
    page.get_by_role("button", name="登记到店").click()
    expect(page.get_by_role("link", name="打开工单")).to_be_visible()
    expect(workshop.locator("#stage-received")).to_contain_text("粤B8K321", timeout=3_000)
    screenshot(page, "calendar-walk-in")
    page.get_by_role("link", name="再登记一辆").press("Escape")
    page.keyboard.press("n")
    page.get_by_label("车牌").fill("粤B10009")
    page.get_by_label("手机号").fill("13500135005")
    with page.expect_response("**/desk/calendar/times*"):
        page.get_by_label("日期", exact=True).last.fill(DAY)
    page.get_by_role("radio", name="10:00").check()
    page.get_by_role("button", name="确定预约").click()
    page.wait_for_url(f"**/desk/calendar?day={DAY}*")
    expect(page.locator("#board .lane").first).to_contain_text("粤B10009")
    expect(page.locator(".calendar-date input[type=date]")).to_have_value(DAY)
    expect(page.locator("#panel")).to_contain_text("已预约")
    box = page.locator("#board .visit").bounding_box()
    assert box is not None
    assert abs(box["height"] - 60 * 1.35) < 8, "the board that came along is to scale"
    page.keyboard.press("]")
    page.wait_for_url("**day=2026-11-24*")


def test_two_agents_on_one_visit_the_second_is_told_and_sees_it_anew(served: Served, signed_in: SignedIn) -> None:
    in_store(served, a_full_day)
    first, second = calendar(signed_in), calendar(signed_in, name="老陈")
    for page in (first, second):
        page.locator(".visit-card", has_text="粤B10006").click()
        page.get_by_text("改时间、工位或技师").click()
    first.get_by_role("radio", name="16:00").check()
    first.get_by_role("button", name="确认改动").click()
    expect(first.locator("#panel")).to_contain_text("已改好")
    second.get_by_role("radio", name="13:00").check()
    second.get_by_role("button", name="确认改动").click()
    expect(second.locator("#panel [role=alert]")).to_contain_text("小周 刚刚改了这个预约")
    expect(second.locator("#panel h2")).to_contain_text("16:00")


def test_time_is_closed_and_opened_again(served: Served, signed_in: SignedIn, screenshot: Keep) -> None:
    in_store(served, a_full_day)
    page = calendar(signed_in, "?day=2026-11-24")
    page.keyboard.press("b")
    page.get_by_label("停用什么").select_option(label="2号工位")
    page.get_by_label("原因").fill("设备维护")
    page.get_by_role("button", name="停用这段时间").click()
    expect(page.locator("#panel")).to_contain_text("这段时间不再接受预约")
    expect(page.locator(".lane").nth(1)).to_contain_text("不可用 08:30–17:30 设备维护")
    closed = page.locator(".lane").nth(1).locator(".block").bounding_box()
    assert closed is not None
    assert closed["height"] > 500, "the board that was drawn anew is to scale as before"
    screenshot(page, "calendar-blocks")
    page.locator(".calendar-blocks li", has_text="2号工位").get_by_role("button", name="恢复").click()
    expect(page.locator(".lane").nth(1)).not_to_contain_text("设备维护")


def test_a_visit_is_dragged_to_another_day_of_the_week(served: Served, signed_in: SignedIn, screenshot: Keep) -> None:
    in_store(served, a_full_day)
    page = calendar(signed_in, f"?day={DAY}&view=week&by=technician")
    screenshot(page, "calendar-week")
    page.set_viewport_size({"width": 1280, "height": 1600})  # all days, so that nothing scrolls under the mouse
    cell = page.locator("tr", has_text="11月25日").locator("td.lane").nth(0)
    page.locator(".visit-card", has_text="粤B10005").drag_to(cell)
    expect(page.locator("#times input:checked")).to_have_value("2026-11-25T14:00:00+08:00")
    page.get_by_label("给客户的说明（会发给客户，可不填）").first.fill("轮胎推迟到货")
    page.get_by_role("button", name="确认改动").click()
    expect(page.locator("#panel")).to_contain_text("请打电话告诉客户")
    expect(page.locator("tr", has_text="11月25日")).to_contain_text("粤B10005")


def test_on_a_phone_one_bay_is_shown_at_a_time(served: Served, signed_in: SignedIn) -> None:
    in_store(served, a_full_day)
    page = calendar(signed_in, size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator(".lane:visible")).to_have_count(1)
    page.locator(".calendar-columns").get_by_text("2号工位").click()
    expect(page.locator(".lane:visible h3")).to_contain_text("2号工位")
    page.locator(".lane:visible .visit-card").first.click()
    expect(page.locator("#panel h2")).to_be_visible()
    page.get_by_text("改时间、工位或技师").click()
    page.get_by_label("日期", exact=True).last.fill("2026-11-24")
    page.get_by_role("radio", name="10:00").check()
    page.get_by_role("button", name="确认改动").click()
    expect(page.locator("#panel")).to_contain_text("已改好")
    page.goto(f"/desk/calendar?day={DAY}&view=week")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator(".calendar-week tr:visible")).to_have_count(1)


def test_the_desk_speaks_english_too(served: Served, signed_in: SignedIn, screenshot: Keep) -> None:
    in_store(served, a_full_day)
    page = calendar(signed_in, language="en")
    page.locator(".visit-card", has_text="粤B10001").first.click()
    expect(page.locator("#panel")).to_contain_text("Change time, bay or technician")
    screenshot(page, "calendar-english")
