"""Which windows are offered, and held for whom, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.business.offers import Offer
from bot.business.refusals import WindowFull
from bot.business.windows import Wish
from bot.services.booking import book_appointment
from bot.services.offers import held_windows
from bot.store.engine import Store
from tests.services.workshops import offered, request_for, set_up


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    """10:00 on the day after `now`."""
    return now.replace(hour=10) + timedelta(days=1)


def _starts(offer: Offer) -> list[str]:
    return [f"{window.start:%m-%d %H:%M}" for window in offer.windows]


async def test_a_wished_hour_comes_first_with_the_nearest_others(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    offer = await offered(store, now, Wish(tomorrow, tomorrow))
    assert (offer.reason, offer.wished) == ("few_wished", 1)
    assert _starts(offer) == ["03-11 10:00", "03-11 09:30", "03-11 10:30"]


async def test_a_wished_day_offers_times_that_differ(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    day = tomorrow.replace(hour=0)
    offer = await offered(store, now, Wish(day, day + timedelta(days=1)))
    assert offer.reason == "as_wished"
    assert offer.wished == len(offer.windows) == 3
    assert len({window.start.hour < 12 for window in offer.windows}) == 2


async def test_without_a_wish_the_next_half_days_are_offered(store: Store, now: datetime) -> None:
    await set_up(store)
    offer = await offered(store, now, None)
    assert (offer.reason, _starts(offer)) == ("none_wished", ["03-10 10:00", "03-10 13:00", "03-11 08:30"])


async def test_an_urgent_fault_gets_the_earliest_times(store: Store, now: datetime) -> None:
    await set_up(store)
    offer = await offered(store, now, None, service_type="repair", urgent=True)
    assert _starts(offer) == ["03-10 10:00", "03-10 11:00", "03-10 13:00"]


async def test_a_visit_may_pause_over_lunch_but_not_over_night(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    before_lunch = tomorrow.replace(hour=11, minute=30)
    offer = await offered(store, now, Wish(before_lunch, before_lunch))
    assert offer.windows[0].end == tomorrow.replace(hour=13, minute=30)
    late = tomorrow.replace(hour=17)
    assert (await offered(store, now, Wish(late, late))).reason == "closed"


@pytest.mark.parametrize(
    ("start", "hours", "reason"),
    [
        ("2026-03-10 07:00", 0, "past"),
        ("2026-03-09 00:00", 24, "past"),
        ("2026-03-10 09:30", 0, "too_soon"),
        ("2026-03-11 12:30", 0, "closed"),
        ("2026-03-11 18:00", 6, "closed"),
        ("2026-05-01 00:00", 24, "holiday"),
        ("2027-02-06 09:00", 0, "holiday"),  # Spring Festival of a year that is not published
        ("2026-05-09 09:00", 0, "few_wished"),  # a Saturday worked for the holidays
        ("2027-02-10 09:00", 0, "few_wished"),
    ],
)
async def test_the_reason_of_an_offer(store: Store, now: datetime, start: str, hours: int, reason: str) -> None:
    await set_up(store)
    begin = datetime.fromisoformat(start).replace(tzinfo=now.tzinfo)
    offer = await offered(store, now, Wish(begin, begin + timedelta(hours=hours)))
    assert offer.reason == reason
    assert len(offer.windows) == 3


async def test_a_full_time_offers_the_nearest(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        await book_appointment(uow, now, request_for(tomorrow))
    offer = await offered(store, now, Wish(tomorrow, tomorrow), holder="web:u2")
    assert (offer.reason, offer.wished) == ("full", 0)
    assert _starts(offer) == ["03-11 08:30", "03-11 09:00", "03-11 11:00"]


async def test_an_offered_window_is_held_for_ten_minutes(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    wish = Wish(tomorrow, tomorrow)
    assert (await offered(store, now, wish)).reason == "few_wished"
    assert (await offered(store, now, wish, holder="web:u2")).reason == "full"
    with pytest.raises(WindowFull):
        async with store.transaction() as uow:
            await book_appointment(uow, now, request_for(tomorrow, user="u2"))
    later = now + timedelta(minutes=11)
    assert (await offered(store, later, wish, holder="web:u2")).reason == "few_wished"


async def test_a_new_offer_frees_the_old_one(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    await offered(store, now, Wish(tomorrow, tomorrow))
    later = tomorrow + timedelta(days=3)
    await offered(store, now, Wish(later, later))
    assert (await offered(store, now, Wish(tomorrow, tomorrow), holder="web:u2")).reason == "few_wished"
    async with store.reading() as uow:
        held = await held_windows(uow, now, holder="web:u1")
    assert later in [window.start for window in held]


async def _in_the_workshop(store: Store, now: datetime, promised_at: datetime, stage: str = "in_repair") -> int:
    """The id of a car that stands in the workshop."""
    async with store.transaction() as uow:
        car: int = await uow.vehicles.add({"plate": "粤B12345"}, now)
        await uow.work_orders.add(
            now, vehicle_id=car, customer_id=None, stage=stage, work="", promised_at=promised_at
        )
    return car


async def test_nothing_is_offered_before_the_customers_own_car_is_ready(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    car = await _in_the_workshop(store, now, tomorrow.replace(hour=15))
    assert _starts(await offered(store, now, None, vehicle_id=car))[0] == "03-11 15:00"
    assert _starts(await offered(store, now, None)) == ["03-10 10:00", "03-10 13:00", "03-11 08:30"]
    exactly = await offered(store, now, Wish(tomorrow, tomorrow), vehicle_id=car)
    assert (exactly.reason, _starts(exactly)[0]) == ("in_workshop", "03-11 15:00")
    after = tomorrow.replace(hour=16)
    assert "03-11 16:00" in _starts(await offered(store, now, Wish(after, after), vehicle_id=car))
    day = Wish(tomorrow.replace(hour=0), tomorrow.replace(hour=0) + timedelta(days=1))
    assert min(_starts(await offered(store, now, day, vehicle_id=car))) >= "03-11 15:00"


async def test_a_wish_without_notice_is_too_soon_also_for_a_car_in_the_workshop(
    store: Store, now: datetime, tomorrow: datetime
) -> None:
    await set_up(store)
    car = await _in_the_workshop(store, now, tomorrow)
    soon = now + timedelta(minutes=30)
    assert (await offered(store, now, Wish(soon, soon), vehicle_id=car)).reason == "too_soon"


async def test_a_car_that_is_ready_may_come_at_any_time(store: Store, now: datetime, tomorrow: datetime) -> None:
    await set_up(store)
    car = await _in_the_workshop(store, now, tomorrow, stage="ready")
    assert _starts(await offered(store, now, None, vehicle_id=car))[0] == "03-10 10:00"
