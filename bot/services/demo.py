"""The demo dealership of DESIGN §4, relative to the clock; moved forward when it is older than the current day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.business.appointments import BookingRequest
from bot.business.calendar import WorkingCalendar
from bot.business.complaints import complaint_deadline, owner_role
from bot.business.refusals import WindowFull
from bot.business.stages import is_open
from bot.business.warranty import add_months
from bot.business.windows import Window
from bot.services.booking import book_appointment, move_appointment
from bot.services.booking_ports import BookingUnitOfWork
from bot.services.demo_records import CUSTOMERS, VEHICLES, VISITS
from bot.services.promises import complaint_moved, repair_moved
from bot.services.workshop_basics import fill_basics

_DAY_KEY = "demo_day"
_HOLDER = "web:demo"
_CHEN_PLATE = "粤BD12345"
_IN_REPAIR, _AWAITING = "WO-1001", "WO-1002"
_LATE_IN_THE_DAY = time(15)


async def fill_demo(uow: BookingUnitOfWork, now: datetime) -> bool:
    """Fill an empty database, or move a demo of an earlier day forward; whether anything was done.

    A database with customers of its own is left alone. Safe when several processes start at once.
    """
    await uow.workshop.lock()
    calendar = await uow.calendar.load()
    today = calendar.day_of(now)
    filled = await uow.settings.get(_DAY_KEY)
    if filled is None and not await uow.records.is_empty("customers"):
        return False
    if filled is not None and date.fromisoformat(filled) >= today:
        return False
    await fill_basics(uow)
    calendar = await uow.calendar.load()
    await _put_people(uow, now, today)
    await (_open_matters(uow, now, calendar) if filled is None else _move_matters(uow, now, calendar))
    await uow.settings.put(_DAY_KEY, today.isoformat())
    return True


async def _put_people(uow: BookingUnitOfWork, now: datetime, today: date) -> None:
    for phone, person in CUSTOMERS.items():
        await uow.records.put("customers", {"phone": phone}, {}, {**person, "created_at": now})
    for plate, (phone, bought, car) in VEHICLES.items():
        owner = await uow.records.id_of("customers", {"phone": phone})
        days = {"bought_on": add_months(today, -bought), "warranty_until": add_months(today, 36 - bought)}
        fresh = {**car, "customer_id": owner, "mileage_at": now, "created_at": now, "warranty_months": 36}
        await uow.records.put("vehicles", {"plate": plate}, days, {**fresh, "warranty_km": 100_000})
    for number, (plate, months_ago, visit) in VISITS.items():
        vehicle = await uow.records.id_of("vehicles", {"plate": plate})
        done = {"done_on": add_months(today, -months_ago)}
        await uow.records.put("service_history", {"number": number}, done, {**visit, "vehicle_id": vehicle})


async def _open_matters(uow: BookingUnitOfWork, now: datetime, calendar: WorkingCalendar) -> None:
    await uow.records.number_given("work_order", _AWAITING)
    brought_in = now - timedelta(hours=3)
    await _work_order(
        uow, _IN_REPAIR, "粤B8K321", brought_in, "in_repair", _promise(now, calendar), work="空调异响检查与维修"
    )
    await _work_order(
        uow, _AWAITING, "粤B66D88", brought_in, "awaiting_consent", _promise(now, calendar), work="60000公里保养"
    )
    waiting = await uow.records.id_of("work_orders", {"number": _AWAITING})
    extra = {"reason": "前刹车片厚度剩余2毫米，建议更换", "price_fen": 68_000, "minutes": 40, "proposed_at": now}
    await uow.records.put("proposals", {"work_order_id": waiting, "item": "前刹车片"}, {}, {**extra, "told_at": now})
    await _book_chen(uow, now, calendar)
    await _complain(uow, now, calendar)


async def _move_matters(uow: BookingUnitOfWork, now: datetime, calendar: WorkingCalendar) -> None:
    today = calendar.day_of(now)
    for number in (_IN_REPAIR, _AWAITING):
        order = await uow.work_orders.find(number)
        if order and is_open(order.stage) and order.promised_at and calendar.day_of(order.promised_at) < today:
            promised_at = _promise(now, calendar)
            moved = {"promised_at": promised_at, "told_promise_at": promised_at}
            await uow.work_orders.change(order.id, now, **moved, opened_at=now - timedelta(hours=3))
            await uow.work_orders.promise(order.id, promised_at=promised_at, reason="", given_at=now)
            await repair_moved(uow, now, order, await uow.work_orders.find(number) or order)
    for visit in await uow.appointments.open_of_plate(_CHEN_PLATE):
        if visit.user == "demo" and visit.status == "booked" and visit.start < now:
            await _move_chen(uow, now, calendar, visit.number)
    deadline = complaint_deadline(3, now - timedelta(hours=20), calendar)
    for complaint in await uow.complaints.page(plate="京N88A66", phone=None, status="open", level=3, after=0, limit=10):
        if complaint.user == "demo" and complaint.deadline < now:
            news = calendar.add_working_time(now, 60)
            filed_at = now - timedelta(hours=20)
            await uow.complaints.change(complaint.id, deadline=deadline, next_update_at=news, created_at=filed_at)
            moved_on = await uow.complaints.find(complaint.number)
            await complaint_moved(uow, now, complaint, moved_on or complaint)


async def _work_order(
    uow: BookingUnitOfWork, number: str, plate: str, opened_at: datetime, stage: str, promised_at: datetime, work: str
) -> None:
    vehicle = await uow.vehicles.by_plate(plate)
    if vehicle is None or await uow.work_orders.find(number) is not None:
        return
    order = await uow.work_orders.add(
        opened_at,
        number=number,
        vehicle_id=vehicle.id,
        customer_id=vehicle.customer_id,
        stage=stage,
        promised_at=promised_at,
        work=work,
        mileage_km=vehicle.mileage_km,
        adviser="林顾问",
        told_stage=stage,
        told_promise_at=promised_at,
    )
    for minutes, before in enumerate(("received", "precheck", "quoted", stage)):
        time_of = opened_at + timedelta(minutes=15 * minutes)
        await uow.work_orders.log(order.id, stage=before, note="", by="workshop", time=time_of)
    await uow.work_orders.promise(order.id, promised_at=promised_at, reason="", given_at=opened_at)
    await repair_moved(uow, opened_at, None, order)


async def _book_chen(uow: BookingUnitOfWork, now: datetime, calendar: WorkingCalendar) -> None:
    vehicle = await uow.vehicles.by_plate(_CHEN_PLATE)
    if vehicle is None:
        return
    request = BookingRequest(
        channel="web",
        user="demo",
        service_type="maintenance",
        window=_ten_oclock(now, calendar),
        plate=_CHEN_PLATE,
        surname="陈",
        title="女士",
        phone="13700137003",
        model=vehicle.model,
        mileage_km=vehicle.mileage_km,
        matched_customer_id=vehicle.customer_id,
        consent=True,
    )
    await book_appointment(uow, now, request)


async def _move_chen(uow: BookingUnitOfWork, now: datetime, calendar: WorkingCalendar, number: str) -> None:
    try:
        await move_appointment(
            uow, now, number=number, window=_ten_oclock(now, calendar), holder=_HOLDER, by_staff=True
        )
    except WindowFull as refusal:
        if refusal.alternatives:
            await move_appointment(
                uow, now, number=number, window=refusal.alternatives[0], holder=_HOLDER, by_staff=True
            )


async def _complain(uow: BookingUnitOfWork, now: datetime, calendar: WorkingCalendar) -> None:
    filed_at = now - timedelta(hours=20)
    zhao = await uow.customers.by_phone("13600136004")
    signals: Mapping[str, Any] = {"vip": True, "repeated": True}
    complaint = await uow.complaints.add(
        status="open",
        level=3,
        owner=owner_role(3),
        text="变速箱顿挫修了两次还是没好，希望给个说法",
        plate="京N88A66",
        phone="13600136004",
        customer_id=zhao.id if zhao else None,
        channel="web",
        user="demo",
        signals=dict(signals),
        created_at=filed_at,
        deadline=complaint_deadline(3, filed_at, calendar),
        next_update_at=calendar.add_working_time(now, 60),
    )
    await uow.complaints.log(complaint.id, what="filed", note="", by="customer", time=filed_at)
    await complaint_moved(uow, now, None, complaint)


def _promise(now: datetime, calendar: WorkingCalendar) -> datetime:
    """17:00 today, or of the next open day when it is past 15:00 or today is closed."""
    today = calendar.day_of(now)
    local = now.astimezone(calendar.zone)
    is_today = local.time() <= _LATE_IN_THE_DAY and calendar.kind_of(today) == "open"
    return datetime.combine(today if is_today else _next_open_day(today, calendar), time(17), calendar.zone)


def _ten_oclock(now: datetime, calendar: WorkingCalendar) -> Window:
    start = datetime.combine(_next_open_day(calendar.day_of(now), calendar), time(10), calendar.zone)
    return Window(start, start + timedelta(hours=1), 0, 0)


def _next_open_day(day: date, calendar: WorkingCalendar) -> date:
    tomorrow = datetime.combine(day + timedelta(days=1), time(), calendar.zone)
    return calendar.day_of(calendar.next_opening(tomorrow))
