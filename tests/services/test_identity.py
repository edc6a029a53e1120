"""Recognising a customer by plate and phone, with limited tries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.business.refusals import IdentityMismatch, Refusal, TooManyTries
from bot.services.identity import bound_customer, identify, match_quietly
from bot.store.engine import Store
from tests.services.dealership import LI, LI_PHONE, WANG, fill

ME = {"channel": "web", "user": "u1"}


async def refusal_of(store: Store, now: datetime, plate: str, phone: str, user: str = "u1") -> tuple[str, object]:
    try:
        async with store.transaction() as uow:
            await identify(uow, now, channel="web", user=user, plate=plate, phone=phone)
    except IdentityMismatch as refused:
        return "mismatch", refused.tries_left
    except TooManyTries as refused:
        return "too many", refused.until
    return "matched", None


@pytest.mark.parametrize(("plate", "phone"), [(LI, LI_PHONE), ("粤b·8K321", "8001")])
async def test_plate_and_last_four_digits_bind_the_account(store: Store, now: datetime, plate: str, phone: str) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        await uow.conversations.ensure("web", "u1", now)
        assert await bound_customer(uow, **ME) is None
        match = await identify(uow, now, **ME, plate=plate, phone=phone)
        card = await bound_customer(uow, **ME)
        conversation = await uow.conversations.find("web", "u1")
    assert (match.customer.surname, match.vehicle.model) == ("李", "速腾")
    assert card is not None
    assert (card.title, len(card.vehicles)) == ("李女士", 2)
    assert conversation is not None
    assert conversation.customer_id == match.customer.id


async def test_wrong_digits_and_an_unknown_plate_read_the_same(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
    known = [await refusal_of(store, now, LI, "0000", "a") for _ in range(5)]
    unknown = [await refusal_of(store, now, "粤B99999", "0000", "b") for _ in range(5)]
    assert known == unknown
    assert [kind for kind, _ in known] == ["mismatch"] * 3 + ["too many"] * 2
    assert [left for _, left in known[:3]] == [2, 1, 0]


async def test_after_too_many_tries_even_the_right_digits_wait(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
    for digits in ("0001", "0002", "0003"):
        await refusal_of(store, now, LI, digits)
    assert await refusal_of(store, now, LI, "8001") == ("too many", now + timedelta(hours=1))
    assert await refusal_of(store, now + timedelta(hours=1), LI, "8001") == ("matched", None)


async def test_one_strangers_tries_do_not_lock_the_owner_out(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
    for digits in ("0001", "0002", "0003", "0004"):
        await refusal_of(store, now, LI, digits, "stranger")
    assert await refusal_of(store, now, LI, "8001", "owner") == ("matched", None)


async def test_many_strangers_cannot_guess_on_one_plate_for_ever(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
    heard = [await refusal_of(store, now, LI, "0000", f"stranger {number // 3}") for number in range(21)]
    assert heard[-1][0] == "too many"


async def test_a_booking_goes_on_without_a_match_and_the_try_counts(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        assert await match_quietly(uow, now, **ME, plate=WANG, phone="13811112222") is None
        assert await match_quietly(uow, now, **ME, plate="粤B99999", phone="13811112222") is None
        assert await match_quietly(uow, now, **ME, plate=LI, phone="13811112222") is None
        assert await match_quietly(uow, now, **ME, plate=LI, phone=LI_PHONE) is None
        assert await bound_customer(uow, **ME) is None


async def test_a_counted_try_outlives_its_refusal(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
    with pytest.raises(Refusal):
        async with store.transaction() as uow:
            await identify(uow, now, **ME, plate=LI, phone="0000")
    async with store.reading() as uow:
        assert len(await uow.tries.wrong_of_person("web", "u1", now - timedelta(hours=1))) == 1


async def test_the_latest_proof_binds_the_account(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        await identify(uow, now, **ME, plate=LI, phone="8001")
        await identify(uow, now, **ME, plate=WANG, phone="9002")
        card = await bound_customer(uow, **ME)
    assert card is not None
    assert card.title == "王先生"
