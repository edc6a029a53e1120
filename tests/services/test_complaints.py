"""Complaints from filing to closing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.complaints import ComplaintSignals
from bot.business.refusals import NotAllowed, UnknownComplaint
from bot.services.complaints import (
    escalate_complaint,
    file_complaint,
    get_complaint,
    late_complaints,
    list_complaints,
    update_complaint,
)
from bot.services.paging import PageWish
from bot.store.engine import Store
from tests.services.dealership import LI, fill

ME = {"channel": "web", "user": "u1"}


@pytest.mark.parametrize(
    ("text", "signals", "level", "hours"),
    [
        ("洗车没洗干净", None, 1, 24),
        ("修了三次还没好", None, 2, 48),
        ("态度太差", ComplaintSignals(angry=True), 2, 48),
        ("刚修好刹车又失灵了", None, 3, 72),
        ("我要找律师", None, 3, 72),
    ],
)
async def test_a_complaint_has_number_level_owner_and_deadline(
    store: Store, now: datetime, text: str, signals: ComplaintSignals | None, level: int, hours: int
) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        filed = await file_complaint(uow, now, **ME, text=text, plate=LI, signals=signals)
    assert filed.number.startswith("C-")
    assert (filed.status, filed.level, filed.deadline) == ("open", level, now + timedelta(hours=hours))
    assert filed.owner
    assert filed.next_update_at == now + timedelta(minutes=60)


async def test_a_second_complaint_of_the_same_person_counts_as_repeated(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        first = await file_complaint(uow, now, **ME, text="等太久")
        second = await file_complaint(uow, now, **ME, text="等太久")
    assert (first.level, second.level) == (1, 2)
    assert first.number != second.number


async def test_a_vips_complaint_is_for_the_management(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        vip = await uow.customers.add({"surname": "赵", "phone": "13600136004", "vip": True}, now)
        filed = await file_complaint(uow, now, **ME, text="等太久", customer_id=vip)
    assert (filed.level, filed.signals["vip"]) == (3, True)


async def test_closing_needs_the_customers_agreement_and_everything_is_logged(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        number = (await file_complaint(uow, now, **ME, text="等太久")).number
        answered = await update_complaint(uow, now, number=number, by="anna", status="answered", solution="送洗车券")
        with pytest.raises(NotAllowed):
            await update_complaint(uow, now, number=number, by="anna", status="closed")
        closed = await update_complaint(uow, now, number=number, by="anna", status="closed", customer_agreed=True)
        found = await get_complaint(uow, now, number=number, actor="anna")
    assert (answered.status, answered.answered_at) == ("answered", now)
    assert (closed.status, closed.agreed_at, closed.closed_at) == ("closed", now, now)
    assert [entry.what for entry in found.log] == ["filed", "answered", "closed"]


async def test_what_another_program_tells_of_a_yes_is_an_answer_until_it_is_opened_again(
    store: Store, now: datetime
) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        number = (await file_complaint(uow, now, **ME, text="等太久")).number
        by: dict[str, Any] = {"number": number, "by": "anna"}
        agreed = await update_complaint(uow, now, **by, customer_agreed=True, solution="送洗车券")
        again = await update_complaint(uow, now, **by, status="open")
        closed = await update_complaint(uow, now, **by, status="closed", customer_agreed=True, solution="送保养")
    assert (agreed.status, agreed.answered_at, agreed.agreed_at) == ("answered", now, now)
    assert (again.answered_at, again.agreed_at) == (None, None)
    assert (closed.is_agreed, closed.answered_at, closed.closed_at) == (True, now, now)


async def test_a_late_complaint_is_escalated_once(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        number = (await file_complaint(uow, now, **ME, text="等太久")).number
        assert await late_complaints(uow, now + timedelta(hours=23)) == []
        late = await late_complaints(uow, now + timedelta(hours=25))
        await escalate_complaint(uow, now + timedelta(hours=25), number=number)
        assert await late_complaints(uow, now + timedelta(hours=26)) == []
    assert [each.number for each in late] == [number]


async def test_a_list_filters_pages_and_is_audited(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        numbers = [(await file_complaint(uow, now, **ME, text="等太久", plate=LI)).number for _ in range(3)]
        first = await list_complaints(uow, now, PageWish(2), actor="anna", plate="粤b8k321", status="open")
        rest = await list_complaints(uow, now, PageWish(2, first.next), actor="anna", plate=LI)
        none = await list_complaints(uow, now, PageWish(), actor="anna", status="closed")
        audited = await uow.audit.about("complaint", numbers[0])
    assert [each.number for each in (*first.items, *rest.items)] == numbers
    assert rest.next is None
    assert none.items == ()
    assert [(entry.actor, entry.action) for entry in audited] == [("anna", "list")]


async def test_an_unknown_number_is_refused(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        with pytest.raises(UnknownComplaint):
            await update_complaint(uow, now, number="C-1", by="anna", status="answered")
