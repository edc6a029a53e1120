"""A made-up day at the dealer's, told by what people do, beside what the manager's page says of it, line by line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.business.appointments import BookingRequest
from bot.business.windows import Window
from bot.desk.report_figures import PERIODS, sections_of, tiles_of
from bot.desk.words import speaker
from bot.services import booking, handoffs, visits
from bot.services.answering import customer_wrote
from bot.services.complaint_work import offer_solution, promise_news
from bot.services.complaints import file_complaint
from bot.services.reports import report_of, sheet_of
from bot.services.workshop_basics import fill_basics
from bot.store.engine import Store
from tests.desk.desks import agent_with

DAY = datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
LIN, HE = "林顾问", "何主管"

# What each line of the page says of the day; "–" where there is nothing to say.
LINES = {
    "bookings": {
        "新预约": "5",
        "网页": "1",
        "Telegram": "1",
        "微信": "1",
        "工作台登记（电话、前台）": "1",
        "到店即办": "1",
        "应到店": "2",
        "已到店": "1",
        "到店率": "50%",
    },
    "handoffs": {
        "人工接待": "9",
        "涉及安全": "1",
        "投诉": "1",
        "情绪激动": "1",
        "要找负责人": "1",
        "助手没听懂": "1",
        "客户要人工": "2",
        "紧急救援": "1",
        "同事主动接手": "1",
    },
    "answers": {"首次答复": "2", "解决": "1"},
    "promises": {
        "顾问兑现 / 未兑现": "5 / 2",
        "60 分钟内答复": "4 / 1",
        "10 分钟内回应（顾问）": "0 / 1",
        "一级投诉 24 小时": "1 / 0",
        "助手当即兑现": "11",
        "10 分钟内回应（助手当即回应）": "8",
        "2 小时内确认预约（助手当即确认）": "3",
    },
    "complaints": {"新投诉": "2"},
}


def at(hour: int, minute: int = 0) -> datetime:
    return DAY.replace(hour=hour, minute=minute)


async def book(uow: Any, now: datetime, start: datetime, channel: str, user: str, plate: str, how: str = "") -> str:
    """A visit booked at `now`: by the chat, or `how` at the desk."""
    window = Window(start, start, 0, 0)
    wish = BookingRequest(
        channel=channel, user=user, service_type="maintenance", window=window, plate=plate, surname="李",
        title="女士", phone="13800138001", model="", consent=True,
    )  # fmt: skip
    if how == "walk_in":
        return (await visits.walk_in(uow, now, wish, agent=LIN)).appointment.number
    if how == "book":
        return (await visits.book_visit(uow, now, wish, agent=LIN)).appointment.number
    return (await booking.book_appointment(uow, now, wish)).number


async def the_visits(uow: Any) -> None:
    """Two are due today, one of them comes; somebody walks in; one books for tomorrow by telephone."""
    came = await book(uow, at(9), at(14), "web", "u1", "粤B10001")
    await book(uow, at(9, 5), at(14), "telegram", "u2", "粤B10002")
    await book(uow, at(9, 10), at(9) + timedelta(days=3), "wechat", "u3", "粤B10003")
    await book(uow, at(9, 15), at(10) + timedelta(days=3), "web", "", "粤B10004", "book")
    await book(uow, at(11), at(11), "web", "", "粤B10005", "walk_in")
    seen = visits.state_of(await booking.find_appointment(uow, came))
    await visits.mark_visit(uow, at(14, 2), number=came, status="arrived", agent=LIN, seen=seen)


async def ask(uow: Any, now: datetime, user: str, reason: str, urgency: str = "normal", **facts: Any) -> int:
    who = {"channel": "web", "user": user, "reason": reason, "urgency": urgency, "facts": facts}
    return (await handoffs.request_handoff(uow, now, **who)).id


async def the_talks(uow: Any) -> None:
    """One answered by Lin, who passes it on to He, who settles it; one answered too late; the others only ask."""
    first = await ask(uow, at(9), "t1", "wants_person")
    await handoffs.claim(uow, at(9, 5), handoff_id=first, agent=LIN)
    await handoffs.reply(uow, at(9, 7), handoff_id=first, agent=LIN, text="您好")
    await handoffs.pass_on(uow, at(9, 8), handoff_id=first, agent=LIN, to=HE)
    await handoffs.resolve(uow, at(9, 30), handoff_id=first, agent=HE, reason="已解答")
    late = await ask(uow, at(9), "t2", "wants_person")
    await handoffs.reply(uow, at(10, 30), handoff_id=late, agent=HE, text="让您久等了")
    talk = await uow.conversations.find("web", "t2")
    await customer_wrote(uow, at(10, 31), talk.id)
    await handoffs.reply(uow, at(10, 51), handoff_id=late, agent=HE, text="好的")
    await ask(uow, at(15, 40), "t3", "wants_person", "danger", safety=True)
    await ask(uow, at(15, 40), "t4", "wants_person", "complaint", angry=True)
    await ask(uow, at(15, 40), "t5", "wants_person", "complaint", angry=True, filed_complaint="C-1")
    await ask(uow, at(15, 40), "t6", "wants_manager", "complaint")
    await ask(uow, at(15, 40), "t7", "wants_person", not_understood=True)
    await ask(uow, at(15, 40), "t8", "rescue R-1001", "danger")
    beside = await uow.conversations.ensure("web", "t9", at(15))
    await handoffs.take_over(uow, at(15, 40), conversation_id=beside.id, agent=LIN)


async def the_complaints(uow: Any, lin: Any) -> None:
    """One is settled by telephone; the other has news promised for 17:00, which are not due at 16:00."""
    settled = await file_complaint(uow, at(15), channel="web", user="", text="洗车没洗干净")
    by = {"number": settled.number, "agent": lin}
    await offer_solution(uow, at(15, 10), solution="送洗车券", due_at=at(17), how="电话告知", **by)
    waits = await file_complaint(uow, at(15), channel="web", user="", text="前台态度冷淡")
    await promise_news(uow, at(15, 20), number=waits.number, agent=lin, at=at(17))


@pytest.fixture
async def the_day(store: Store) -> Store:
    """The day has come to 16:00."""
    lin = await agent_with(store, at(8), "adviser", LIN)
    await agent_with(store, at(8), "supervisor", HE)
    async with store.transaction() as uow:
        await fill_basics(uow)
        await the_visits(uow)
        await the_talks(uow)
        await the_complaints(uow, lin)
    return store


async def test_each_line_of_the_page_says_what_happened(the_day: Store) -> None:
    async with the_day.reading() as uow:
        report = await report_of(uow, at(16), day=DAY.date())
    shown = sections_of(report, speaker("zh"))
    sections = {each.key: {line.name: line.cells[0] for line in each.lines} for each in shown}
    assert {key: {name: sections[key].get(name) for name in lines} for key, lines in LINES.items()} == LINES
    assert "按约定告知投诉进展" not in sections["promises"]
    assert [(each.agent, each.calendar) for each in report.first_answers] == [(LIN, 7), (HE, 90)]
    assert [(each.agent, each.calendar) for each in report.resolutions] == [(HE, 30)]
    tiles = {each.name: each.day for each in tiles_of(report, speaker("zh"))}
    assert (tiles["到店率"], tiles["顾问承诺兑现"], tiles["首次答复（中位）"]) == ("50%", "71%", "48 分钟")
    assert len(PERIODS) == 3


async def test_the_file_of_handoffs_names_the_same_reasons(the_day: Store) -> None:
    async with the_day.transaction() as uow:
        rows = await sheet_of(uow, at(16), noun="handoffs", first=DAY.date(), last=DAY.date(), actor=HE)
        sources = await sheet_of(uow, at(16), noun="bookings", first=DAY.date(), last=DAY.date(), actor=HE)
    counted = [row["reason"] for row in rows]
    assert {reason: counted.count(reason) for reason in set(counted)} == {
        **dict.fromkeys(("danger", "complaint", "angry", "wants_manager", "not_understood", "rescue", "agent"), 1),
        "wants_person": 2,
    }
    assert "angry" not in rows[0]
    assert sorted(row["channel"] for row in sources) == ["desk", "telegram", "walk_in", "web", "wechat"]
