"""A long queue is cut after the most urgent, and the page says how many are left; customers hear its order."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bench.desk_filling import fill_talks, sign_in_all
from bot.business.complaints import ComplaintSignals
from bot.business.desk_queue import rank
from bot.desk import queue
from bot.services.complaints import file_complaint
from bot.services.handoffs import receipt_of, request_handoff
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


async def test_customers_are_told_the_place_that_agents_see(store: Store, database_url: str) -> None:
    async with store.transaction() as uow:
        asked = {}
        for minute, (user, urgency) in enumerate({"calm": "normal", "upset": "complaint", "stuck": "danger"}.items()):
            asked[user] = await request_handoff(
                uow, NOW + timedelta(minutes=minute), channel="web", user=user, reason="asked", urgency=urgency
            )
        # Urgency alone does not say it: who has a complaint of a higher level comes before who complained first.
        signals = ComplaintSignals(legal=True)
        await file_complaint(uow, NOW, channel="web", user="grave", text="我要起诉", signals=signals)
        asked["grave"] = await request_handoff(
            uow, NOW + timedelta(minutes=9), channel="web", user="grave", reason="asked", urgency="complaint"
        )
        told = {}
        for receipt in asked.values():
            handoff = await uow.handoffs.get(receipt.id)
            told[(await receipt_of(uow, NOW, handoff)).position] = f'id="row-{handoff.conversation_id}"'
    assert [asked[user].position for user in ("calm", "upset", "stuck", "grave")] == [1, 1, 1, 2]
    async with running_bot(settings_for(database_url)) as bot, at_desk(bot) as client:
        shown = re.findall(r'id="row-\d+"', (await client.get("/desk/queue/list?show=waiting")).text)
    assert shown == [told[place] for place in (1, 2, 3, 4)]
