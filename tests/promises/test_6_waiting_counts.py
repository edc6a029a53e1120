"""Promise 6: waiting counts from the first request, whatever happens to it until an agent has answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.services import handoffs
from tests.desk.desks import at_desk
from tests.promises.scenes import Copies, api_post, asked, desk_post, handoffs_of, key_of, write

SLACK = timedelta(seconds=30)


async def due_of(copies: Copies) -> datetime:
    """When the answer is due, as the queue shows it."""
    async with copies.other.store.reading() as uow:
        entry = await uow.desk_queue.get(await key_of(copies.one))
    assert entry is not None
    assert entry.due_at is not None
    return entry.due_at


async def asks_again(copies: Copies) -> None:
    await asked(copies.other, urgency="complaint")


async def writes_again(copies: Copies) -> None:
    await write(copies.other, "人呢")


async def is_passed_on(copies: Copies) -> None:
    async with at_desk(copies.one, "adviser") as zhou, at_desk(copies.other, "supervisor"):
        key = await key_of(copies.one)
        await desk_post(zhou, key, "claim")
        await desk_post(zhou, key, "transfer", to="agent:王主管")


async def is_passed_to_a_team(copies: Copies) -> None:
    async with at_desk(copies.other, "adviser") as zhou:
        key = await key_of(copies.one)
        await desk_post(zhou, key, "claim")
        await desk_post(zhou, key, "transfer", to="team:前台")


async def is_left_by_its_agent(copies: Copies) -> None:
    (handoff,) = await handoffs_of(copies.one)
    await api_post(copies.one, handoff.id, "claim", agent="小周")
    async with copies.other.store.transaction() as uow:
        await handoffs.return_to_queue(uow, copies.other.clock.now(), handoff_id=handoff.id)


async def is_noted(copies: Copies) -> None:
    (handoff,) = await handoffs_of(copies.one)
    await api_post(copies.other, handoff.id, "note", agent="小周", text="在查")


@pytest.mark.parametrize(
    "happens", [asks_again, writes_again, is_passed_on, is_passed_to_a_team, is_left_by_its_agent, is_noted]
)
async def test_the_clock_runs_on_from_the_first_request(copies: Copies, happens) -> None:  # type: ignore[no-untyped-def]
    first = await asked(copies.one)
    await copies.advance(20)
    await happens(copies)
    (handoff,) = await handoffs_of(copies.other)
    assert handoff.requested_at == first.requested_at
    assert abs(await due_of(copies) - first.due_at) < SLACK


async def test_the_bots_own_words_do_not_set_it_back(copies: Copies) -> None:
    first = await asked(copies.one)
    for minutes in (5, 10, 10):
        await copies.advance(minutes)
        await write(copies.one, "还要多久")
        await copies.work()
    assert abs(await due_of(copies) - first.due_at) < SLACK


async def test_who_asked_first_is_served_first_also_after_being_passed_around(copies: Copies) -> None:
    await asked(copies.one)
    await copies.advance(5)
    later = await asked(copies.other, "wang")
    await is_passed_to_a_team(copies)
    assert later.position == 2
    async with copies.one.store.reading() as uow:
        now = copies.one.clock.now()
        (mine,) = await handoffs_of(copies.one)
        assert (await handoffs.receipt_of(uow, now, mine)).position == 1


async def test_a_new_request_after_the_release_counts_from_its_own_time(copies: Copies) -> None:
    first = await asked(copies.one)
    await api_post(copies.one, first.id, "release", agent="小周")
    await copies.advance(30)
    second = await asked(copies.other)
    assert second.requested_at >= first.requested_at + timedelta(minutes=30)
