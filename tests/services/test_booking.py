"""Booking, moving and cancelling visits, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.business.appointments import Appointment, BookingRequest, Reminder
from bot.business.calendar import DayOverride
from bot.business.plates import NO_PLATE
from bot.business.refusals import (
    AlreadyBooked,
    InvalidValue,
    NotAllowed,
    TooLateToChange,
    UnknownAppointment,
    WindowFull,
    WindowGone,
)
from bot.business.symptoms import Symptoms
from bot.business.windows import Wish
from bot.services import booking
from bot.store import tables
from bot.store.engine import Store
from tests.services.workshops import count_of, offered, request_for, set_up


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    """10:00 on the day after `now`."""
    return now.replace(hour=10) + timedelta(days=1)


async def _book(store: Store, now: datetime, request: BookingRequest) -> Appointment:
    async with store.transaction() as uow:
        return await booking.book_appointment(uow, now, request)


async def test_the_third_car_is_refused_when_two_bays_are_taken(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 3)
    await _book(store, now, request_for(tomorrow, "粤B00001", "u1"))
    await _book(store, now, request_for(tomorrow, "粤B00002", "u2"))
    with pytest.raises(WindowFull) as refused:
        await _book(store, now, request_for(tomorrow, "粤B00003", "u3"))
    assert len(refused.value.alternatives) == 3


async def test_a_second_car_is_refused_when_one_technician_has_the_skill(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=3, skills=[["maintenance", "tyre"], ["maintenance"]])
    await _book(store, now, request_for(tomorrow, "粤B00001", "u1", service_type="tyre"))
    with pytest.raises(WindowFull):
        await _book(store, now, request_for(tomorrow, "粤B00002", "u2", service_type="tyre"))
    assert (await _book(store, now, request_for(tomorrow, "粤B00003", "u3"))).technician_id == 2


async def test_specialists_are_taken_before_all_rounders(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store, bays=3, skills=[["maintenance", "tyre"], ["maintenance"]])
    assert (await _book(store, now, request_for(tomorrow))).technician_id == 2


async def test_a_buffer_lies_between_two_cars(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store, buffer_minutes=10)
    await _book(store, now, request_for(tomorrow))
    with pytest.raises(WindowFull):
        await _book(store, now, request_for(tomorrow + timedelta(hours=1), "粤B00002", "u2"))
    at = tomorrow + timedelta(hours=1, minutes=10)
    assert (await _book(store, now, request_for(at, "粤B00002", "u2"))).start == at


async def test_a_blocked_technician_is_not_given_work(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        away = {"technician_id": 1, "starts_at": tomorrow, "ends_at": tomorrow + timedelta(hours=2)}
        await uow.connection.execute(tables.blocked_times.insert().values(**away))
    with pytest.raises(WindowFull):
        await _book(store, now, request_for(tomorrow))
    assert await _book(store, now, request_for(tomorrow + timedelta(hours=3)))


async def test_a_day_closed_by_the_dealer_is_closed(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        await uow.calendar.set_day(tomorrow.date(), DayOverride("closed"), "stocktaking")
    assert (await offered(store, now, Wish(tomorrow, tomorrow))).reason == "closed"


async def test_everything_told_is_stored(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    told = Symptoms(("刹车异响",), ("左前轮",), ("吱吱响",), ("偶尔",), ("踩刹车时",))
    request = request_for(
        tomorrow,
        symptoms=told,
        loaner="shuttle",
        reminder=Reminder("web", 2),
        mileage_km=30_000,
        note="靠窗",
        consent=True,
    )
    booked = await _book(store, now, request)
    async with store.reading() as uow:
        assert await booking.find_appointment(uow, booked.number) == booked
    assert booked.number == "A-1001"
    assert (booked.symptoms, booked.loaner, booked.reminder) == (told, "shuttle", Reminder("web", 2))
    assert booked.end == tomorrow + timedelta(hours=1)


async def test_a_newcomer_with_consent_is_registered_and_bound(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow, consent=True, model="速腾"))
    async with store.reading() as uow:
        customer = await uow.customers.bound("web", "u1")
        vehicle = await uow.vehicles.by_plate("粤B12345")
    assert customer is not None
    assert vehicle is not None
    assert (booked.customer_id, booked.vehicle_id) == (customer.id, vehicle.id)
    assert (customer.origin, vehicle.origin) == ("chat", "chat")


async def test_a_stranger_with_a_known_plate_is_linked_to_nothing(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        owner = await uow.customers.add({"surname": "王", "phone": "13900139000"}, now)
        await uow.vehicles.add({"plate": "粤B12345", "customer_id": owner}, now)
    booked = await _book(store, now, request_for(tomorrow, consent=True))
    assert (booked.customer_id, booked.vehicle_id, booked.needs_check) == (None, None, False)
    async with store.reading() as uow:
        assert await count_of(uow, tables.customers) == 1


async def test_a_known_vehicle_has_one_open_appointment_unless_asked_otherwise(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        owner = await uow.customers.add({"surname": "王", "phone": "13900139000"}, now)
        await uow.vehicles.add({"plate": "粤B12345", "customer_id": owner, "mileage_km": 10}, now)
    first = await _book(store, now, request_for(tomorrow, matched_customer_id=owner, mileage_km=200))
    again = request_for(tomorrow + timedelta(days=1), user="u2", matched_customer_id=owner)
    with pytest.raises(AlreadyBooked) as refused:
        await _book(store, now, again)
    assert refused.value.number == first.number
    assert (await _book(store, now, replace(again, needs_check=True))).needs_check
    async with store.reading() as uow:
        vehicle = await uow.vehicles.by_plate("粤B12345")
    assert vehicle is not None
    assert vehicle.mileage_km == 200


async def test_a_strangers_second_appointment_waits_for_a_check(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]] * 2)
    await _book(store, now, request_for(tomorrow))
    assert (await _book(store, now, request_for(tomorrow, user="u2"))).needs_check


async def test_cars_without_a_plate_are_different_cars_unless_the_same_person_or_chassis_number_says_otherwise(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store, bays=3, skills=[["maintenance"]] * 3)
    assert not (await _book(store, now, request_for(tomorrow, NO_PLATE, consent=True))).needs_check
    other = request_for(tomorrow, NO_PLATE, "u2", phone="13800138010", consent=True)
    assert not (await _book(store, now, other)).needs_check
    with pytest.raises(AlreadyBooked):
        await _book(store, now, request_for(tomorrow + timedelta(hours=3), NO_PLATE))
    one = request_for(tomorrow + timedelta(days=1), f"{NO_PLATE} 012345", "u3", phone="13800138011")
    assert not (await _book(store, now, one)).needs_check
    assert (await _book(store, now, replace(one, user="u4", phone="13800138012"))).needs_check
    async with store.reading() as uow:
        assert [row.plate for row in await uow.connection.execute(tables.vehicles.select())] == [None, None]


async def test_the_same_person_does_not_book_the_car_twice(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    await _book(store, now, request_for(tomorrow))
    with pytest.raises(AlreadyBooked):
        await _book(store, now, request_for(tomorrow + timedelta(hours=3)))


async def test_a_window_lost_after_its_hold_ran_out_is_gone(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    await offered(store, now, Wish(tomorrow, tomorrow))
    later = now + timedelta(minutes=11)
    await _book(store, later, request_for(tomorrow, "粤B00002", "u2"))
    with pytest.raises(WindowGone) as refused:
        await _book(store, later, request_for(tomorrow))
    assert refused.value.alternatives


async def test_nothing_is_booked_outside_the_hours(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    with pytest.raises(WindowFull):
        await _book(store, now, request_for(tomorrow.replace(hour=20)))
    with pytest.raises(WindowFull):
        await _book(store, now, request_for(now - timedelta(minutes=30)))


@pytest.mark.parametrize(
    ("field", "value"),
    [("service_type", "wash"), ("loaner", "horse"), ("mileage_km", -1), ("reminder", Reminder("fax", 1))],
)
async def test_values_that_cannot_be_stored_are_named(
    store: Store, now: datetime, tomorrow: datetime, field: str, value: object
) -> None:
    await set_up(store)
    with pytest.raises(InvalidValue) as refused:
        await _book(store, now, request_for(tomorrow, **{field: value}))
    assert refused.value.field.startswith(field)


async def test_moving_frees_the_old_window_and_takes_the_new(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow, reminder=Reminder("web", 1)))
    offer = await offered(store, now, Wish(tomorrow + timedelta(hours=3), tomorrow + timedelta(hours=3)))
    async with store.transaction() as uow:
        moved = await booking.move_appointment(uow, now, number=booked.number, window=offer.windows[0], holder="web:u1")
        assert await booking.find_appointment(uow, booked.number) == moved
    assert moved.start == tomorrow + timedelta(hours=3)
    assert (await offered(store, now, Wish(tomorrow, tomorrow), holder="web:u2")).reason == "few_wished"


async def test_a_visit_may_move_by_half_an_hour_into_its_own_time(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow))
    window = replace(request_for(tomorrow + timedelta(minutes=30)).window)
    async with store.transaction() as uow:
        moved = await booking.move_appointment(uow, now, number=booked.number, window=window, holder="web:u1")
    assert moved.start == tomorrow + timedelta(minutes=30)


async def test_after_the_cut_off_a_person_changes_the_visit(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow))
    late = tomorrow - timedelta(minutes=119)
    with pytest.raises(TooLateToChange) as refused:
        async with store.transaction() as uow:
            await booking.cancel_appointment(uow, late, number=booked.number, reason="没时间")
    assert refused.value.cut_off == tomorrow - timedelta(hours=2)
    async with store.transaction() as uow:
        done = await booking.cancel_appointment(uow, late, number=booked.number, reason="没时间", by_staff=True)
    assert (done.status, done.cancel_reason) == ("cancelled", "没时间")


async def test_staff_move_a_visit_that_was_booked_when_it_was_close(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    late = tomorrow - timedelta(minutes=90)
    booked = await _book(store, late, request_for(tomorrow))
    window = request_for(tomorrow + timedelta(hours=4)).window
    async with store.transaction() as uow:
        moved = await booking.move_appointment(
            uow, late, number=booked.number, window=window, holder="desk:1", by_staff=True
        )
    assert moved.start == tomorrow + timedelta(hours=4)


async def test_a_cancelled_visit_is_free_again_and_not_cancelled_twice(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow))
    async with store.transaction() as uow:
        await booking.cancel_appointment(uow, now, number=booked.number, reason="出差")
    with pytest.raises(NotAllowed):
        async with store.transaction() as uow:
            await booking.cancel_appointment(uow, now, number=booked.number, reason="出差")
    assert (await _book(store, now, request_for(tomorrow))).number == "A-1002"


async def test_open_visits_are_found_by_customer_plate_and_person(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow, consent=True))
    async with store.reading() as uow:
        for asked in ({"customer_id": booked.customer_id}, {"plate": booked.plate}, {"holder": "web:u1"}):
            assert await booking.open_appointments(uow, now, **asked) == [booked]
        assert await booking.open_appointments(uow, now + timedelta(days=3), plate=booked.plate) == []
        assert await booking.appointment_page(uow, filters={"plate": "粤B12345"}, after=0, limit=5) == [(1, booked)]
        with pytest.raises(UnknownAppointment):
            await booking.find_appointment(uow, "A-9")


async def test_what_became_of_a_visit_is_noted_by_the_staff(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    booked = await _book(store, now, request_for(tomorrow))
    async with store.transaction() as uow:
        await booking.change_status(uow, now, number=booked.number, status="arrived")
        changed = await booking.change_details(uow, now, number=booked.number, changes={"note": "早到"})
    assert (changed.status, changed.note) == ("arrived", "早到")
    with pytest.raises(NotAllowed):
        async with store.transaction() as uow:
            await booking.change_status(uow, now, number=booked.number, status="booked")
