"""Hand-offs from the bot to people and back (DESIGN §5 Hand-off)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.business.refusals import AlreadyClaimed, InvalidValue, NotAllowed, NotOwner, UnknownHandoff
from bot.services import handoffs
from bot.services.paging import PageWish
from bot.store import tables
from bot.store.engine import Store
from bot.store.unit_of_work import UnitOfWork
from tests.services.dealership import fill, rows


async def asked(uow: UnitOfWork, now: datetime, user: str = "u1", urgency: str = "normal") -> handoffs.HandoffReceipt:
    return await handoffs.request_handoff(
        uow, now, channel="web", user=user, reason="wants_person", urgency=urgency, facts={"plate": "粤B8K321"}
    )


async def owner_of(uow: UnitOfWork, user: str = "u1") -> tuple[str, str | None]:
    conversation = await uow.conversations.find("web", user)
    assert conversation is not None
    return conversation.owner, conversation.agent


async def test_the_receipt_tells_the_place_in_the_queue_and_the_opening_hours(store: Store, now: datetime) -> None:
    night = now.replace(hour=22)
    async with store.transaction() as uow:
        await fill(uow, now)
        first, second = await asked(uow, now, "u1"), await asked(uow, now, "u2")
        urgent = await asked(uow, now, "u3", "danger")
        closed = await asked(uow, night, "u4")
    assert [(each.position, each.open_now) for each in (first, second, urgent)] == [(1, True), (2, True), (1, True)]
    assert (first.due_at, urgent.due_at) == (now + timedelta(hours=1), now + timedelta(minutes=10))
    assert not closed.open_now
    assert closed.next_opening == (now + timedelta(days=1)).replace(hour=8, minute=30)


async def test_asking_again_gives_the_same_receipt_from_the_first_request(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        first = await asked(uow, now)
        again = await asked(uow, now + timedelta(minutes=30))
        assert len(await rows(uow, tables.handoffs)) == 1
    assert (again.id, again.position, again.requested_at) == (first.id, 1, now)


async def test_there_is_exactly_one_owner_all_the_way(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id
        assert await owner_of(uow) == ("queue", None)
        await handoffs.claim(uow, now, handoff_id=key, agent="anna")
        assert await owner_of(uow) == ("agent", "anna")
        with pytest.raises(AlreadyClaimed):
            await handoffs.claim(uow, now, handoff_id=key, agent="bob")
        with pytest.raises(AlreadyClaimed):
            await handoffs.reply(uow, now, handoff_id=key, agent="bob", text="您好")
        with pytest.raises(NotOwner):
            await handoffs.release(uow, now, handoff_id=key, agent="bob")
        await handoffs.release(uow, now, handoff_id=key, agent="anna")
        assert await owner_of(uow) == ("bot", None)


async def test_a_reply_claims_and_is_stored_before_it_is_sent(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id
        message = await handoffs.reply(uow, now, handoff_id=key, agent="anna", text="您好，我是服务顾问")
        assert await owner_of(uow) == ("agent", "anna")
        handoff = await uow.handoffs.get(key)
    assert handoff is not None
    assert (handoff.status, handoff.owner) == ("claimed", "anna")
    assert (message.sender, message.agent, message.state) == ("agent", "anna", "sent")


async def test_after_an_agent_has_written_a_release_tells_that_the_bot_is_back(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        said = []
        for words in (None, "您好，我是服务顾问"):
            key = (await asked(uow, now)).id
            await handoffs.claim(uow, now, handoff_id=key, agent="anna")
            if words:
                await handoffs.reply(uow, now, handoff_id=key, agent="anna", text=words)
            handoff = await handoffs.release(uow, now, handoff_id=key, agent="anna", farewell="小驰回来了")
            said.append([each.sender for each in await uow.messages.latest(handoff.conversation_id)])
            now += timedelta(hours=1)
    assert said == [[], ["agent", "system"]]


async def test_release_keeps_the_facts_and_clears_the_request(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id
        await handoffs.claim(uow, now, handoff_id=key, agent="anna")
        await handoffs.note(uow, now, handoff_id=key, agent="anna", text="想改时间")
        await handoffs.release(uow, now, handoff_id=key, agent="anna")
        found = await handoffs.get_handoff(uow, now, handoff_id=key, actor="bob")
        with pytest.raises(NotAllowed):
            await handoffs.reply(uow, now, handoff_id=key, agent="anna", text="还在吗")
        again = await asked(uow, now + timedelta(hours=1))
    assert found.handoff.status == "released"
    assert found.facts == {"plate": "粤B8K321"}
    assert [note.text for note in found.notes] == ["想改时间"]
    assert again.id != key
    assert again.requested_at == now + timedelta(hours=1)


async def test_a_matter_is_resolved_with_a_reason(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id
        done = await handoffs.resolve(uow, now, handoff_id=key, agent="anna", reason="called back")
        assert await owner_of(uow) == ("bot", None)
    assert (done.status, done.resolution) == ("resolved", "called back")


async def test_the_customer_of_a_lost_agent_waits_again_from_the_first_request(store: Store, now: datetime) -> None:
    later = now + timedelta(hours=2)
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id
        await handoffs.claim(uow, now, handoff_id=key, agent="anna")
        back = await handoffs.return_to_queue(uow, later, handoff_id=key)
        assert await owner_of(uow) == ("queue", None)
    assert (back.status, back.requested_at) == ("waiting", now)


async def test_nobody_free_in_time_makes_a_call_back_once(store: Store, now: datetime) -> None:
    late = now + timedelta(minutes=61)
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.customers.bind(keys.li, "web", "u1", now)
        key = (await asked(uow, now)).id
        assert await handoffs.unanswered(uow, now + timedelta(minutes=59)) == []
        (owed,) = await handoffs.unanswered(uow, late)
        await handoffs.escalate_handoff(uow, late, handoff_id=key)
        assert await handoffs.unanswered(uow, late) == []
        handoff = await uow.handoffs.get(key)
    assert (owed.handoff.id, owed.phone, owed.surname) == (key, "13800138001", "李")
    assert handoff is not None
    assert (handoff.status, handoff.escalated_at) == ("waiting", late)


async def test_two_agents_claim_at_once_and_exactly_one_gets_it(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id

    async def try_to_claim(agent: str) -> str:
        try:
            async with store.transaction() as uow:
                await handoffs.claim(uow, now, handoff_id=key, agent=agent)
        except AlreadyClaimed:
            return "refused"
        return agent

    heard = await asyncio.gather(*(try_to_claim(f"agent {number}") for number in range(6)))
    async with store.reading() as uow:
        handoff = await uow.handoffs.get(key)
        owner = await owner_of(uow)
    assert handoff is not None
    assert heard.count("refused") == 5
    assert owner == ("agent", handoff.owner)
    assert handoff.owner in heard


async def test_two_requests_at_once_make_one_hand_off(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        await uow.conversations.ensure("web", "u1", now)

    async def ask() -> int:
        async with store.transaction() as uow:
            return (await asked(uow, now)).id

    assert len(set(await asyncio.gather(*(ask() for _ in range(6))))) == 1


async def test_lists_are_filtered_and_audited(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.conversations.ensure("web", "u1", now)
        conversation = await uow.conversations.find("web", "u1")
        assert conversation is not None
        await uow.conversations.bind_customer(conversation.id, keys.li)
        mine, other = (await asked(uow, now, "u1")).id, (await asked(uow, now, "u2")).id
        by_plate = await handoffs.list_handoffs(uow, now, PageWish(), actor="anna", plate="粤B8K321")
        by_phone = await handoffs.list_handoffs(uow, now, PageWish(), actor="anna", phone="13800138001")
        waiting = await handoffs.list_handoffs(uow, now, PageWish(), actor="anna", status="waiting")
        audited = await uow.audit.about("handoff", str(other))
    assert [each.id for each in by_plate.items] == [each.id for each in by_phone.items] == [mine]
    assert [each.id for each in waiting.items] == [mine, other]
    assert [entry.action for entry in audited] == ["list"]


async def test_bad_input_names_the_field(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        key = (await asked(uow, now)).id
        with pytest.raises(InvalidValue):
            await asked(uow, now, urgency="very")
        with pytest.raises(InvalidValue):
            await handoffs.reply(uow, now, handoff_id=key, agent="anna", text="  ")
        with pytest.raises(InvalidValue):
            await handoffs.claim(uow, now, handoff_id=key, agent=" ")
        with pytest.raises(UnknownHandoff):
            await handoffs.claim(uow, now, handoff_id=key + 1, agent="anna")
