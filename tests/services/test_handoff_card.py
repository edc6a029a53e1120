"""The hand-off card from what is stored: whose car it is, what was promised, what is said first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.business.spoken import day_text, time_text
from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.services.complaints import file_complaint
from bot.services.handoff_card import Card, card_of
from bot.services.rescues import open_rescue, update_rescue
from bot.store import tables
from bot.store.engine import Store
from tests.business.test_handoff_card import SITUATIONS
from tests.services.dealership import LI, WANG, Keys, fill

PHRASE = Phrases(Path(__file__).parents[2] / "domain.yml")
ME: dict[str, Any] = {"channel": "web", "user": "u1"}


async def opened(store: Store, now: datetime, bound: bool = True, facts: dict[str, Any] | None = None) -> Keys:
    """Li, who has written on the web as u1, is known there (or not) and asks for a person."""
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        await uow.connection.execute(sa.delete(tables.proposals))
        if bound:
            await uow.customers.bind(keys.li, "web", "u1", now)
        await handoffs.request_handoff(uow, now, reason="wants_person", facts=facts, **ME)
        lines = {"vehicle_id": keys.li_car, "service_type": "maintenance", "summary": "小保养"}
        for month in (1, 5, 9, 11):
            done = {**lines, "done_on": date(2025, month, 3), "mileage_km": month * 1000, "cost_fen": 480_00}
            await uow.connection.execute(sa.insert(tables.service_history).values(**done))
    return keys


async def card(store: Store, at: datetime, agent: str = "小周") -> Card:
    async with store.reading() as uow:
        conversation = await uow.conversations.find("web", "u1")
        assert conversation is not None
        found = await card_of(uow, at, PHRASE, conversation_id=conversation.id, agent=agent)
    assert found is not None
    return found


async def write(store: Store, at: datetime, *texts: str) -> None:
    async with store.transaction() as uow:
        conversation = await uow.conversations.ensure("web", "u1", at)
        for text in texts:
            await uow.messages.add(conversation.id, sender="customer", text=text, state="done", time=at)


async def test_a_proven_customer_is_shown_with_car_visits_repair_and_what_is_due(store: Store, now: datetime) -> None:
    await opened(store, now)
    found = await card(store, now)
    assert found.proven
    assert (found.customer and found.customer.surname, found.vehicle and found.vehicle.plate) == ("李", LI)
    assert [line.done_on.month for line in found.visits] == [11, 9, 5], "the last three"
    assert (found.repair and found.repair.number, found.repair and found.repair.stage) == ("WO-1", "in_repair")
    assert found.due
    assert [(each.kind, each.late) for each in found.owed] == [("answer", False), ("repair", False)]
    assert (found.suggestion, found.suggested[:14]) == ("utter_suggest_hello", "李女士您好，我是小周，您刚才")


async def test_without_proof_the_record_of_the_plate_is_not_the_customers(store: Store, now: datetime) -> None:
    await opened(store, now, bound=False, facts={"plate": WANG, "surname": "张", "title": "先生"})
    found = await card(store, now + timedelta(hours=4))
    assert (found.proven, found.customer) == (False, None)
    assert found.vehicle is not None
    assert found.vehicle.plate == WANG
    assert not found.due
    assert not [each for each in found.owed if each.kind == "repair"]
    assert found.suggested.startswith("张先生您好")
    assert "迈腾" not in found.suggested


async def test_a_proven_customer_who_names_anothers_plate_is_not_shown_as_its_owner(
    store: Store, now: datetime
) -> None:
    await opened(store, now, facts={"plate": WANG})
    found = await card(store, now)
    assert (found.proven, found.vehicle and found.vehicle.plate) == (False, WANG)
    assert found.customer is not None
    assert not found.due


async def test_nobody_known_and_nothing_told_still_gives_a_card(store: Store, now: datetime) -> None:
    await opened(store, now, bound=False)
    found = await card(store, now)
    assert (found.vehicle, found.told.is_empty, found.visits) == (None, True, ())
    assert found.suggested.startswith("您好，我是小周")


async def test_a_repair_past_its_promise_asks_for_an_apology_first(store: Store, now: datetime) -> None:
    await opened(store, now)
    late = now + timedelta(hours=3)
    await write(store, late, "怎么还没修好，气死我了")
    found = await card(store, late)
    assert found.mood.state == "angry"
    assert found.mood.said
    assert ("repair", True) in [(each.kind, each.late) for each in found.owed]
    assert found.suggestion == "utter_suggest_overdue_angry"
    assert "速腾" in found.suggested
    assert "非常抱歉" in found.suggested


async def test_a_complaint_is_shown_with_its_deadline(store: Store, now: datetime) -> None:
    keys = await opened(store, now)
    async with store.transaction() as uow:
        filed = await file_complaint(uow, now, text="洗车没洗干净", customer_id=keys.li, **ME)
    found = await card(store, now)
    assert found.complaint is not None
    assert found.complaint.number == filed.number
    assert ("complaint", filed.deadline, filed.number) in [(each.kind, each.at, each.number) for each in found.owed]
    assert found.suggestion.startswith("utter_suggest_complaint")
    assert filed.number in found.suggested


async def test_danger_comes_before_everything_else(store: Store, now: datetime) -> None:
    await opened(store, now)
    async with store.transaction() as uow:
        await file_complaint(uow, now, text="太差了", **ME)
        rescue = await open_rescue(uow, now, text="车在高速上起火了", place=None, phone=None, **ME)
        await handoffs.request_handoff(uow, now, reason=f"rescue {rescue.number}", urgency="danger", **ME)
    found = await card(store, now)
    assert (found.urgency, found.suggestion) == ("danger", "utter_suggest_danger")
    assert found.rescue is not None
    assert [each.kind for each in found.owed][:2] == ["answer", "rescue"]


@pytest.mark.parametrize(
    ("steps", "suggested"),
    [
        (["arranged", "closed"], "utter_suggest_rescued"),
        (["closed"], "utter_suggest_hello"),  # called off
    ],
)
async def test_when_help_has_come_the_danger_is_over(
    steps: list[str], suggested: str, store: Store, now: datetime
) -> None:
    await opened(store, now)
    async with store.transaction() as uow:
        rescue = await open_rescue(uow, now, text="车在路上抛锚了", place="中山路", phone="13800138001", **ME)
        reason = f"rescue {rescue.number}"
        await handoffs.request_handoff(uow, now, reason=reason, urgency="danger", facts={"safety": True}, **ME)
    later = now + timedelta(minutes=5)
    for status in steps:
        async with store.transaction() as uow:
            await update_rescue(uow, later, number=rescue.number, status=status, by="小周")
    assert (await card(store, later)).suggestion == suggested


async def test_an_agents_words_put_off_the_next_news_of_a_rescue(store: Store, now: datetime) -> None:
    await opened(store, now)
    async with store.transaction() as uow:
        rescue = await open_rescue(uow, now, text="车在路上抛锚了", place="中山路", phone="13800138001", **ME)
        await handoffs.request_handoff(uow, now, reason=f"rescue {rescue.number}", urgency="danger", **ME)
        await update_rescue(uow, now, number=rescue.number, status="arranged", by="小周")
    later = now + timedelta(minutes=20)
    async with store.transaction() as uow:
        conversation = await uow.conversations.find("web", "u1")
        assert conversation is not None
        handoff = await uow.handoffs.open_of(conversation.id)
        assert handoff is not None
        await handoffs.reply(uow, later, handoff_id=handoff.id, agent="小周", text="师傅还有两公里。")
    news = [(each.kind, each.at) for each in (await card(store, later)).owed if each.number == rescue.number]
    assert news == [("rescue_news", later + timedelta(minutes=30))]


@pytest.mark.parametrize(
    ("hours", "said"), [((12, 18), "下午"), ((8, 12), "上午"), ((9, 12), "09:00到12:00"), ((10, 11), "10:00")]
)
async def test_a_wish_for_a_part_of_the_day_is_called_by_its_name(
    hours: tuple[int, int], said: str, store: Store, now: datetime
) -> None:
    await opened(store, now)
    day = now + timedelta(days=1)
    async with store.transaction() as uow:
        wish = [day.replace(hour=hour, minute=0).isoformat() for hour in hours]
        facts = {"task": "booking_form", "service_kind": "maintenance", "wish": wish}
        await handoffs.request_handoff(uow, now, reason="wants_person", urgency="normal", facts=facts, **ME)
    assert f"{day_text(day.date())}{said}" in (await card(store, now)).suggested


async def test_when_nobody_answered_in_time_a_call_back_is_owed(store: Store, now: datetime) -> None:
    await opened(store, now, bound=False)
    late = now + timedelta(hours=2)
    async with store.transaction() as uow:
        conversation = await uow.conversations.find("web", "u1")
        assert conversation is not None
        handoff = await uow.handoffs.open_of(conversation.id)
        assert handoff is not None
        await handoffs.escalate_handoff(uow, late, handoff_id=handoff.id)
    found = await card(store, late)
    assert [(each.kind, each.late) for each in found.owed] == [("call_back", True)]
    assert found.suggestion == "utter_suggest_waited"


async def test_an_answer_that_was_given_is_owed_no_more(store: Store, now: datetime) -> None:
    await opened(store, now, bound=False)
    async with store.transaction() as uow:
        await handoffs.reply(uow, now, handoff_id=1, agent="小周", text="您好")
    assert not (await card(store, now)).owed


@pytest.mark.parametrize("vip", [False, True])
async def test_a_vip_is_named_as_one_only_when_proven(vip: bool, store: Store, now: datetime) -> None:
    keys = await opened(store, now)
    async with store.transaction() as uow:
        await uow.customers.change(keys.li, {"vip": vip}, now)
    assert (await card(store, now)).vip is vip


async def test_what_the_booking_was_about_is_on_the_card(store: Store, now: datetime) -> None:
    start = (now + timedelta(days=1)).isoformat()
    facts = {
        "task": "booking_form",
        "service_kind": "repair",
        "noise": ["吱吱响"],
        "wish": [start, start],
        "phone": "13800000001",
    }
    await opened(store, now, bound=False, facts=facts)
    found = await card(store, now)
    assert (found.told.service_kind, found.told.symptoms.noise, found.told.phone) == (
        "repair",
        ("吱吱响",),
        "13800000001",
    )
    assert found.suggestion == "utter_suggest_booking_at"
    assert "3月11日（周三）09:00" in found.suggested


async def test_an_unknown_conversation_has_no_card(store: Store, now: datetime) -> None:
    async with store.reading() as uow:
        assert await card_of(uow, now, PHRASE, conversation_id=77) is None


def test_every_suggestion_of_the_rules_has_its_words() -> None:
    names = ("salutation", "agent", "model", "number", "deadline", "promised", "stage", "when", "what", "price")
    values = dict.fromkeys((*names, "visit", "booking"), "x")
    for _, name in SITUATIONS:
        assert PHRASE(f"utter_suggest_{name}", **values)


async def test_only_who_is_or_may_become_responsible_is_to_say_i_stay_responsible(store: Store, now: datetime) -> None:
    await opened(store, now)
    async with store.transaction() as uow:
        for login, name, role in (("zhou", "小周", "adviser"), ("wang", "王主管", "supervisor")):
            await uow.agents.add(now, login=login, name=name, role=role, password_hash="-")
        complaint = await file_complaint(uow, now, text="空调异响修了两次还是响", **ME)
    assert (complaint.level, complaint.owner) == (2, "售后主管")
    assert (await card(store, now, "王主管")).suggestion == "utter_suggest_complaint"
    for_adviser = (await card(store, now, "小周")).suggested
    assert all(words in for_adviser for words in (complaint.number, "售后主管", time_text(complaint.deadline)))
    assert "由我" not in for_adviser
    async with store.transaction() as uow:
        await uow.complaints.change(complaint.id, owner="小周")
    assert (await card(store, now, "小周")).suggestion == "utter_suggest_complaint"
    assert "由小周负责" in (await card(store, now, "王主管")).suggested


async def test_a_phone_number_written_in_the_chat_or_left_with_a_complaint_is_on_the_card(
    store: Store, now: datetime
) -> None:
    await opened(store, now, bound=False)
    await write(store, now, "打我手机13800138009", "快点")
    written = (await card(store, now)).told.phone
    async with store.transaction() as uow:
        await file_complaint(uow, now, text="等太久", phone="13800138007", **ME)
    assert (written, (await card(store, now)).told.phone) == ("13800138009", "13800138007")


async def test_anger_that_was_settled_no_longer_counts_in_the_next_request(store: Store, now: datetime) -> None:
    await opened(store, now)
    await write(store, now, "气死我了，你们什么服务")
    assert (await card(store, now)).mood.state == "angry"
    async with store.transaction() as uow:
        conversation = await uow.conversations.find("web", "u1")
        first = await uow.handoffs.open_of(conversation.id)
        await handoffs.claim(uow, now, handoff_id=first.id, agent="小周")
        await handoffs.resolve(uow, now, handoff_id=first.id, agent="小周", reason="已解答")
        await handoffs.request_handoff(uow, now + timedelta(hours=2), reason="wants_person", **ME)
    await write(store, now + timedelta(hours=2), "请问发票怎么开")
    assert (await card(store, now + timedelta(hours=2))).mood.state == "calm"


async def test_who_is_known_by_full_name_is_called_by_it(store: Store, now: datetime) -> None:
    keys = await opened(store, now)
    async with store.transaction() as uow:
        await uow.customers.change(keys.li, {"name": "李晓梅"}, now)
    assert (await card(store, now)).suggested.startswith("李晓梅女士您好，我是小周")


async def test_who_has_given_no_title_is_not_called_by_the_surname_alone(store: Store, now: datetime) -> None:
    await opened(store, now, bound=False, facts={"surname": "刘"})
    assert (await card(store, now)).suggested.startswith("您好，我是小周")


async def test_once_it_was_said_the_sentence_makes_way_for_the_next(store: Store, now: datetime) -> None:
    await opened(store, now, bound=False)
    first = await card(store, now)
    async with store.transaction() as uow:
        await handoffs.reply(uow, now, handoff_id=1, agent="小周", text=first.suggested)
    assert (await card(store, now)).suggestion == "utter_suggest_next_more"
    await write(store, now, "那发票呢")
    assert (await card(store, now)).suggestion == "utter_suggest_next_checking"
    assert (await card(store, now, "小林")).suggestion == "utter_suggest_taken_over"


async def test_what_is_settled_suggests_nothing_of_it_any_more(store: Store, now: datetime) -> None:
    start = (now + timedelta(days=1)).isoformat()
    await opened(store, now, bound=False, facts={"task": "booking_form", "wish": [start, start]})
    async with store.transaction() as uow:
        await handoffs.reply(uow, now, handoff_id=1, agent="小周", text="您好")
        await handoffs.release(uow, now, handoff_id=1, agent="小周")
    assert (await card(store, now)).suggestion == "utter_suggest_hello"
