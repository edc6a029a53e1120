"""The calendar's pages: who may use them, what they show, every change told, and plain words for what is refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.business.appointments import Appointment
from bot.business.calendar import DayOverride
from bot.business.windows import Place, Window, Wish
from bot.business.work_orders import WorkOrder
from bot.services import booking, visits
from bot.services.blocking import block_time
from bot.services.offers import offer_windows
from bot.services.work_orders import open_work_order
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.running import client_of, running_bot, settings_for
from tests.services.workshops import request_for

CHEN = "粤BD12345"
TEN = "2026-11-21T10:00:00+08:00"
EVIL = "<script>alert(1)</script>"
GETS = (
    "calendar",
    "calendar/board",
    "calendar/new",
    "calendar/walk-in",
    "calendar/blocks",
    "calendar/times?service_type=tyre&on=2026-11-21",
    "calendar/known?plate=粤BD12345",
    "calendar/visits/A-1001",
    "calendar/visits/A-1001/times?on=2026-11-21",
)
POSTS = (
    "calendar/new",
    "calendar/walk-in",
    "calendar/blocks",
    "calendar/blocks/1/open",
    "calendar/visits/A-1001/move",
    "calendar/visits/A-1001/cancel",
    "calendar/visits/A-1001/confirm",
    "calendar/visits/A-1001/status",
    "calendar/visits/A-1001/order",
    "calendar/visits/A-1001/phone",
)


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


@pytest.fixture
async def desk(bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    async with at_desk(bot) as client:
        yield client


async def visit_of(bot: Bot, number: str = "A-1001") -> Appointment:
    async with bot.store.reading() as uow:
        found = await uow.appointments.get(number)
        assert found is not None
        return found


async def seen(bot: Bot, number: str = "A-1001") -> str:
    return visits.state_of(await visit_of(bot, number))


async def messages_to(bot: Bot, user: str, channel: str = "web") -> list[str]:
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.find(channel, user)
        return [each.text or "" for each in await uow.messages.after(conversation.id)]


async def with_chat(bot: Bot, user: str = "demo") -> None:
    async with bot.store.transaction() as uow:
        await uow.conversations.ensure("web", user, bot.clock.now())


@pytest.mark.parametrize("route", GETS)
async def test_only_who_may_use_the_calendar_sees_it(bot: Bot, route: str) -> None:
    for role, status in (("adviser", 200), ("manager", 200), ("administrator", 403)):
        async with at_desk(bot, role) as client:
            assert (await client.get(f"/desk/{route}")).status_code == status, role
    async with client_of(bot) as stranger:
        assert (await stranger.get(f"/desk/{route}")).status_code == 303


@pytest.mark.parametrize("route", POSTS)
async def test_nothing_is_changed_without_the_role_or_without_the_sessions_word(bot: Bot, route: str) -> None:
    given = {"seen": await seen(bot), "status": "arrived", "reason": "x", "start": TEN, "plate": "粤B11111"}
    async with at_desk(bot, "administrator") as client:
        assert (await client.post(f"/desk/{route}", data=given)).status_code == 403
    async with at_desk(bot) as client:
        forged = await client.post(f"/desk/{route}", data=given, headers={"X-CSRF-Token": "guessed"})
        assert forged.status_code == 403
    async with client_of(bot) as stranger:
        assert (await stranger.post(f"/desk/{route}", data=given)).status_code == 303
    assert (await visit_of(bot)).status == "booked"


async def test_the_day_shows_visits_by_bay_and_by_technician(bot: Bot, desk: httpx.AsyncClient) -> None:
    by_bay = (await desk.get("/desk/calendar?day=2026-11-21")).text
    assert all(words in by_bay for words in (CHEN, "1号工位", "10:00–11:00", "定期保养 · 陈女士", "还可约"))
    by_technician = (await desk.get("/desk/calendar?day=2026-11-21&by=technician")).text
    assert all(words in by_technician for words in (CHEN, "张师傅", "周师傅"))
    week = (await desk.get("/desk/calendar?day=2026-11-24&view=week")).text
    assert CHEN in week
    assert len(re.findall(r"<tr class=\"(?:open|closed|holiday)", week)) == 7
    assert "style=" not in by_bay + by_technician + week
    assert "13700137003" not in by_bay + by_technician + week


@pytest.mark.parametrize("query", ["day=x", "day=9999-12-31&view=week", "day=0001-01-01", "by=x&column=-1&view=x"])
async def test_an_odd_address_shows_some_days(desk: httpx.AsyncClient, query: str) -> None:
    assert (await desk.get(f"/desk/calendar?{query}")).status_code == 200


def days_of(week: str) -> list[str]:
    return sorted(set(re.findall(r'data-day="([0-9-]+)"', week)))


async def test_a_week_begins_with_today_and_the_next_one_follows_on_it(desk: httpx.AsyncClient) -> None:
    for day in ("2026-11-20", "2026-11-24", "2026-11-26"):
        shown = days_of((await desk.get(f"/desk/calendar?view=week&day={day}")).text)
        assert (shown[0], shown[-1], len(shown)) == ("2026-11-20", "2026-11-26", 7), day
    assert days_of((await desk.get("/desk/calendar?view=week&day=2026-11-27")).text)[0] == "2026-11-27"
    assert days_of((await desk.get("/desk/calendar?view=week&day=2026-11-19")).text)[-1] == "2026-11-19"


async def test_free_time_is_told_in_hours_and_minutes(bot: Bot, desk: httpx.AsyncClient) -> None:
    async with bot.store.transaction() as uow:
        start = datetime.fromisoformat("2026-11-25T08:30:00+08:00")
        given = {"place": Place(1), "reason": "培训", "agent": "老陈"}
        await block_time(uow, bot.clock.now(), start=start, end=start + timedelta(minutes=45), **given)
        given["place"] = Place(2)
        await block_time(uow, bot.clock.now(), start=start, end=start + timedelta(hours=10), **given)
    day = (await desk.get("/desk/calendar?day=2026-11-25")).text
    columns = re.findall(r"<h3>(\S+) <[^>]+>\s*(空闲 [^<]+?|已排满)\s*<", day)
    assert columns == [("1号工位", "空闲 7 小时 15 分"), ("2号工位", "已排满"), ("3号工位", "空闲 8 小时")]


async def test_another_kind_of_work_keeps_the_chosen_time_while_it_is_free(desk: httpx.AsyncClient) -> None:
    asked = f"on=2026-11-21&start={TEN.replace('+', '%2B')}"
    tyre = (await desk.get(f"/desk/calendar/times?service_type=tyre&{asked}")).text
    assert f'value="{TEN}" required checked' in tyre
    taken = (await desk.get(f"/desk/calendar/times?service_type=tyre&{asked}&bay=1")).text
    assert "checked" not in taken
    assert "10:00 排不下" in taken
    other_day = (await desk.get(f"/desk/calendar/times?service_type=tyre&{asked.replace('21&', '22&')}")).text
    assert "checked" not in other_day
    moving = (await desk.get(f"/desk/calendar/visits/A-1001/times?{asked}")).text
    assert f'value="{TEN}" required checked' in moving


async def test_after_a_booking_for_another_day_the_board_shows_that_day(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"plate": "粤B11111", "phone": "13500135005", "service_type": "tyre", "start": TEN}
    answer = await desk.post("/desk/calendar/new?day=2026-11-20", data=given)
    assert answer.headers["HX-Push-Url"] == "/desk/calendar?day=2026-11-21&view=day&by=bay"
    board = answer.text.split('id="board"')[1]
    assert 'hx-swap-oob="true"' in board
    assert "粤B11111" in board
    assert answer.text.count('hx-swap-oob="true"') == 2, "the dates above it as well"
    same = {"seen": await seen(bot), "start": "2026-11-21T14:00:00+08:00"}
    stays = await desk.post("/desk/calendar/visits/A-1001/move?day=2026-11-21", data=same)
    assert 'id="board"' not in stays.text
    assert "HX-Push-Url" not in stays.headers


async def test_holidays_and_closed_days_are_named_and_take_no_bookings(bot: Bot, desk: httpx.AsyncClient) -> None:
    async with bot.store.transaction() as uow:
        await uow.calendar.set_day(datetime(2026, 12, 5).date(), DayOverride("closed"))  # noqa: DTZ001
    assert "国庆节" in (await desk.get("/desk/calendar?day=2026-10-01")).text
    closed = (await desk.get("/desk/calendar?day=2026-12-05")).text
    assert "这一天不营业，不接受预约。" in closed
    assert "调休上班" in (await desk.get("/desk/calendar?day=2026-10-10")).text


async def test_the_year_whose_holidays_are_not_loaded_is_named_to_who_can_have_it_loaded(
    bot: Bot, desk: httpx.AsyncClient
) -> None:
    words = "2027 年的放假安排还没有载入"
    assert words not in (await desk.get("/desk/calendar")).text
    async with at_desk(bot, "manager") as manager:
        shown = (await manager.get("/desk/calendar")).text
    assert words in shown
    assert "请管理员" in shown
    on_such_a_day = (await desk.get("/desk/calendar?day=2031-02-01")).text
    assert "2031 年的放假安排还没有载入" in on_such_a_day, "who books there has to know"
    assert "请管理员" not in on_such_a_day


async def test_an_open_page_is_drawn_anew_only_when_something_has_changed(bot: Bot, desk: httpx.AsyncClient) -> None:
    shown = (await desk.get("/desk/calendar/board?day=2026-11-25")).text
    again = re.search(r'hx-get="(/desk/calendar/board[^"]+)"', shown)
    assert again is not None
    address = again[1].replace("&amp;", "&")
    assert (await desk.get(address)).status_code == 204
    async with bot.store.transaction() as uow:
        wish = Wish(
            datetime.fromisoformat("2026-11-25T10:00:00+08:00"), datetime.fromisoformat("2026-11-25T10:00:00+08:00")
        )
        await offer_windows(uow, bot.clock.now(), service_type="tyre", wish=wish, holder="web:x")
    assert "客户正在选这个时间" in (await desk.get(address)).text


async def test_a_move_is_told_in_the_chat_and_noted(bot: Bot, desk: httpx.AsyncClient) -> None:
    await with_chat(bot)
    given = {"seen": await seen(bot), "start": "2026-11-21T14:00:00+08:00", "bay": "2", "why": "配件推迟到货"}
    with bot.context.news.watching() as watcher:
        answer = await desk.post("/desk/calendar/visits/A-1001/move", data=given)
        assert "calendar" in watcher.take()
    assert answer.status_code == 200
    assert "已在聊天里通知客户。" in answer.text
    moved = await visit_of(bot)
    assert (moved.start.isoformat(), moved.bay_id) == ("2026-11-21T14:00:00+08:00", 2)
    (told,) = await messages_to(bot, "demo")
    assert all(
        words in told for words in ("陈女士", "11月21日（周六）10:00", "11月21日（周六）14:00", "（配件推迟到货）")
    )
    async with bot.store.reading() as uow:
        entries = await uow.audit.about("appointment", "A-1001")
    assert ("小周", "move") in [(entry.actor, entry.action) for entry in entries]


async def test_without_a_chat_the_agent_is_asked_to_phone(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"seen": await seen(bot), "reason": "客户要求"}
    answer = await desk.post("/desk/calendar/visits/A-1001/cancel", data=given)
    assert "客户没有可用的聊天，请打电话告诉客户。" in answer.text
    assert (await visit_of(bot)).cancel_reason == "客户要求"


@pytest.mark.parametrize(("whose", "sorry"), [("customer", False), ("dealer", True)])
async def test_only_a_visit_we_cancel_is_apologised_for(
    bot: Bot, desk: httpx.AsyncClient, whose: str, sorry: bool
) -> None:
    await with_chat(bot)
    given = {"seen": await seen(bot), "reason": "行程有变", "whose": whose}
    assert "已取消。" in (await desk.post("/desk/calendar/visits/A-1001/cancel", data=given)).text
    (told,) = await messages_to(bot, "demo")
    assert ("抱歉" in told) is sorry
    assert ("按您的意思" in told) is not sorry


async def test_a_taken_time_is_refused_with_others_to_choose(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"plate": "粤B11111", "phone": "13500135005", "service_type": "maintenance", "start": TEN, "bay": "1"}
    first = await desk.post("/desk/calendar/new", data=given)
    assert first.status_code == 409
    assert "这个时间已经排满" in first.text
    assert "最近的空闲时间" in first.text
    assert re.search(r'value="2026-11-21T10:00:00\+08:00"[^>]*><span>[^<]*2号工位', first.text)
    booked = await desk.post("/desk/calendar/new", data={**given, "bay": ""})
    assert booked.status_code == 200
    assert "请在电话里把时间和预约号告诉客户" in booked.text


async def test_a_page_out_of_date_is_told_by_whom_and_shown_anew(bot: Bot, desk: httpx.AsyncClient) -> None:
    stale = await seen(bot)
    async with bot.store.transaction() as uow:
        start = datetime.fromisoformat(TEN) + timedelta(hours=5)
        given = {"number": "A-1001", "place": Place(), "agent": "老陈", "seen": stale}
        await visits.move_visit(uow, bot.clock.now(), start=start, **given)
    answer = await desk.post("/desk/calendar/visits/A-1001/cancel", data={"seen": stale, "reason": "客户要求"})
    assert answer.status_code == 409
    assert "老陈 刚刚改了这个预约" in answer.text
    assert "15:00" in answer.text
    assert (await visit_of(bot)).status == "booked"


async def test_a_known_car_is_booked_for_its_owner_in_their_chat(bot: Bot, desk: httpx.AsyncClient) -> None:
    await with_chat(bot, "li")
    async with bot.store.transaction() as uow:
        li = await uow.customers.by_phone("13800138001")
        await uow.customers.bind(li.id, "web", "li", bot.clock.now())
    known = (await desk.get("/desk/calendar/known?plate=粤b8k321")).text
    assert "速腾 · 李女士 · 138****8001" in known
    given = {"plate": "粤B8K321", "service_type": "tyre", "start": TEN}
    answer = await desk.post("/desk/calendar/new", data=given)
    assert "已在聊天里通知客户。" in answer.text
    booked = await visit_of(bot, "A-1002")
    assert (booked.customer_id, booked.surname, booked.phone, booked.model) == (li.id, "李", "13800138001", "速腾")
    assert "预约号A-1002" in (await messages_to(bot, "li"))[0]
    again = await desk.post("/desk/calendar/new", data=given)
    assert again.status_code == 409
    assert "已经有预约 A-1002" in again.text
    later = {**given, "start": "2026-11-21T14:00:00+08:00", "again": "1"}
    assert (await desk.post("/desk/calendar/new", data=later)).status_code == 200


async def test_another_persons_phone_is_not_linked_to_the_owner(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"plate": "粤B8K321", "service_type": "tyre", "start": TEN, "surname": "周", "phone": "13500135005"}
    assert (await desk.post("/desk/calendar/new", data=given)).status_code == 200
    booked = await visit_of(bot, "A-1002")
    assert (booked.customer_id, booked.user, booked.surname) == (None, "", "周")


async def test_somebody_at_the_counter_is_received_at_once(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"plate": "未上牌", "surname": "吴", "title": "先生", "phone": "13500135005", "service_type": "inspection"}
    answer = await desk.post("/desk/calendar/walk-in", data=given)
    assert "已登记到店" in answer.text
    assert (await visit_of(bot, "A-1002")).status == "arrived"


async def order_of(bot: Bot, number: str) -> WorkOrder:
    """The work order that began with the visit."""
    async with bot.store.reading() as uow:
        found: WorkOrder | None = await uow.work_orders.find(await uow.board.order_of(number) or "")
        assert found is not None
        return found


async def test_a_walk_in_stands_on_the_workshop_board_at_once(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"plate": "粤B5T678", "service_type": "tyre", "mileage_km": "77000"}
    with bot.context.news.watching() as watcher:
        answer = await desk.post("/desk/calendar/walk-in", data=given)
        assert {"calendar", "workshop"} <= set(watcher.take())
    order = await order_of(bot, "A-1002")
    assert (order.stage, order.plate, order.work, order.adviser) == ("received", "粤B5T678", "轮胎更换", "小周")
    assert (order.mileage_km, order.customer_id) == (77000, (await visit_of(bot, "A-1002")).customer_id)
    assert f"/desk/workshop/orders/{order.number}" in answer.text
    board = (await desk.get("/desk/workshop/board")).text
    assert order.number in board.split('data-stage="received"')[1].split('class="zone"')[0]


async def test_who_walks_in_is_told_as_the_board_tells_it(bot: Bot, desk: httpx.AsyncClient) -> None:
    await with_chat(bot, "li")
    async with bot.store.transaction() as uow:
        li = await uow.customers.by_phone("13800138001")
        await uow.customers.bind(li.id, "web", "li", bot.clock.now())
    await desk.post("/desk/calendar/walk-in", data={"plate": "粤B5T678", "service_type": "tyre"})
    await bot._worker.tell_stages()
    (told,) = await messages_to(bot, "li")
    assert all(words in told for words in ("李女士", "途观L", "已经接车"))


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ({"plate": "粤B31415", "phone": "13500135005", "surname": "吴", "consent": "1"}, "13500135005"),
        ({"plate": "粤B31415", "phone": "13500135005", "surname": "吴"}, None),
        ({"plate": "未上牌", "model": "宝来", "phone": "13500135005", "surname": "吴"}, None),
    ],
    ids=["agreed to be on record", "did not agree", "without a plate"],
)
async def test_an_unknown_car_gets_its_order_and_its_owner_is_entered_only_when_they_agreed(
    bot: Bot, desk: httpx.AsyncClient, given: dict[str, str], phone: str | None
) -> None:
    answer = await desk.post("/desk/calendar/walk-in", data={**given, "service_type": "inspection"})
    assert answer.status_code == 200
    order = await order_of(bot, "A-1002")
    assert (order.stage, order.phone) == ("received", phone)
    visit = (await desk.get("/desk/calendar/visits/A-1002")).text
    assert re.search("吴(</a>)? · 到店<", visit)
    async with bot.store.reading() as uow:
        assert (await uow.customers.by_phone("13500135005") is None) == (phone is None)
    assert ("没有勾选客户同意" in answer.text) == (phone is None)


@pytest.mark.parametrize(
    "given",
    [{"plate": "粤B31415"}, {"plate": "粤B31415", "surname": "吴"}, {"plate": "未上牌", "phone": "13500135005"}],
    ids=["a plate alone", "no phone", "no name"],
)
async def test_whoever_brings_a_car_nobody_knows_is_asked_for_name_and_phone(
    bot: Bot, desk: httpx.AsyncClient, given: dict[str, str]
) -> None:
    answer = await desk.post("/desk/calendar/walk-in", data={**given, "service_type": "inspection", "note": "很急"})
    assert answer.status_code == 422
    assert "请填写客户的姓和手机号" in answer.text
    assert all(words in answer.text for words in (*given.values(), "很急"))
    async with bot.store.reading() as uow:
        assert await uow.appointments.get("A-1002") is None


async def test_a_visit_says_how_it_came_and_names_nobody_by_an_empty_string(
    bot: Bot, desk: httpx.AsyncClient
) -> None:
    given = {"plate": "粤B31415", "phone": "13500135005", "service_type": "inspection", "start": TEN}
    await desk.post("/desk/calendar/new", data=given)
    assert "<dd>未留姓名 · 顾问登记</dd>" in (await desk.get("/desk/calendar/visits/A-1002")).text


async def test_a_car_in_the_workshop_does_not_walk_in_once_more(bot: Bot, desk: httpx.AsyncClient) -> None:
    answer = await desk.post("/desk/calendar/walk-in", data={"plate": "粤B8K321", "service_type": "tyre"})
    assert answer.status_code == 409
    assert "已经在店，工单是 WO-1001" in answer.text
    async with bot.store.reading() as uow:
        assert await uow.appointments.get("A-1002") is None


async def test_arriving_opens_the_order_of_a_booked_visit_once(bot: Bot, desk: httpx.AsyncClient) -> None:
    await bot.clock.advance(24 * 60)
    given = {"seen": await seen(bot), "status": "arrived"}
    answer = await desk.post("/desk/calendar/visits/A-1001/status", data=given)
    order = await order_of(bot, "A-1001")
    assert f"/desk/workshop/orders/{order.number}" in answer.text
    assert (order.stage, order.work) == ("received", "定期保养")
    again = await desk.post("/desk/calendar/visits/A-1001/order", data={"seen": await seen(bot)})
    assert order.number in again.text
    assert (await order_of(bot, "A-1001")).changed_at == order.changed_at


async def test_a_visit_that_another_system_saw_arrive_gets_its_order_by_one_click(
    bot: Bot, desk: httpx.AsyncClient
) -> None:
    early = await desk.post("/desk/calendar/visits/A-1001/order", data={"seen": await seen(bot)})
    assert early.status_code == 409
    async with bot.store.transaction() as uow:
        await booking.change_status(uow, bot.clock.now(), number="A-1001", status="arrived")
    shown = (await desk.get("/desk/calendar/visits/A-1001")).text
    assert "新开工单" in shown
    answer = await desk.post("/desk/calendar/visits/A-1001/order", data={"seen": await seen(bot)})
    assert "已开工单。" in answer.text
    assert "新开工单</button>" not in answer.text
    assert (await order_of(bot, "A-1001")).stage == "received"


async def test_an_order_that_waited_for_its_car_takes_the_visit(bot: Bot, desk: httpx.AsyncClient) -> None:
    async with bot.store.transaction() as uow:
        waits = await open_work_order(
            uow, bot.clock.now(), plate=CHEN, work="保养", stage="booked", promised_at=None
        )
        await booking.change_status(uow, bot.clock.now(), number="A-1001", status="arrived")
    await desk.post("/desk/calendar/visits/A-1001/order", data={"seen": await seen(bot)})
    order = await order_of(bot, "A-1001")
    assert (order.number, order.stage) == (waits.number, "received")


async def test_when_nothing_is_free_now_the_next_times_are_offered(bot: Bot, desk: httpx.AsyncClient) -> None:
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        given = {"end": now + timedelta(hours=3), "place": Place(), "reason": "停电", "agent": "老陈"}
        await block_time(uow, now, start=now, **given)
    who = {"plate": "粤B11111", "surname": "吴", "phone": "13500135005"}
    answer = await desk.post("/desk/calendar/walk-in", data={**who, "service_type": "tyre"})
    assert answer.status_code == 409
    assert "最近的空闲时间" in answer.text
    assert 'action="/desk/calendar/new' in answer.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"plate": "hello"}, "车牌看不明白"),
        ({"phone": "12"}, "请填写 11 位手机号"),
        ({"phone": ""}, "请填写 11 位手机号"),
        ({"start": ""}, "请选择一个时间"),
        ({"start": "soon"}, "请选择一个时间"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "请选择一个时间"),
        ({"mileage_km": "九万"}, "里程请只填数字"),
        ({"service_type": "wash"}, "没有这类项目"),
        ({"technician": "3"}, "这位技师不做这类项目"),
        ({"bay": "99"}, "没有这个工位"),
        ({"loaner": "horse"}, "有一项填写不对"),
    ],
)
async def test_a_field_that_cannot_be_read_is_named(
    bot: Bot, desk: httpx.AsyncClient, changed: Any, words: str
) -> None:
    given = {"plate": "粤B11111", "phone": "13500135005", "service_type": "tyre", "start": TEN, "note": "很急"}
    answer = await desk.post("/desk/calendar/new", data={**given, **changed})
    assert answer.status_code == 422
    assert words in answer.text
    assert "很急" in answer.text, "what was written is still there"


async def test_who_walks_in_and_is_not_entered_can_still_be_called(bot: Bot, desk: httpx.AsyncClient) -> None:
    told = {"plate": "粤B9K777", "surname": "赵", "title": "女士", "phone": "13700002222", "service_type": "repair"}
    await desk.post("/desk/calendar/walk-in", data=told)
    number = re.search(r"WO-\d+", (await desk.get("/desk/workshop?q=粤B9K777")).text)
    assert number is not None
    panel = (await desk.get(f"/desk/workshop/orders/{number[0]}")).text
    assert "赵女士" in panel
    assert "137****2222" in panel
    async with bot.store.reading() as uow:
        assert await uow.customers.by_phone("13700002222") is None


async def test_a_time_is_closed_named_and_opened_again(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"where": "bay:1", "start": "2026-11-21T09:00", "end": "2026-11-21T12:00", "reason": "设备维护"}
    refused = await desk.post("/desk/calendar/blocks", data=given)
    assert refused.status_code == 409
    assert all(words in refused.text for words in ("还没有停用", CHEN, "仍然停用"))
    assert "/desk/calendar/visits/A-1001" in refused.text
    to_move = (await desk.get("/desk/calendar/visits/A-1001?form=move")).text
    assert '<details class="calendar-fold" open><summary>改时间' in to_move
    done = await desk.post("/desk/calendar/blocks", data={**given, "anyway": "1"})
    assert "需要逐个改时间" in done.text
    board = (await desk.get("/desk/calendar?day=2026-11-21")).text
    assert all(words in board for words in ("设备维护", "需改时间"))
    opening = re.search(r"/desk/calendar/blocks/\d+/open", (await desk.get("/desk/calendar/blocks")).text)
    assert opening is not None
    assert "已恢复" in (await desk.post(opening[0])).text
    assert "之前已经恢复" in (await desk.post(opening[0])).text
    assert (await desk.post("/desk/calendar/blocks", data={**given, "where": ""})).status_code == 422


async def test_visits_go_to_another_bay_before_theirs_is_closed(bot: Bot, desk: httpx.AsyncClient) -> None:
    given = {"where": "bay:1", "start": "2026-11-21T09:00", "end": "2026-11-21T12:00", "reason": "设备维护"}
    done = await desk.post("/desk/calendar/blocks", data={**given, "rearrange": "1"})
    assert "已停用，这段时间不再接受预约。" in done.text
    moved = await visit_of(bot)
    assert (moved.start.isoformat(), moved.bay_id) == (TEN, 2)


async def test_a_bay_is_not_closed_over_a_car_that_stands_on_it(bot: Bot, desk: httpx.AsyncClient) -> None:
    await desk.post("/desk/calendar/walk-in", data={"plate": "粤B5T678", "service_type": "repair"})
    here = await visit_of(bot, "A-1002")
    given = {"where": f"bay:{here.bay_id}", "start": "2026-11-20T10:00", "end": "2026-11-20T12:00", "reason": "停电"}
    refused = await desk.post("/desk/calendar/blocks", data={**given, "rearrange": "1"})
    assert refused.status_code == 409
    assert all(words in refused.text for words in ("还没有停用", "粤B5T678", "车已到店"))
    async with bot.store.reading() as uow:
        assert await uow.workshop.blocks(here.start, here.end) == []


async def test_a_visit_to_be_looked_at_stands_on_top_and_is_confirmed(bot: Bot, desk: httpx.AsyncClient) -> None:
    await with_chat(bot, "stranger")
    async with bot.store.transaction() as uow:
        start = datetime.fromisoformat(TEN) + timedelta(hours=4)
        await booking.book_appointment(uow, bot.clock.now(), request_for(start, CHEN, user="stranger"))
    assert "待确认 1</span>" in (await desk.get("/desk/calendar")).text
    answer = await desk.post("/desk/calendar/visits/A-1002/confirm", data={"seen": await seen(bot, "A-1002")})
    assert "已确认。" in answer.text
    assert "已经确认您的预约A-1002" in (await messages_to(bot, "stranger"))[0]


async def test_the_whole_phone_is_shown_to_those_who_may_and_noted(bot: Bot, desk: httpx.AsyncClient) -> None:
    assert "13700137003" not in (await desk.get("/desk/calendar/visits/A-1001")).text
    assert "13700137003" in (await desk.post("/desk/calendar/visits/A-1001/phone")).text
    async with bot.store.reading() as uow:
        actions = [entry.action for entry in await uow.audit.about("appointment", "A-1001")]
    assert actions == ["read", "reveal"]


async def test_looking_at_days_is_noted_once_an_hour(bot: Bot, desk: httpx.AsyncClient) -> None:
    for _ in range(3):
        await desk.get("/desk/calendar/board?day=2026-11-21")
    async with bot.store.reading() as uow:
        assert [entry.actor for entry in await uow.audit.about("calendar", "2026-11-21")] == ["小周"]


async def test_scripts_in_names_and_notes_are_words(bot: Bot, desk: httpx.AsyncClient) -> None:
    async with bot.store.transaction() as uow:
        window = Window(datetime.fromisoformat(TEN), datetime.fromisoformat(TEN), 0, 0)
        wish = request_for(window.start, "粤B99999", surname=EVIL, note=EVIL, model=EVIL)
        await booking.book_appointment(uow, bot.clock.now(), wish)
        given = {"end": window.start + timedelta(days=1), "place": Place(3), "reason": EVIL, "agent": EVIL}
        await block_time(uow, bot.clock.now(), start=window.start, anyway=True, **given)
    for route in (
        "calendar?day=2026-11-21",
        "calendar?day=2026-11-21&view=week",
        "calendar/visits/A-1002",
        "calendar/blocks",
    ):
        shown = (await desk.get(f"/desk/{route}")).text
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown


async def test_without_scripts_every_form_answers_with_a_whole_page(bot: Bot) -> None:
    async with at_desk(bot) as client:
        del client.headers["HX-Request"]
        csrf = client.headers.pop("X-CSRF-Token")
        page = await client.get("/desk/calendar/visits/A-1001?day=2026-11-21")
        assert "<!doctype html>" in page.text
        assert f'name="csrf" value="{csrf}"' in page.text
        given = {"seen": await seen(bot), "start": "2026-11-21T14:00:00+08:00", "csrf": csrf}
        answer = await client.post("/desk/calendar/visits/A-1001/move", data=given)
        assert all(words in answer.text for words in ("<!doctype html>", "已改好。", 'id="board"'))
        missing = await client.get("/desk/calendar/visits/A-9")
        assert missing.status_code == 404
