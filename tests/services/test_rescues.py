"""Rescue tickets."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.business.refusals import NotAllowed, UnknownRescue
from bot.business.rescues import missing_details
from bot.services.paging import PageWish
from bot.services.rescues import add_rescue_details, list_rescues, open_rescue, update_rescue
from bot.store.engine import Store
from tests.services.dealership import fill

ME = {"channel": "web", "user": "u1"}


async def test_help_is_arranged_within_ten_minutes_with_news_every_thirty(store: Store, now: datetime) -> None:
    night = now.replace(hour=2)
    async with store.transaction() as uow:
        await fill(uow, now)
        rescue = await open_rescue(uow, night, **ME, text="抛锚了")
    assert rescue.number.startswith("R-")
    assert (rescue.arrange_by, rescue.next_news_at) == (night + timedelta(minutes=10), night + timedelta(minutes=30))
    assert missing_details(rescue) == ("place", "phone")


async def test_calling_again_completes_the_same_ticket(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        first = await open_rescue(uow, now, **ME, text="抛锚了", phone="13511112222")
        again = await open_rescue(uow, now, **ME, text="快来", place="深南大道")
    assert again.number == first.number
    assert (again.place, again.phone, missing_details(again)) == ("深南大道", "13511112222", ())


async def test_a_bound_customers_phone_is_known(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.customers.bind(keys.li, "web", "u1", now)
        rescue = await open_rescue(uow, now, **ME, text="抛锚了")
    assert (rescue.customer_id, rescue.phone) == (keys.li, "13800138001")


async def test_a_rescue_is_arranged_then_closed(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        number = (await open_rescue(uow, now, **ME, text="抛锚了")).number
        arranged = await update_rescue(uow, now, number=number, status="arranged", by="anna")
        closed = await update_rescue(uow, now, number=number, status="closed", by="anna")
        with pytest.raises(NotAllowed):
            await update_rescue(uow, now, number=number, status="open", by="anna")
        with pytest.raises(UnknownRescue):
            await add_rescue_details(uow, now, **ME, place="深南大道")
        page = await list_rescues(uow, now, PageWish(), actor="anna", status="closed")
    assert (arranged.owner, arranged.arranged_at) == ("anna", now)
    assert (closed.closed_at, closed.next_news_at) == (now, None)
    assert [each.number for each in page.items] == [number]
