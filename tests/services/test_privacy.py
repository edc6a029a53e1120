"""Deleting a person really deletes; stop means stop; consent is asked once."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.business.symptoms import Symptoms
from bot.services import booking, complaints, handoffs, identity, privacy, rescues
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork
from tests.services.dealership import LI, LI_PHONE, WANG_PHONE, everything_stored, fill, rows
from tests.services.workshops import request_for, set_up

ME = {"channel": "web", "user": "stranger-1"}
SECRET = "我的秘密异响"


async def leave_traces(uow: UnitOfWork, now: datetime, user: str, plate: str, phone: str) -> str:
    """Everything one person can leave behind; gives back the number of their appointment."""
    conversation = await uow.conversations.ensure("web", user, now)
    await uow.messages.receive(conversation.id, text=SECRET, platform_id="p1", time=now)
    await uow.turns.mark_done(conversation.id, 10**9)
    await uow.messages.add(conversation.id, sender="bot", text=SECRET, state="queued", time=now)
    await uow.connection.execute(
        tables.trackers.insert().values(conversation=f"web:{user}", state=SECRET, changed_at=now)
    )
    await handoffs.request_handoff(uow, now, channel="web", user=user, reason=SECRET, facts={"plate": plate})
    await complaints.file_complaint(uow, now, channel="web", user=user, text=SECRET, plate=plate, phone=phone)
    await rescues.open_rescue(uow, now, channel="web", user=user, text=SECRET, place=SECRET, phone=phone)
    await privacy.record_consent(uow, now, channel="web", user=user, given=True, wording=SECRET)
    symptoms = Symptoms(problem=(SECRET,))
    request = request_for(now + timedelta(days=1), plate, user, phone=phone, symptoms=symptoms, note=SECRET)
    return (await booking.book_appointment(uow, now, request)).number


async def test_a_customers_deletion_leaves_only_the_shops_own_records(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await identity.identify(uow, now, **ME, plate=LI, phone="8001")
        number = await leave_traces(uow, now, ME["user"], LI, LI_PHONE)
        await uow.customers.bind(keys.li, "web", "stranger-2", now)
    async with store.transaction() as uow:
        gone = await privacy.delete_person(uow, now, **ME)
        left = await everything_stored(uow)
        orders = await rows(uow, tables.work_orders)
        accounts = await rows(uow, tables.channel_accounts)
    assert gone.was_customer
    assert gone.cancelled == (number,)
    assert (gone.messages, gone.accounts) == (2, 2)
    assert not [each for each in (SECRET, LI, LI_PHONE, "李", "粤B5T678") if each in left]
    assert accounts == []
    assert {order.number: order.customer_id for order in orders} == {"WO-1": None, "WO-2": keys.wang}
    assert WANG_PHONE in left


async def test_a_strangers_deletion_takes_what_they_wrote_and_nobody_elses(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        await fill(uow, now)
        await leave_traces(uow, now, ME["user"], "粤B99999", "13511112222")
        gone = await privacy.delete_person(uow, now, **ME)
        left = await everything_stored(uow)
    assert not [each for each in (SECRET, "13511112222") if each in left]
    assert LI_PHONE in left
    assert gone.cancelled


async def test_the_message_being_answered_keeps_its_row_but_not_its_text(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        conversation = await uow.conversations.ensure("web", ME["user"], now)
        key = await uow.messages.receive(conversation.id, text=SECRET, platform_id="p1", time=now)
        await privacy.delete_person(uow, now, **ME)
        (message,) = await rows(uow, tables.messages)
        still = await uow.conversations.find("web", ME["user"])
    assert (message.id, message.state, message.text) == (key, "received", None)
    assert still is not None
    assert (still.owner, still.customer_id) == ("bot", None)


async def test_stop_means_no_reminder_on_any_channel(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.customers.bind(keys.li, "web", "u1", now)
        await uow.customers.bind(keys.li, "telegram", "u2", now)
        assert not await uow.accounts.reminders_stopped("telegram", "u2")
        await privacy.stop_reminders(uow, now, channel="web", user="u1")
        assert await uow.accounts.reminders_stopped("web", "u1")
        assert await uow.accounts.reminders_stopped("telegram", "u2")
        await privacy.resume_reminders(uow, now, channel="telegram", user="u2")
        assert not await uow.accounts.reminders_stopped("web", "u1")
        assert (await uow.customers.get(keys.li)).reminders_stopped_at is None
        await privacy.stop_reminders(uow, now, channel="web", user="unknown")
        assert await uow.accounts.reminders_stopped("web", "unknown")


async def test_consent_is_remembered_so_that_it_is_asked_once(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        assert await privacy.consent_given(uow, **ME) is None
        await privacy.record_consent(uow, now, **ME, given=False)
        await privacy.record_consent(uow, now, **ME, given=True)
        assert await privacy.consent_given(uow, **ME) is True
