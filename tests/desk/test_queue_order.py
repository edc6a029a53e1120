"""A long queue is cut after the most urgent, and the page says how many are left."""

from __future__ import annotations

from datetime import datetime

from bench.desk_filling import fill_talks, sign_in_all
from bot.business.desk_queue import rank
from bot.desk import queue
from bot.store.engine import Store
from tests.desk.desks import at_desk
from tests.running import running_bot, settings_for

NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")


async def test_the_first_of_a_long_queue_are_those_who_are_served_first(store: Store) -> None:
    await fill_talks(store, NOW, await sign_in_all(store, NOW, 3), 90, closed=5)
    async with store.reading() as uow:
        for whose in ({}, {"owner": "queue"}, {"agent": "顾问01"}):
            whole = await uow.desk_queue.open(**whose)
            first = await uow.desk_queue.open(**whose, limit=9)
            assert first == sorted(whole, key=rank)[:9]
            assert len(whole) > 9


async def test_a_long_list_says_how_many_are_left_and_is_shown_whole_on_request(
    store: Store, database_url: str
) -> None:
    await fill_talks(store, NOW, await sign_in_all(store, NOW, 3), 300, closed=0)
    async with running_bot(settings_for(database_url)) as bot, at_desk(bot) as client:
        cut = (await client.get("/desk/queue/list?show=all")).text
        assert cut.count('<li id="row-') == queue._AT_FIRST
        assert "还有 <span data-rest>200</span> 位" in cut
        whole = (await client.get("/desk/queue/list?show=all&whole=1")).text
        assert whole.count('<li id="row-') == 300
        assert "data-rest" not in whole
