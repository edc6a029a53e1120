"""A believable Friday morning of the demo dealership: who has written, what the workshop does, how the week went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.business.complaints import ComplaintSignals
from bot.business.windows import Place
from bot.services import handoffs
from bot.services.blocking import block_time
from bot.services.booking import book_appointment
from bot.services.complaints import file_complaint
from bot.services.identity import bind_account
from bot.services.work_orders import open_work_order, update_work_order
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork
from tests.desk.desks import agent_with
from tests.services.week import Week
from tests.services.workshops import request_for

NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
BOT, CUSTOMER = "bot", "customer"
LI = (
    (CUSTOMER, "左前轮刹车的时候吱吱响，每次踩都响"),
    (BOT, "好的，给您登记左前轮刹车吱吱响，到店由技师检查。请问您的车牌号是？"),
    (CUSTOMER, "粤B8K321，想约明天下午"),
    (BOT, "明天（周六）下午14:00、15:00可以安排，请问您希望几点？"),
    (CUSTOMER, "上个月空调才修过，这次又是刹车，问来问去的，气死我了，转人工！"),
    (BOT, "非常抱歉给您添麻烦了，马上为您转接服务顾问。您说过的内容都已转达，不用再重复。"),
)
FACTS = {
    "task": "booking_form", "service_kind": "repair", "problem": ["异响"], "location": ["左前轮刹车"],
    "noise": ["吱吱响"], "frequency": ["每次"], "situation": ["踩刹车时"], "plate": "粤B8K321", "surname": "李",
    "title": "女士", "phone": "13800138001", "angry": True,
    "wish": ["2026-11-21T13:00:00+08:00", "2026-11-21T17:30:00+08:00"],
}  # fmt: skip
# Channel, user, minutes ago, urgency, what was said last.
WAITING = (
    ("telegram", "tan", 4, "danger", "高速上仪表盘亮红灯，还有一股焦味，怎么办？"),
    ("wechat", "sunny", 12, "complaint", "投诉都三天了，到底谁负责？"),
    ("web", "visitor-5823", 2, "normal", "保险定损的事想找人问一下"),
)
# Hours after 08:30, kind of work, plate, surname, title.
TODAY = (
    (2, "maintenance", "粤B2F618", "何", "女士"),
    (2, "repair", "粤B90K27", "张", "先生"),
    (5, "inspection", "粤BD30215", "欧阳", "先生"),
    (6.5, "tyre", "粤B7M803", "孙", "先生"),
    (5, "maintenance", "粤B51C09", "马", "女士"),
    (6, "accident", "粤B8Q776", "黄", "先生"),
)


async def fill_day(store: Store) -> int:
    """Fill the demo dealership's Friday; the id of Ms Li's conversation."""
    await agent_with(store, NOW, "adviser", "小林", "事故理赔")
    async with store.transaction() as uow:
        await _workshop(uow)
        await _book(uow)
        await _complain(uow)
        key = await _li(uow)
        for channel, user, minutes, urgency, words in WAITING:
            await _waits(uow, channel, user, NOW - timedelta(minutes=minutes), urgency, words)
        return key


async def _talk(uow: UnitOfWork, channel: str, user: str, at: datetime, lines: Sequence[tuple[str, str]]) -> int:
    conversation = await uow.conversations.ensure(channel, user, at)
    for number, (sender, text) in enumerate(lines):
        time = at + timedelta(seconds=40 * number)
        state = "done" if sender == CUSTOMER else "sent"
        await uow.messages.add(conversation.id, sender=sender, text=text, state=state, time=time)
    return int(conversation.id)


async def _li(uow: UnitOfWork) -> int:
    started = NOW - timedelta(minutes=9)
    key = await _talk(uow, "web", "li", started, LI)
    vehicle = await uow.vehicles.by_plate("粤B8K321")
    assert vehicle is not None
    await bind_account(uow, NOW, channel="web", user="li", customer_id=vehicle.customer_id)
    who: dict[str, Any] = {"channel": "web", "user": "li", "reason": "wants_person", "urgency": "complaint"}
    asked = started + timedelta(minutes=4)
    receipt = await handoffs.request_handoff(uow, asked, **who, facts=FACTS)
    await handoffs.claim(uow, NOW - timedelta(minutes=3), handoff_id=receipt.id, agent="小周")
    note = "上月空调也是她的车，先道歉再约时间；代步车明天有一台。"
    await handoffs.note(uow, NOW - timedelta(minutes=2), handoff_id=receipt.id, agent="小周", text=note)
    words = (
        "李女士您好，我是服务顾问小周，让您又跑一趟，实在抱歉。明天下午两点给您留好工位，先检查左前轮刹车，您看方便吗？"
    )
    await handoffs.reply(uow, NOW - timedelta(minutes=1), handoff_id=receipt.id, agent="小周", text=words)
    await _talk(uow, "web", "li", NOW, [(CUSTOMER, "两点可以。能不能给辆代步车？")])
    return key


async def _waits(uow: UnitOfWork, channel: str, user: str, at: datetime, urgency: str, words: str) -> None:
    await _talk(uow, channel, user, at, [(CUSTOMER, words)])
    if user == "sunny":
        wang = await uow.customers.by_phone("13900139002")
        assert wang is not None
        await bind_account(uow, at, channel=channel, user=user, customer_id=wang.id)
    await handoffs.request_handoff(uow, at, channel=channel, user=user, reason="wants_person", urgency=urgency)


async def _workshop(uow: UnitOfWork) -> None:
    for plate, work, stage, hours in (
        ("粤B5T678", "40000公里保养", "received", 3),
        ("粤BD12345", "更换空调滤芯", "washing", 1),
        ("京N88A66", "变速箱复检", "inspection", 5),
    ):
        promised = NOW + timedelta(hours=hours)
        order = await open_work_order(uow, NOW - timedelta(minutes=40), plate=plate, work=work, promised_at=promised)
        for step in ("precheck", "quoted", "in_repair", "inspection", "washing"):
            if stage == "received":
                break
            await update_work_order(uow, NOW - timedelta(minutes=5), number=order.number, stage=step)
            if step == stage:
                break


async def _book(uow: UnitOfWork) -> None:
    morning = NOW.replace(hour=8, minute=30)
    for number, (hours, kind, plate, surname, title) in enumerate(TODAY):
        wish = {"service_type": kind, "surname": surname, "title": title, "user": f"visitor-{number}"}
        start = morning + timedelta(hours=hours)
        await book_appointment(uow, morning - timedelta(days=1), request_for(start, plate, **wish))
    noon = {"start": morning + timedelta(hours=7.5), "end": morning + timedelta(hours=9)}
    await block_time(uow, NOW, place=Place(3), reason="举升机保养", agent="王主管", anyway=True, **noon)


async def _complain(uow: UnitOfWork) -> None:
    wang = await uow.customers.by_phone("13900139002")
    li = await uow.customers.by_phone("13800138001")
    assert wang is not None
    assert li is not None
    for hours, plate, customer, text, signals in (
        (23, "粤B66D88", wang.id, "洗车没洗干净，车门缝里全是泥。", ComplaintSignals()),
        (2, "粤B8K321", li.id, "空调异响修了两次还是响，来店等了一个多小时，没人跟我说要等多久。",
         ComplaintSignals(angry=True, repeated=True)),
    ):  # fmt: skip
        filed = NOW - timedelta(hours=hours)
        given = {"channel": "web", "user": "li" if customer == li.id else "wang", "text": text, "plate": plate}
        await file_complaint(uow, filed, **given, customer_id=customer, signals=signals)


async def fill_week(store: Store) -> None:
    """Seven days of figures for the manager's page."""
    async with store.transaction() as uow:
        week = Week(uow, NOW)
        for day in range(7):
            await _one_day(week, -day)
        conversation = await week.conversation(NOW)
        for intent, text in (("fragment", "那个啥，上次说的那个"), ("out_of_scope", "你们老板是谁")):
            await week.message(conversation, NOW, text=text, intent=intent)


