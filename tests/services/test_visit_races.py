"""Two agents and a customer want one time: one of them wins, the others are told so with other times."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.business.appointments import Appointment
from bot.business.refusals import ChangedMeanwhile, Refusal, WindowFull
from bot.business.windows import ANYWHERE, Place
from bot.services import booking, visits
from bot.store.engine import Store
from bot.store.tables import appointments
from tests.services.dealership import rows
from tests.services.workshops import request_for, set_up


async def _by_chat(store: Store, now: datetime, start: datetime) -> str:
    async with store.transaction() as uow:
        await booking.book_appointment(uow, now, request_for(start, "粤B00001", user="customer"))
    return "booked by chat"


async def _by_agent(store: Store, now: datetime, start: datetime, agent: str) -> str:
    async with store.transaction() as uow:
        request = request_for(start, f"粤B0000{len(agent)}", user="")
        await visits.book_visit(uow, now, request, agent=agent, place=Place(1, 1))
    return "booked at the desk"


async def _moved(store: Store, now: datetime, start: datetime, seen: Appointment, agent: str) -> str:
    async with store.transaction() as uow:
        given = {"number": seen.number, "seen": visits.state_of(seen), "agent": agent}
        await visits.move_visit(uow, now, start=start, place=ANYWHERE, **given)
    return f"moved {seen.number}"


def _outcome(result: object) -> str:
    if isinstance(result, WindowFull):
        assert len(result.alternatives) == 3
        return "told with alternatives"
    assert isinstance(result, (str, Refusal)), result
    return "ok" if isinstance(result, str) else type(result).__name__


@pytest.fixture
async def second_copy(store: Store, database_url: str) -> AsyncIterator[Store]:
    """The store of another copy of the bot."""
    opened = Store(database_url)
    await opened.start()
    yield opened
    await opened.close()


async def test_of_two_agents_and_a_customer_one_gets_the_last_place(
    store: Store, second_copy: Store, now: datetime
) -> None:
    await set_up(store)
    for day in range(1, 6):
        start = now + timedelta(days=day)
        tries = (
            _by_agent(store, now, start, "小周"),
            _by_agent(second_copy, now, start, "老陈头"),
            _by_chat(second_copy, now, start),
        )
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert Counter(map(_outcome, results)) == {"ok": 1, "told with alternatives": 2}
        for visit in await _stored(store):
            async with store.transaction() as uow:
                await booking.cancel_appointment(uow, now, number=visit, reason="x", by_staff=True)


async def _stored(store: Store) -> list[str]:
    async with store.reading() as uow:
        return [row.number for row in await rows(uow, appointments) if row.status == "booked"]


async def test_two_cars_moved_to_one_time_and_a_customer_booking_it_never_share_it(
    store: Store, second_copy: Store, now: datetime
) -> None:
    await set_up(store, bays=2, skills=[["maintenance"]])
    start = now + timedelta(days=1, hours=6)
    seen = []
    for number in (1, 2):
        async with store.transaction() as uow:
            at = start - timedelta(hours=number)
            request = request_for(at, f"粤B1000{number}", user=f"u{number}")
            seen.append(await booking.book_appointment(uow, now, request))
    results = await asyncio.gather(
        _moved(store, now, start, seen[0], "小周"),
        _moved(second_copy, now, start, seen[1], "老陈"),
        _by_chat(second_copy, now, start),
        return_exceptions=True,
    )
    assert Counter(map(_outcome, results)) == {"ok": 1, "told with alternatives": 2}
    async with store.reading() as uow:
        starts = [row.starts_at for row in await rows(uow, appointments)]
    assert len(starts) == len(set(starts))


async def test_of_two_agents_who_move_one_visit_the_second_is_told_by_whom(
    store: Store, second_copy: Store, now: datetime
) -> None:
    await set_up(store)
    start = now + timedelta(days=1)
    async with store.transaction() as uow:
        seen = await booking.book_appointment(uow, now, request_for(start))
    moves = (
        _moved(store, now, start + timedelta(hours=1), seen, "小周"),
        _moved(second_copy, now, start + timedelta(hours=5), seen, "老陈"),
    )
    results = await asyncio.gather(*moves, return_exceptions=True)
    (refused,) = [result for result in results if isinstance(result, ChangedMeanwhile)]
    assert refused.by == ("老陈" if isinstance(results[0], ChangedMeanwhile) else "小周")
