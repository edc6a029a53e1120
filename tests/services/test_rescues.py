"""Rescue tickets."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.business.refusals import NotAllowed, UnknownRescue
from bot.business.rescues import missing_details, place_shared
from bot.services.paging import PageWish
from bot.services.rescue_words import note_rescue_words
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


@pytest.mark.parametrize(
    ("known", "shared", "place"),
    [
        (None, "22.54,113.95", "22.54,113.95"),
        (None, "快递站（22.54,113.95）", "快递站（22.54,113.95）"),
        ("深南大道123号", "22.54,113.95", "22.54,113.95 深南大道123号"),
        ("22.54,113.95", "22.54,113.95", "22.54,113.95"),
    ],
)
async def test_a_shared_place_is_where_help_comes_to(
    store: Store, now: datetime, known: str | None, shared: str, place: str
) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        assert not await note_rescue_words(uow, now, **ME, text=shared, shared=shared)
        await open_rescue(uow, now, **ME, text="抛锚了", place=known)
        assert await note_rescue_words(uow, now, **ME, text=shared, shared=shared)
        rescue = await open_rescue(uow, now, **ME, text="快来")
    assert (rescue.place, rescue.text) == (place, f"抛锚了\n{shared}")


async def test_typed_coordinates_are_a_place_too(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await open_rescue(uow, now, **ME, text="抛锚了")
        await note_rescue_words(uow, now, **ME, text="22.54,113.95")
        rescue = await open_rescue(uow, now, **ME, text="快来")
    assert (rescue.place, rescue.phone) == ("22.54,113.95", None)


@pytest.mark.parametrize(("minutes", "place"), [(10, "市民中心（22.54,114.06）"), (45, None)])
async def test_a_place_shared_just_before_the_call_is_known(
    store: Store, now: datetime, minutes: int, place: str | None
) -> None:
    details = {"lat": 22.54, "lon": 114.06, "label": "市民中心"}
    async with store.transaction() as uow:
        conversation = await uow.conversations.ensure("web", "u1", now)
        await uow.messages.receive(
            conversation.id, text="市民中心", platform_id=None, time=now, kind="location", details=details
        )
        rescue = await open_rescue(uow, now + timedelta(minutes=minutes), **ME, text="抛锚了")
    assert rescue.place == place


def test_a_shared_place_is_told_as_far_as_it_is_known() -> None:
    assert place_shared({"lat": 22.5, "lon": 0.0, "label": None}, "22.5,0.0") == "22.5,0.0"
    assert place_shared({"label": "市民中心"}, "市民中心") == "市民中心"
    assert place_shared(None, "") is None
