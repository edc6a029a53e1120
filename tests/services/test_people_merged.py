"""Two entries become one person: everything moves, nothing of others does, and either number still finds them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.plates import NO_PLATE
from bot.business.refusals import ChangedMeanwhile, InvalidValue, UnknownCustomer
from bot.services import booking, complaints, identity, person_changes, person_files, privacy
from bot.services.merges import likely_doubles, merge_customers
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork
from tests.services.dealership import LI, LI_PHONE, WANG, WANG_PHONE, Keys, everything_stored, fill, rows
from tests.services.workshops import request_for, set_up

ANNA = {"actor": "小周"}
WHY = "本人来电确认"
NEW_PHONE, NEW_PLATE = "13511112222", "粤B12345"
OWNED = (
    tables.vehicles,
    tables.channel_accounts,
    tables.conversations,
    tables.appointments,
    tables.work_orders,
    tables.complaints,
    tables.consents,
    tables.surveys,
    tables.rescues,
)


async def entered_twice(uow: UnitOfWork, now: datetime) -> tuple[Keys, int]:
    """Li as the dealer knows her, and again as the chat has entered her with another phone, with all one can have."""
    keys = await fill(uow, now)
    await uow.customers.change(keys.li, {"points": 300, "note": "老客户"}, now)
    request = request_for(now + timedelta(days=1), NEW_PLATE, "li-wx", phone=NEW_PHONE, consent=True)
    visit = await booking.book_appointment(uow, now, request)
    assert visit.customer_id is not None
    double = visit.customer_id
    await uow.customers.change(double, {"points": 20, "note": "网上来的", "name": "李梅", "vip": True}, now)
    talk = await uow.conversations.ensure("web", "li-wx", now)
    await uow.conversations.bind_customer(talk.id, double)
    await complaints.file_complaint(uow, now, channel="web", user="li-wx", text="慢", customer_id=double)
    by = {"channel": "web", "user": "li-wx"}
    await privacy.record_consent(uow, now, **by, given=True, customer_id=double)
    await uow.connection.execute(
        tables.surveys.insert().values(conversation_id=talk.id, customer_id=double, score=9, asked_at=now)
    )
    await uow.rescues.add(channel="web", user="li-wx", customer_id=double, opened_at=now)
    car = next(car for car in await uow.vehicles.of_customer(double))
    await uow.work_orders.add(now, number="WO-9", vehicle_id=car.id, customer_id=double, stage="received")
    return keys, double


async def stamps(uow: UnitOfWork, *ids: int) -> Any:
    return tuple([(await uow.persons.customer(key)).changed_at for key in ids])


async def merged(uow: UnitOfWork, now: datetime, keep: int, drop: int) -> Any:
    return await merge_customers(uow, now, keep=keep, drop=drop, seen=await stamps(uow, keep, drop), reason=WHY, **ANNA)


async def test_everything_of_the_double_becomes_the_customers(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        before = {table.name: len(await rows(uow, table)) for table in OWNED}
        done = await merged(uow, now, keys.li, double)
        for table in OWNED:
            found = await rows(uow, table)
            assert len(found) == before[table.name], table.name
            assert double not in [row.customer_id for row in found], table.name
            assert keys.li in [row.customer_id for row in found], table.name
        loser = await uow.persons.customer(double)
        listed = await uow.customers.listed({}, 0, 50)
        wangs = [row.plate for row in await rows(uow, tables.vehicles) if row.customer_id == keys.wang]
    assert (done.keeper.points, done.keeper.vip, done.keeper.name) == (320, True, "李梅")
    assert (done.keeper.note, done.keeper.phone, done.keeper.origin) == ("老客户\n网上来的", LI_PHONE, "dealer")
    assert loser.merged_into == keys.li
    assert sorted(each.id for each in listed) == [keys.li, keys.wang]
    assert wangs == [WANG]


@pytest.mark.parametrize("keeps_the_chats", [False, True])
async def test_both_numbers_and_accounts_find_the_one_person(
    store: Store, now: datetime, keeps_the_chats: bool
) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        keep, drop = (double, keys.li) if keeps_the_chats else (keys.li, double)
        await merged(uow, now, keep, drop)
        found = [
            await uow.customers.by_phone(LI_PHONE),
            await uow.customers.by_phone(NEW_PHONE),
            await uow.customers.by_plate(LI),
            await uow.customers.by_plate(NEW_PLATE),
            await uow.customers.bound("web", "li-wx"),
            await uow.customers.get(drop),
        ]
        file = await person_files.customer_file(uow, now, customer_id=drop, **ANNA)
        proved = await identity.bind_verified_phone(uow, now, channel="telegram", user="li-tg", phone=NEW_PHONE)
        bound = await uow.customers.bound("telegram", "li-tg")
    assert [each.id for each in found] == [keep] * 6
    assert {file.customer.phone, *file.other_phones} == {LI_PHONE, NEW_PHONE}
    assert (proved, bound.id) == (True, keep)


async def test_merging_three_entries_leaves_no_chain(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        third = await uow.customers.add({"surname": "李", "phone": "13633334444"}, now)
        await merged(uow, now, double, third)
        await merged(uow, now, keys.li, double)
        assert [(await uow.persons.customer(key)).merged_into for key in (double, third)] == [keys.li, keys.li]
        assert (await uow.customers.by_phone("13633334444")).id == keys.li


async def test_a_visit_that_waited_for_a_check_is_settled(store: Store, now: datetime) -> None:
    await set_up(store, bays=3)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        again = request_for(now + timedelta(days=2), LI, "li-wx", phone=NEW_PHONE, consent=True, needs_check=True)
        number = (await booking.book_appointment(uow, now, again)).number
        stranger = request_for(now + timedelta(days=3), LI, "stranger", phone="13877778888", needs_check=True)
        others = (await booking.book_appointment(uow, now, stranger)).number
        assert (await uow.appointments.get(number)).customer_id is None  # a stranger with a known plate
        await person_changes.adopt_appointment(uow, now, customer_id=keys.li, number=number, **ANNA)
        adopted = await uow.appointments.get(number)
        await uow.connection.execute(
            tables.appointments.update().where(tables.appointments.c.customer_id == double).values(needs_check=True)
        )
        done = await merged(uow, now, keys.li, double)
        left = await uow.appointments.get(others)
    assert (adopted.customer_id, adopted.vehicle_id, adopted.needs_check) == (keys.li, keys.li_car, False)
    assert len(done.checked) == 1
    assert (left.customer_id, left.needs_check) == (None, True)


async def test_a_merge_is_all_or_nothing(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        before = await everything_stored(uow)
        right = await stamps(uow, keys.li, double)
    earlier = now - timedelta(days=1)
    for seen in ((earlier, right[1]), (right[0], earlier), (None, None)):
        with pytest.raises(ChangedMeanwhile):
            async with store.transaction() as uow:
                await merge_customers(uow, now, keep=keys.li, drop=double, seen=seen, reason=WHY, **ANNA)
    async with store.reading() as uow:
        assert await everything_stored(uow) == before


async def test_one_and_the_same_or_unknown_or_merged_entries_are_refused(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        with pytest.raises(InvalidValue):
            await merge_customers(uow, now, keep=keys.li, drop=keys.li, seen=(now, now), reason=WHY, **ANNA)
        with pytest.raises(UnknownCustomer):
            await merge_customers(uow, now, keep=keys.li, drop=987654, seen=(now, now), reason=WHY, **ANNA)
        await merged(uow, now, keys.li, double)
        for keep, drop in ((keys.li, double), (double, keys.li), (double, keys.wang)):
            with pytest.raises(UnknownCustomer):
                await merge_customers(uow, now, keep=keep, drop=drop, seen=(now, now), reason=WHY, **ANNA)


async def test_of_two_merges_at_once_one_wins(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        seen = await stamps(uow, keys.li, double)

    async def attempt(keep: int, drop: int, known: Any) -> str:
        try:
            async with store.transaction() as uow:
                later = now + timedelta(minutes=1)
                await merge_customers(uow, later, keep=keep, drop=drop, seen=known, reason=WHY, **ANNA)
            return "merged"
        except (UnknownCustomer, ChangedMeanwhile):
            return "refused"

    both = (attempt(keys.li, double, seen), attempt(double, keys.li, seen[::-1]))
    assert sorted(await asyncio.gather(*both)) == ["merged", "refused"]


async def test_a_number_of_the_merged_entry_can_become_the_customers_own(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        await merged(uow, now, keys.li, double)
        seen = (await uow.persons.customer(keys.li)).changed_at
        by: dict[str, Any] = {"customer_id": keys.li, "seen": seen, **ANNA}
        changed = await person_changes.edit_customer(uow, now, given={"phone": NEW_PHONE}, **by)
        with pytest.raises(InvalidValue):
            await person_changes.edit_customer(uow, now, given={"phone": WANG_PHONE}, **by)
    assert changed.phone == NEW_PHONE


async def test_likely_doubles_are_found_and_each_is_audited(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        assert await likely_doubles(uow, now, **ANNA) == ()
        await uow.customers.change(keys.li, {"name": "李梅"}, now)
        (pair,) = await likely_doubles(uow, now, **ANNA)
        (same,) = await likely_doubles(uow, now, customer_id=keys.li, **ANNA)
        assert await likely_doubles(uow, now, customer_id=keys.wang, **ANNA) == ()
        audited = [each.action for each in await uow.audit.about("customer", str(double))]
        await merged(uow, now, keys.li, double)
        assert await likely_doubles(uow, now, **ANNA) == ()
    assert pair.likeness.reasons == ("name",)
    assert {pair.first.id, pair.second.id} == {same.first.id, same.second.id} == {keys.li, double}
    assert audited.count("compare") == 2


async def test_a_visit_with_the_phone_of_another_customer_points_to_both(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        newcomer = await uow.customers.add({"surname": "李", "origin": "chat"}, now)
        await uow.connection.execute(tables.appointments.delete())
        request = request_for(now + timedelta(days=1), NO_PLATE, "u9", phone=LI_PHONE, matched_customer_id=newcomer)
        await booking.book_appointment(uow, now, request)
        (pair,) = await likely_doubles(uow, now, **ANNA)
    assert (pair.first.id, pair.second.id) == (keys.li, newcomer)
    assert pair.likeness.reasons == ("phone", "surname")


async def test_deleting_a_merged_person_takes_both_entries_and_nobody_else(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        await merged(uow, now, keys.li, double)
        await uow.tries.add(now, channel="web", user="guesser", plate=LI, matched=False)
        gone = await privacy.delete_customer(uow, now, customer_id=keys.li, **ANNA)
        left = await everything_stored(uow)
        customers = await rows(uow, tables.customers)
        addresses = [row.user for row in await rows(uow, tables.conversations)]
        surveys = await rows(uow, tables.surveys)
        orders = {row.number: row.customer_id for row in await rows(uow, tables.work_orders)}
    hidden = (LI_PHONE, NEW_PHONE, LI, NEW_PLATE, "粤B5T678", "李", "li-wx", "老客户", "网上来的", "慢")
    assert not [each for each in hidden if each in left]
    assert [row.id for row in customers] == [keys.wang]
    assert (addresses, surveys, gone.was_customer, len(gone.cancelled)) == ([], [], True, 1)
    assert orders == {"WO-1": None, "WO-2": keys.wang, "WO-9": None}
    assert WANG_PHONE in left


async def test_deleting_takes_promises_and_notices_of_the_person_alone(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        keys, double = await entered_twice(uow, now)
        mine = await uow.conversations.ensure("web", "li-wx", now)
        wangs = await uow.conversations.ensure("web", "wang", now)
        for talk in (mine, wangs):
            notice = {"target": "webhook", "kind": "handoff", "conversation_id": talk.id, "time": now}
            await uow.connection.execute(tables.desk_notices.insert().values(**notice))
            running = {"kind": "answer", "subject_kind": "handoff", "subject_id": talk.id, "started_at": now}
            await uow.connection.execute(
                tables.deadlines.insert().values(conversation_id=talk.id, due_at=now, **running)
            )
        await privacy.delete_customer(uow, now, customer_id=double, **ANNA)
        kept = [[row.conversation_id for row in await rows(uow, table)] for table in (tables.desk_notices,)]
        running_on = [row.conversation_id for row in await rows(uow, tables.deadlines) if row.conversation_id]
    assert kept == [[wangs.id]]
    assert set(running_on) == {wangs.id}
    assert keys.li


async def test_a_message_that_is_being_answered_keeps_its_address_until_then(store: Store, now: datetime) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        _, double = await entered_twice(uow, now)
        talk = await uow.conversations.ensure("web", "li-wx", now)
        await uow.messages.receive(talk.id, text="在吗", platform_id="p1", time=now)
        await privacy.delete_customer(uow, now, customer_id=double, **ANNA)
        (message,) = await rows(uow, tables.messages)
    assert (message.state, message.text) == ("received", None)
