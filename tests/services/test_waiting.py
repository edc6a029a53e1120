"""What who waits for people hears, and what their words do."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.business.conversations import Conversation
from bot.services.call_backs import called_back
from bot.services.handoffs import claim, owed_call_backs, reply, request_handoff
from bot.services.rescues import open_rescue, update_rescue
from bot.services.waiting import NOT_SOONER, Overheard, overhear
from bot.store.engine import Store
from tests.services.dealership import fill

ME = {"channel": "web", "user": "u1"}


async def _waiting(store: Store, now: datetime, rescue: bool = False) -> Conversation:
    async with store.transaction() as uow:
        await fill(uow, now)
        conversation = await uow.conversations.ensure("web", "u1", now)
        if rescue:
            await open_rescue(uow, now, **ME, text="抛锚了")
        await request_handoff(uow, now, **ME, reason="asked", urgency="danger" if rescue else "normal")
        await uow.messages.add(conversation.id, sender="bot", text="已为您转接", state="sent", time=now)
    return conversation


async def _hear(
    store: Store, now: datetime, conversation: Conversation, text: str, intent: str | None = None
) -> tuple[str, ...] | None:
    async with store.transaction() as uow:
        said = await overhear(uow, now, conversation, Overheard(text, intent=intent))
        if said is None:
            return None
        assert all(notice.sender == "system" for notice in said)
        return tuple(part for notice in said for part in notice.parts)


async def test_place_and_phone_are_acknowledged_once_each(store: Store, now: datetime) -> None:
    me = await _waiting(store, now, rescue=True)
    assert await _hear(store, now, me, "深南大道科技园地铁站") == ("utter_rescue_place_kept",)
    assert await _hear(store, now, me, "13866667777") == ("utter_rescue_details_kept",)
    assert await _hear(store, now, me, "13866667777") == ()
    assert await _hear(store, now, me, "人没事") == ()


async def test_what_is_asked_or_told_of_the_car_is_no_place(store: Store, now: datetime) -> None:
    me = await _waiting(store, now, rescue=True)
    await _hear(store, now, me, "拖车到哪了", "ask_rescue")
    await _hear(store, now, me, "引擎盖冒白烟", "report_symptom")
    assert await _hear(store, now, me, "塘朗隧道口", "fragment") == ("utter_rescue_place_kept",)


async def test_when_somebody_comes_is_said_but_not_again_at_once(store: Store, now: datetime) -> None:
    me = await _waiting(store, now, rescue=True)
    assert await _hear(store, now, me, "多久到啊") == ("utter_rescue_being_arranged",)
    assert await _hear(store, now, me, "救命", "report_emergency") == ()
    assert await _hear(store, now + NOT_SOONER, me, "还没来") == ("utter_rescue_being_arranged",)


async def test_the_place_in_the_queue_and_then_the_call_back_owed(store: Store, now: datetime) -> None:
    me = await _waiting(store, now)
    assert await _hear(store, now, me, "在吗", "greet") == ("utter_still_waiting_next",)
    later = now + timedelta(minutes=70)
    assert await _hear(store, later, me, "人呢？？") == ("utter_still_waiting_owed",)
    assert await _hear(store, now, me, "好的 谢谢", "thank") == ()


async def test_a_rescue_nobody_has_taken_is_called_off(store: Store, now: datetime) -> None:
    me = await _waiting(store, now, rescue=True)
    assert await _hear(store, now, me, "不用了 没事了", "deny") == ("utter_rescue_called_off",)
    async with store.reading() as uow:
        person = await uow.conversations.get(me.id)
        assert person is not None
        assert person.owner == "bot"
    async with store.transaction() as uow:
        assert await uow.rescues.open_of("web", "u1") is None
    assert await _hear(store, now, me, "不用了") is None


async def test_help_on_its_way_is_for_people_to_call_back(store: Store, now: datetime) -> None:
    me = await _waiting(store, now, rescue=True)
    async with store.transaction() as uow:
        await update_rescue(uow, now, number="R-1001", status="arranged", by="anna")
    assert await _hear(store, now, me, "不用了") == ("utter_rescue_cancel_passed_on",)
    assert await _hear(store, now, me, "多久到") == ("utter_rescue_arranged",)


async def test_nothing_is_said_or_called_off_once_an_agent_has_it(store: Store, now: datetime) -> None:
    me = await _waiting(store, now, rescue=True)
    async with store.transaction() as uow:
        handoff = await uow.handoffs.open_of(me.id)
        assert handoff is not None
        await claim(uow, now, handoff_id=handoff.id, agent="anna")
    for text in ("不用了 没事了", "多久到", "深南大道科技园"):
        assert await _hear(store, now, me, text) == ()
    async with store.transaction() as uow:
        rescue = await uow.rescues.open_of("web", "u1")
    assert rescue is not None
    assert (rescue.status, rescue.place) == ("open", "深南大道科技园")


async def test_danger_while_waiting_for_another_reason_is_sent_help(store: Store, now: datetime) -> None:
    me = await _waiting(store, now)
    said = await _hear(store, now, me, "我车在深南大道抛锚了 快来人", "report_emergency")
    assert said == ("utter_emergency_advice", "utter_rescue_opened", "utter_rescue_ask_phone")
    async with store.transaction() as uow:
        handoff = await uow.handoffs.open_of(me.id)
    assert handoff is not None
    assert handoff.urgency == "danger"


async def test_a_phone_told_while_waiting_is_where_they_are_called_back(store: Store, now: datetime) -> None:
    me = await _waiting(store, now)
    assert await _hear(store, now, me, "13866667777") == ("utter_waiting_phone_kept",)
    async with store.transaction() as uow:
        handoff = await uow.handoffs.open_of(me.id)
        assert handoff is not None
        await uow.handoffs.save(handoff.__class__(**{**handoff.__dict__, "call_owed_at": now}))
        assert [each.phone for each in await owed_call_backs(uow)] == ["13866667777"]


async def test_who_would_rather_be_called_is_on_the_list_until_somebody_has_called(
    store: Store, now: datetime
) -> None:
    me = await _waiting(store, now)
    assert await _hear(store, now, me, "别打字了，给我打个电话吧") == ("utter_call_noted_ask_phone",)
    assert await _hear(store, now, me, "13866667777") == ("utter_waiting_phone_kept",)
    assert await _hear(store, now, me, "记得给我回电") == ()
    async with store.transaction() as uow:
        (owed,) = await owed_call_backs(uow)
        assert owed.phone == "13866667777"
        await reply(uow, now, handoff_id=owed.handoff.id, agent="anna", text="好的，马上给您打")
        assert len(await owed_call_backs(uow)) == 1, "words are no call"
        await called_back(uow, now, conversation_id=me.id, agent="anna", result="goes_on", text="已说明")
        assert await owed_call_backs(uow) == []