async def _one_day(week: Week, day: int) -> None:
    kinds = ("maintenance", "repair", "maintenance", "tyre", "inspection", "accident")
    for number in range(4 + (day * 5) % 4):
        status = "no_show" if (number, day % 3) == (0, 0) else "done"
        created, starts = week.at(day, hours=-1), week.at(day - 1)
        await week.appointment(created, starts, status, ("web", "wechat", "telegram")[number % 3], kinds[number % 6])
    for number in range(2 + day % 3):
        asked, agent = week.at(day, minutes=-30 * (number + 1)), ("小周", "小林")[number % 2]
        reason = ("wants_person", "wants_manager", "agent")[number % 3]
        await week.handoff(reason, asked, agent, answer=4 + 3 * number, close=25 + 10 * number)
        met = asked + timedelta(minutes=20 if number < 2 else 75)
        await week.add(
            tables.deadlines, kind="answer", subject_kind="handoff", subject_id=1000 - day * 10 + number,
            due_at=asked + timedelta(minutes=60), met_at=met, started_at=asked,
        )  # fmt: skip
    conversation = await week.conversation(week.at(day))
    score = (9, 10, 8, 7, 10, 9, 4)[-day]
    await week.add(
        tables.surveys, conversation_id=conversation, score=score, agent="小周", comment="",
        asked_at=week.at(day, hours=-2), answered_at=week.at(day, hours=-1),
    )  # fmt: skip
