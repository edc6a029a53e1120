"""The business clock: one for all processes, forward only."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.services.clock import advance_clock, clock_offset, set_clock_once
from bot.store.engine import Store


async def test_the_first_process_sets_the_clock_and_the_others_follow(store: Store, now: datetime) -> None:
    wished = now + timedelta(days=30)
    async with store.transaction() as uow:
        assert await set_clock_once(uow, now, wished) == timedelta(days=30)
    async with store.transaction() as uow:
        assert await set_clock_once(uow, now, now - timedelta(days=9)) == timedelta(days=30)
    async with store.reading() as uow:
        assert await clock_offset(uow) == timedelta(days=30)


async def test_the_clock_only_moves_forward(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await set_clock_once(uow, now, None)
        assert await advance_clock(uow, 90) == timedelta(minutes=90)
        assert await advance_clock(uow, -30) == timedelta(minutes=90)
