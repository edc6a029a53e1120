"""Reminders of visits: once, where the customer wished, and never when they would be wrong (SERVICE_STANDARD §9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.business.appointments import Appointment, Reminder
from bot.services.booking import book_appointment, cancel_appointment, move_appointment
from bot.services.notices import Said
from bot.services.privacy import delete_person, stop_reminders
from bot.services.reminders import due_reminders, remind
from bot.store import tables
from bot.store.engine import Store
from tests.services.workshops import request_for, set_up

DAY_BEFORE = Reminder("web", 24)


async def booked(store: Store, now: datetime, reminder: Reminder | None = DAY_BEFORE, **other: Any) -> Appointment:
    """A visit the day after tomorrow at ten, booked on the web by u1."""
    start = (now + timedelta(days=2)).replace(hour=10)
    async with store.transaction() as uow:
        await uow.conversations.ensure("web", "u1", now)
        return await book_appointment(uow, now, request_for(start, reminder=reminder, **other))


async def reminded(store: Store, at: datetime, number: str) -> Said | None:
    async with store.transaction() as uow:
        return await remind(uow, at, number)


async def due(store: Store, at: datetime) -> list[str]:
    async with store.reading() as uow:
        return await due_reminders(uow, at)


async def owned(store: Store, owner: str) -> None:
    async with store.transaction() as uow:
        await uow.connection.execute(sa.update(tables.conversations).values(owner=owner))


async def test_a_reminder_names_the_visit_and_when_it_is_too_late_to_send(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now)
    at = visit.start - timedelta(hours=24)
    assert await due(store, at - timedelta(minutes=1)) == []
    assert await due(store, at) == [visit.number]
    (notice,) = await reminded(store, at, visit.number) or ()
    assert (notice.conversation.channel, notice.conversation.user, notice.sender) == ("web", "u1", "bot")
    assert notice.values["when"] == "3月12日（周四）10:00"
    assert notice.values["what"] == "粤B12345，maintenance"
    assert notice.custom == {
        "kind": "reminder",
        "number": visit.number,
        "start": visit.start.isoformat(),
        "expires_at": visit.start.isoformat(),
        "service": "maintenance",
        "plate": "粤B12345",
    }


async def test_a_reminder_is_taken_once(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now)
    at = visit.start - timedelta(hours=3)
    assert await reminded(store, at, visit.number)
    assert await reminded(store, at, visit.number) is None
    assert await due(store, at) == []


async def test_nothing_is_due_before_its_time_or_without_a_wish(store: Store, now: datetime) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    visit = await booked(store, now)
    await booked(store, now, None, plate="粤B99999", user="u2")
    assert await due(store, now) == []
    assert await reminded(store, now, visit.number) is None


async def test_a_missed_reminder_is_said_while_the_visit_is_ahead_and_passed_over_later(
    store: Store, now: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    visit = await booked(store, now)
    other = await booked(store, now, plate="粤B99999", user="u2")
    assert await reminded(store, visit.start - timedelta(minutes=1), visit.number)
    assert await reminded(store, other.start, other.number) == ()
    assert await due(store, other.start) == []


async def test_a_cancelled_visit_or_one_under_way_is_not_reminded_of(store: Store, now: datetime) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    visit = await booked(store, now)
    gone = await booked(store, now, plate="粤B99999", user="u2")
    at = visit.start - timedelta(hours=1)
    async with store.transaction() as uow:
        await uow.appointments.change(visit.number, {"status": "arrived"})
        await cancel_appointment(uow, now, number=gone.number, reason="")
    assert await due(store, at) == [visit.number]
    assert await reminded(store, at, visit.number) == ()


async def test_a_moved_visit_is_reminded_of_again(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now)
    first = visit.start - timedelta(hours=24)
    assert await reminded(store, first, visit.number)
    later = visit.start + timedelta(days=3)
    async with store.transaction() as uow:
        window = replace(request_for(later).window)
        await move_appointment(uow, first, number=visit.number, window=window, holder="web:u1")
    assert await due(store, later - timedelta(hours=24, minutes=1)) == []
    (notice,) = await reminded(store, later - timedelta(hours=24), visit.number) or ()
    assert notice.values["when"] == "3月15日（周日）10:00"


@pytest.mark.parametrize("how", ["stop", "delete"])
async def test_who_said_stop_or_was_deleted_hears_nothing(store: Store, now: datetime, how: str) -> None:
    await set_up(store)
    visit = await booked(store, now)
    async with store.transaction() as uow:
        if how == "stop":
            await stop_reminders(uow, now, channel="web", user="u1")
        else:
            await delete_person(uow, now, channel="web", user="u1")
    assert await due(store, visit.start - timedelta(hours=1)) == []


async def test_who_said_stop_before_booking_hears_nothing(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        await stop_reminders(uow, now, channel="web", user="u1")
    visit = await booked(store, now)
    assert await reminded(store, visit.start - timedelta(hours=1), visit.number) == ()


async def test_the_wished_channel_is_used_when_it_is_known_to_be_the_customers(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now, Reminder("wechat", 24))
    async with store.transaction() as uow:
        customer = visit.customer_id or await uow.customers.add({"surname": "李", "phone": "13800138009"}, now)
        await uow.appointments.change(visit.number, {"customer_id": customer})
        for user in ("old", "new"):
            await uow.customers.bind(customer, "wechat", user, now)
        old = await uow.conversations.ensure("wechat", "old", now)
        await uow.conversations.ensure("wechat", "new", now + timedelta(hours=1))
    assert old.channel == "wechat"
    (notice,) = await reminded(store, visit.start - timedelta(hours=1), visit.number) or ()
    assert (notice.conversation.channel, notice.conversation.user) == ("wechat", "new")


async def test_another_channel_that_is_not_theirs_leaves_the_booking_conversation(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now, Reminder("telegram", 24))
    (notice,) = await reminded(store, visit.start - timedelta(hours=1), visit.number) or ()
    assert (notice.conversation.channel, notice.conversation.user) == ("web", "u1")


async def test_a_visit_written_down_by_staff_for_nobody_known_is_only_marked(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now, user="")
    async with store.transaction() as uow:
        await uow.appointments.change(visit.number, {"customer_id": None})
    assert await reminded(store, visit.start - timedelta(hours=1), visit.number) == ()


async def test_while_people_own_the_conversation_the_system_reminds(store: Store, now: datetime) -> None:
    await set_up(store)
    visit = await booked(store, now)
    await owned(store, "agent")
    (notice,) = await reminded(store, visit.start - timedelta(hours=1), visit.number) or ()
    assert notice.sender == "system"
