"""What agents do in the calendar and what the customer hears of it, on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.appointments import Appointment
from bot.business.refusals import (
    AlreadyBooked,
    ChangedMeanwhile,
    InvalidValue,
    NotAllowed,
    UnknownAppointment,
    WindowFull,
)
from bot.business.windows import ANYWHERE, Place, Window, Wish
from bot.services import booking, visits
from bot.services.offers import offer_windows
from bot.services.visit_news import Change
from bot.services.visits import state_of
from bot.store.engine import Store
from bot.store.tables import messages
from tests.services.dealership import rows
from tests.services.workshops import request_for, set_up

ZHOU = "小周"


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    """10:00 on the day after `now`."""
    return now.replace(hour=10) + timedelta(days=1)


async def _chatted(store: Store, now: datetime, user: str = "u1") -> None:
    async with store.transaction() as uow:
        await uow.conversations.ensure("web", user, now)


async def _booked(store: Store, now: datetime, start: datetime, plate: str = "粤B12345", **other: Any) -> Appointment:
    async with store.transaction() as uow:
        return await booking.book_appointment(uow, now, request_for(start, plate, **other))


async def _do(store: Store, now: datetime, use_case: Callable[..., Awaitable[Change]], **given: Any) -> Change:
    async with store.transaction() as uow:
        return await use_case(uow, now, agent=ZHOU, **given)


async def _move(store: Store, now: datetime, seen: Appointment, start: datetime, place: Place = ANYWHERE) -> Change:
    given = {"number": seen.number, "seen": state_of(seen), "start": start, "place": place}
    return await _do(store, now, visits.move_visit, **given)


def _said(change: Change) -> list[str]:
    return [part for notice in change.said for part in notice.parts]


async def test_a_moved_visit_is_told_where_it_was_booked(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    await _chatted(store, now)
    seen = await _booked(store, now, tomorrow)
    change = await _move(store, now, seen, tomorrow + timedelta(hours=3))
    assert change.appointment.start == tomorrow + timedelta(hours=3)
    assert _said(change) == ["utter_desk_visit_moved"]
    assert change.said[0].values["when"] == "3月11日（周三）13:00"
    assert change.said[0].values["before"] == "3月11日（周三）10:00"
    assert change.said[0].custom == {"kind": "visit_news", "number": "A-1001", "call": True, "about": "appointment"}


async def test_who_has_no_chat_is_to_be_phoned(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    seen = await _booked(store, now, tomorrow)
    change = await _move(store, now, seen, tomorrow + timedelta(hours=3))
    assert (change.said, change.phone_them, change.conversation_id) == ((), True, None)


async def test_who_has_blocked_us_is_to_be_phoned(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    await _chatted(store, now)
    async with store.transaction() as uow:
        found = await uow.conversations.find("web", "u1")
        assert found is not None
        await uow.outbox.reachable(found.id, "blocked")
    seen = await _booked(store, now, tomorrow)
    change = await _move(store, now, seen, tomorrow + timedelta(hours=3))
    assert (change.said, change.phone_them) == ((), True)


async def test_a_visit_booked_elsewhere_is_told_where_the_customer_last_wrote(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    await _chatted(store, now, "their chat")
    async with store.transaction() as uow:
        key = await uow.customers.add({"surname": "李"}, now)
        await uow.customers.bind(key, "web", "their chat", now)
    seen = await _booked(store, now, tomorrow, user="", matched_customer_id=key)
    change = await _move(store, now, seen, tomorrow + timedelta(hours=3))
    assert change.said[0].conversation.user == "their chat"


async def test_another_bay_is_nothing_to_tell(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store, bays=2)
    await _chatted(store, now)
    seen = await _booked(store, now, tomorrow)
    change = await _move(store, now, seen, tomorrow, Place(bay_id=2))
    assert (change.appointment.bay_id, change.appointment.technician_id) == (2, 1)
    assert (change.said, change.phone_them) == ((), False)


async def test_a_move_keeps_bay_and_technician_while_they_are_free(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    await _booked(store, now, tomorrow)
    second = await _booked(store, now, tomorrow, "粤B22222", user="u2")
    later = await _move(store, now, second, tomorrow + timedelta(hours=3))
    assert (later.appointment.bay_id, later.appointment.technician_id) == (2, 2)
    other = await _move(store, now, later.appointment, tomorrow + timedelta(hours=3), Place(bay_id=1))
    assert (other.appointment.bay_id, other.appointment.technician_id) == (1, 2)


async def test_a_chosen_place_that_is_taken_is_refused_with_the_same_time_elsewhere_first(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=3, skills=[["maintenance"]] * 3)
    await _booked(store, now, tomorrow)
    seen = await _booked(store, now, tomorrow + timedelta(hours=3), "粤B22222", user="u2")
    with pytest.raises(WindowFull) as refused:
        await _move(store, now, seen, tomorrow, Place(bay_id=1))
    first = refused.value.alternatives[0]
    assert (first.start, first.bay_id) == (tomorrow, 2)
    with pytest.raises(WindowFull):
        await _move(store, now, seen, tomorrow, Place(technician_id=1))


async def test_a_technician_without_the_skill_is_not_chosen(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store, skills=[["maintenance"], ["tyre"]])
    seen = await _booked(store, now, tomorrow)
    with pytest.raises(InvalidValue) as refused:
        await _move(store, now, seen, tomorrow, Place(technician_id=2))
    assert refused.value.field == "technician_id"


async def test_nothing_is_done_on_a_page_that_is_out_of_date(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    seen = await _booked(store, now, tomorrow)
    await _move(store, now, seen, tomorrow + timedelta(hours=3))
    stale = {"number": seen.number, "seen": state_of(seen)}
    with pytest.raises(ChangedMeanwhile) as refused:
        await _do(store, now, visits.cancel_visit, reason="客户要求", **stale)
    assert refused.value.by == ZHOU
    async with store.transaction() as uow:
        later = now + timedelta(minutes=1)
        await booking.move_appointment(
            uow, later, number=seen.number, window=Window(tomorrow, tomorrow, 0, 0), holder="web:u1"
        )
    with pytest.raises(ChangedMeanwhile) as by_chat:
        await _do(store, tomorrow, visits.mark_visit, status="arrived", **stale)
    assert (by_chat.value.by, by_chat.value.at) == ("", later)
    with pytest.raises(UnknownAppointment):
        await _do(store, now, visits.mark_visit, status="arrived", number="A-9", seen="")


async def test_staff_may_change_after_the_customers_cut_off_and_the_reason_stays_inside(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    await _chatted(store, now)
    seen = await _booked(store, now, tomorrow)
    given = {"number": seen.number, "seen": state_of(seen), "reason": "重复预约", "why": "配件到货推迟。"}
    change = await _do(store, tomorrow - timedelta(minutes=10), visits.cancel_visit, **given)
    assert (change.appointment.status, change.appointment.cancel_reason) == ("cancelled", "重复预约")
    assert _said(change) == ["utter_desk_visit_cancelled"]
    assert change.said[0].values["why"] == "（配件到货推迟）"
    with pytest.raises(InvalidValue):
        await _do(store, now, visits.cancel_visit, **{**given, "seen": state_of(change.appointment), "reason": " "})


async def test_what_became_of_a_visit(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    await _chatted(store, now)
    seen = await _booked(store, now, tomorrow)
    given = {"number": seen.number, "seen": state_of(seen), "status": "no_show"}
    for too_early in ("no_show", "arrived", "done"):
        with pytest.raises(InvalidValue):
            await _do(store, now, visits.mark_visit, **{**given, "status": too_early})
    missed = await _do(store, tomorrow + timedelta(minutes=30), visits.mark_visit, **given)
    assert _said(missed) == ["utter_desk_visit_missed"]
    given |= {"seen": state_of(missed.appointment), "status": "arrived"}
    arrived = await _do(store, tomorrow + timedelta(minutes=40), visits.mark_visit, **given)
    assert (arrived.appointment.status, _said(arrived), arrived.phone_them) == ("arrived", [], False)
    given |= {"seen": state_of(arrived.appointment), "status": "no_show"}
    with pytest.raises(NotAllowed):
        await _do(store, tomorrow + timedelta(minutes=41), visits.mark_visit, **given)


async def test_who_comes_late_does_not_get_a_place_that_was_given_away(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    seen = await _booked(store, now, tomorrow)
    late = tomorrow + timedelta(minutes=20)
    given = {"number": seen.number, "seen": state_of(seen), "status": "no_show"}
    missed = await _do(store, late, visits.mark_visit, **given)
    await _do(store, late, visits.walk_in, request=request_for(late, "粤B22222", user=""))
    given |= {"seen": state_of(missed.appointment), "status": "arrived"}
    with pytest.raises(WindowFull) as refused:
        await _do(store, late, visits.mark_visit, **given)
    assert len(refused.value.alternatives) == 3


async def test_a_walk_in_begins_now_and_has_arrived(store: Store, now: datetime) -> None:
    await set_up(store)
    at = now.replace(minute=7, second=20)
    change = await _do(store, at, visits.walk_in, request=request_for(now, user=""))
    assert change.appointment.start == now.replace(minute=8)
    assert (change.appointment.status, change.said, change.phone_them) == ("arrived", (), False)
    with pytest.raises(WindowFull) as refused:
        await _do(store, at, visits.walk_in, request=request_for(now, "粤B22222", user=""))
    assert f"{refused.value.alternatives[0].start:%H:%M}" == "10:30"


@pytest.mark.parametrize("missing", ["surname", "phone"])
async def test_who_walks_in_unknown_leaves_name_and_phone(store: Store, now: datetime, missing: str) -> None:
    await set_up(store)
    with pytest.raises(InvalidValue) as refused:
        await _do(store, now, visits.walk_in, request=request_for(now, user="", **{missing: ""}))
    assert refused.value.field == "who"


async def test_a_booking_by_the_desk_is_told_and_names_the_other_visit_of_the_car(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    await _chatted(store, now)
    first = await _do(store, now, visits.book_visit, request=request_for(tomorrow), place=Place(2, 2))
    assert (first.appointment.bay_id, first.appointment.technician_id) == (2, 2)
    assert (_said(first), first.appointment.needs_check) == (["utter_desk_visit_booked"], False)
    with pytest.raises(AlreadyBooked):
        await _do(store, now, visits.book_visit, request=request_for(tomorrow, user=""))
    again = await _do(store, now, visits.book_visit, request=request_for(tomorrow, user=""), again=True)
    assert (again.appointment.number, again.phone_them) == ("A-1002", True)


async def test_the_customers_notice_does_not_bind_the_desk(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.reading() as uow:
        free = await visits.free_times(uow, now, service_type="maintenance", since=now)
        other = await visits.free_times(uow, now, service_type="maintenance", since=now, place=Place(bay_id=9))
    assert f"{free[0].start:%H:%M}" == "09:00"
    assert other == []


async def test_what_a_customer_is_choosing_is_not_offered_at_the_desk(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        await offer_windows(uow, now, service_type="maintenance", wish=Wish(tomorrow, tomorrow), holder="web:u1")
        free = await visits.free_times(uow, now, service_type="maintenance", since=tomorrow)
    assert tomorrow not in [window.start for window in free]


async def test_a_visit_to_be_looked_at_is_confirmed_once(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    await _chatted(store, now, "u2")
    await _booked(store, now, tomorrow)
    seen = await _booked(store, now, tomorrow, user="u2")
    assert seen.needs_check
    async with store.reading() as uow:
        assert [each.number for each in await uow.appointments.unchecked(now)] == [seen.number]
    change = await _do(store, now, visits.confirm_visit, number=seen.number, seen=state_of(seen))
    assert (_said(change), change.appointment.needs_check) == (["utter_desk_visit_confirmed"], False)
    with pytest.raises(InvalidValue):
        await _do(store, now, visits.confirm_visit, number=seen.number, seen=state_of(change.appointment))


async def test_every_change_is_in_the_audit_log_with_the_agents_name(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    change = await _do(store, now, visits.book_visit, request=request_for(tomorrow, user=""))
    change = await _move(store, now, change.appointment, tomorrow + timedelta(hours=3))
    given = {"number": change.appointment.number, "seen": state_of(change.appointment), "reason": "客户要求"}
    await _do(store, now, visits.cancel_visit, **given)
    async with store.reading() as uow:
        entries = await uow.audit.about("appointment", change.appointment.number)
    assert [(entry.actor, entry.action) for entry in entries] == [(ZHOU, "book"), (ZHOU, "move"), (ZHOU, "cancel")]


async def test_newer_news_take_the_place_of_those_that_still_wait(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    await _chatted(store, now)
    seen = await _booked(store, now, tomorrow)
    async with store.transaction() as uow:
        found = await uow.conversations.find("web", "u1")
        assert found is not None
        for kind, number in (("visit_news", "A-1001"), ("reminder", "A-1001"), ("visit_news", "A-1002")):
            custom = {"kind": kind, "number": number}
            await uow.messages.add(found.id, sender="bot", text="x", state="waiting", time=now, custom=custom)
    await _move(store, now, seen, tomorrow + timedelta(hours=3))
    async with store.reading() as uow:
        states = sorted((row.id, row.state) for row in await rows(uow, messages))
    assert [state for _, state in states] == ["failed", "failed", "waiting"]
