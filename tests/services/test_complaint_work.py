"""What agents do with a complaint from taking it to closing it, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.business.complaints import ComplaintSignals
from bot.business.refusals import Forbidden, InvalidValue, NotAllowed, NotOwner, SolutionKept, UnknownComplaint
from bot.business.staff import Agent
from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.services.complaint_closing import close_complaint, record_yes, reopen_complaint
from bot.services.complaint_files import complaint_board, complaint_dossier
from bot.services.complaint_words import told
from bot.services.complaint_work import annotate, assign, classify, offer_solution, promise_news, raise_level
from bot.services.complaints import add_to_complaint, file_complaint
from bot.services.deadlines import kept_and_broken, running
from bot.services.desk_notices import switch_targets
from bot.store.engine import Store
from bot.store.tables import desk_notices
from tests.services.dealership import LI, Keys, fill, rows

PHRASE = Phrases(Path(__file__).parents[2] / "domain.yml")
LIN = Agent(1, "lin", "林顾问", "adviser")
HE = Agent(2, "he", "何顾问", "adviser")
ZHOU = Agent(3, "zhou", "周主管", "supervisor")
ME = {"channel": "web", "user": "u1"}


async def staff(uow: Any, now: datetime) -> None:
    for each in (LIN, HE, ZHOU):
        await uow.agents.add(now, login=each.login, name=each.name, role=each.role, password_hash="-")
    await uow.agents.add(now, login="root", name="管理员", role="administrator", password_hash="-")


async def filed(uow: Any, now: datetime, text: str = "等太久", **more: Any) -> str:
    return str((await file_complaint(uow, now, **{**ME, **more}, text=text)).number)


async def opened(uow: Any, now: datetime) -> tuple[str, Keys]:
    """A complaint of Li about her car, who writes on the web chat."""
    keys = await fill(uow, now)
    await staff(uow, now)
    await uow.conversations.ensure("web", "u1", now)
    return await filed(uow, now, "空调异响没有修好", plate=LI, customer_id=keys.li), keys


async def said(uow: Any) -> list[tuple[str, str | None, str]]:
    conversation = await uow.conversations.find("web", "u1")
    return [(each.sender, each.agent, each.text) for each in await uow.messages.after(conversation.id)]


async def owed(uow: Any, number: str) -> set[str]:
    """The kinds of promises that run for the complaint."""
    key = (await uow.complaints.find(number)).id
    return {each.kind for each in (await running(uow, "complaint", [key])).get(key, [])}


async def writes(uow: Any, text: str, now: datetime) -> int:
    """The customer writes; the message's id."""
    conversation = await uow.conversations.ensure("web", "u1", now)
    return int((await uow.messages.add(conversation.id, sender="customer", text=text, state="done", time=now)).id)


async def test_the_first_who_acts_by_name_stays_responsible(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        taken = await assign(uow, now, number=number, agent=LIN, owner=LIN.name)
        with pytest.raises(NotOwner):
            await assign(uow, now, number=number, agent=HE, owner=HE.name)
        with pytest.raises(NotOwner):
            await offer_solution(uow, now, number=number, agent=HE, solution="送券", due_at=now + timedelta(hours=1))
        helped = await offer_solution(
            uow, now, number=number, agent=ZHOU, solution="免检查费", due_at=now + timedelta(hours=1)
        )
        worse = await add_to_complaint(uow, now, number=number, text="我要找律师", by="customer")
    assert (taken.owner, helped.owner) == (LIN.name, LIN.name)
    assert (worse.level, worse.owner) == (3, LIN.name)


async def test_a_supervisor_passes_it_on_with_a_reason_and_only_to_who_may_have_it(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await assign(uow, now, number=number, agent=LIN, owner=LIN.name)
        with pytest.raises(InvalidValue):
            await assign(uow, now, number=number, agent=ZHOU, owner=HE.name)
        passed = await assign(uow, now, number=number, agent=ZHOU, owner=HE.name, reason="林顾问休假")
        for nobody in ("管理员", "没有这个人"):
            with pytest.raises(InvalidValue):
                await assign(uow, now, number=number, agent=ZHOU, owner=nobody, reason="换人")
        log = (await complaint_dossier(uow, now, number=number, actor="周主管")).log
        audited = await uow.audit.about("complaint", number)
    assert passed.owner == HE.name
    assert (log[-1].what, log[-1].note, log[-1].by) == ("owner", "何顾问 林顾问休假", "周主管")
    assert [(entry.actor, entry.action) for entry in audited] == [
        ("林顾问", "owner"),
        ("周主管", "owner"),
        ("周主管", "read"),
    ]


async def test_a_solution_is_sent_in_the_agents_own_words_once_and_takes_the_conversation(
    store: Store, now: datetime
) -> None:
    due = now + timedelta(hours=5)
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        for _ in range(2):
            answered = await offer_solution(
                uow,
                now,
                number=number,
                agent=LIN,
                solution="免费更换压缩机支架",
                due_at=due,
                phrase=PHRASE,
                once="tap-1",
            )
        messages = await said(uow)
        conversation = await uow.conversations.find("web", "u1")
        log = await uow.complaints.entries(answered.id)
        assert await owed(uow, number) == set()
    assert (answered.status, answered.owner, answered.solution_due_at) == ("answered", LIN.name, due)
    assert answered.due_at == due
    assert [(sender, agent) for sender, agent, _ in messages] == [("agent", LIN.name)]
    assert "李女士" in messages[0][2]
    assert f"{number}，我们为您准备的处理方案是：\n免费更换压缩机支架\n由林顾问负责" in messages[0][2]
    assert (conversation.owner, conversation.agent) == ("agent", LIN.name)
    assert [entry.what for entry in log] == ["filed", "owner", "answered", "told"]


async def test_a_solution_is_a_draft_while_a_colleague_has_the_conversation(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        receipt = await handoffs.request_handoff(uow, now, **ME, reason="asked")
        await handoffs.claim(uow, now, handoff_id=receipt.id, agent=HE.name)
    with pytest.raises(SolutionKept) as kept:
        async with store.transaction() as uow:
            await offer_solution(
                uow, now, number=number, agent=LIN, solution="送券", due_at=now + timedelta(hours=1), phrase=PHRASE
            )
    async with store.reading() as uow:
        assert (await uow.complaints.find(number)).status == "open"
        assert await said(uow) == []
        assert await owed(uow, number) == {"answer", "complaint_1"}
        assert (await complaint_dossier(uow, now, number=number, actor="林顾问", again=True)).draft == "送券"
    assert kept.value.owner == HE.name


async def test_only_what_the_customer_has_heard_keeps_the_promises(store: Store, now: datetime) -> None:
    at = now + timedelta(hours=3)
    offer: dict[str, Any] = {"agent": LIN, "solution": "免检查费", "due_at": now + timedelta(hours=5)}
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await promise_news(uow, now, number=number, agent=LIN, at=at)
        for _ in range(2):
            unsent = await offer_solution(uow, now, number=number, **offer)
        still_owed = await owed(uow, number)
        draft = (await complaint_dossier(uow, now, number=number, actor="林顾问")).draft
        answered = await offer_solution(uow, now, number=number, **offer, how="10:20 电话告知")
        log = await uow.complaints.entries(answered.id)
        later_draft = (await complaint_dossier(uow, now, number=number, actor="林顾问")).draft
        assert await owed(uow, number) == set()
    assert (unsent.status, unsent.next_update_at, unsent.solution) == ("open", at, None)
    assert still_owed == {"complaint_1", "next_update"}
    assert (draft, later_draft) == ("免检查费", "")
    assert (answered.status, answered.next_update_at) == ("answered", None)
    assert [entry.what for entry in log] == ["filed", "next_update", "draft", "answered", "told"]
    assert log[-1].note == "10:20 电话告知"


async def test_who_answers_in_the_chat_first_is_responsible_for_the_complaint(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        for agent in ("程序", HE.name, LIN.name):
            handoff = await uow.handoffs.open_of((await uow.conversations.find("web", "u1")).id)
            key = handoff.id if handoff else (await handoffs.request_handoff(uow, now, **ME, reason="asked")).id
            await handoffs.take(uow, now, handoff_id=key, agent=agent)
            await handoffs.reply(uow, now, handoff_id=key, agent=agent, text="您好，我来处理")
        complaint = await uow.complaints.find(number)
        log = await uow.complaints.entries(complaint.id)
    assert complaint.owner == HE.name
    assert [(entry.what, entry.note, entry.by) for entry in log[1:]] == [("owner", HE.name, HE.name)]


async def test_a_complaint_closed_unheard_has_kept_no_promise(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await close_complaint(uow, now, number=number, agent=ZHOU, reason="重复登记")
        counted = await kept_and_broken(uow, now - timedelta(days=1), now + timedelta(days=1))
    assert [each for each in counted if each[1]] == []


async def test_who_telephoned_cannot_be_written_to(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        number = await filed(uow, now, user="api-1")
        with pytest.raises(InvalidValue) as refused:
            await offer_solution(
                uow, now, number=number, agent=LIN, solution="送券", due_at=now + timedelta(hours=1), phrase=PHRASE
            )
        by_phone: dict[str, Any] = {"solution": "送券", "due_at": now + timedelta(hours=1), "how": "电话告知"}
        offered = await offer_solution(uow, now, number=number, agent=LIN, **by_phone)
    assert (refused.value.field, refused.value.reason) == ("chat", "none")
    assert offered.status == "answered"


async def test_next_news_are_set_shown_and_told(store: Store, now: datetime) -> None:
    at = now + timedelta(hours=3)
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        promised = await promise_news(uow, now, number=number, agent=LIN, at=at)
        notice = await told(uow, now, promised, LIN, "utter_complaint_next_update", time="3月10日（周二）12:00")
        with pytest.raises(InvalidValue):
            await promise_news(uow, now, number=number, agent=LIN, at=now)
        log = await uow.complaints.entries(promised.id)
    assert (promised.next_update_at, promised.due_at, promised.owner) == (at, at, LIN.name)
    assert "12:00" in PHRASE(notice.parts[0], **notice.values)
    assert [(entry.what, entry.note) for entry in log[1:]] == [("next_update", "3月10日（周二）12:00"), ("told", "")]


async def test_the_yes_is_a_message_of_the_customer_after_the_offer(store: Store, now: datetime) -> None:
    later = now + timedelta(minutes=5)
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        before = await writes(uow, "好的", now - timedelta(minutes=1))
        by_phone: dict[str, Any] = {"solution": "送券", "due_at": now + timedelta(hours=1), "how": "电话告知"}
        await offer_solution(uow, now, number=number, agent=LIN, **by_phone)
        yes = await writes(uow, "同意，就这样", later)
        dossier = await complaint_dossier(uow, later, number=number, actor="林顾问")
        for wrong in (before, 999, None):
            with pytest.raises(InvalidValue):
                await record_yes(uow, later, number=number, agent=LIN, way="chat", message_id=wrong)
        await record_yes(uow, later, number=number, agent=LIN, way="chat", message_id=yes)
        closed = await close_complaint(uow, later, number=number, agent=LIN)
        log = await uow.complaints.entries(closed.id)
    assert [each.text for each in dossier.answers] == ["同意，就这样"]
    assert (closed.status, closed.agreed_how, closed.agreed_at, closed.closed_by) == ("closed", "chat", later, "林顾问")
    assert [(entry.what, entry.note) for entry in log][-2:] == [("agreed", "同意，就这样"), ("closed", "")]


async def test_a_refusal_is_no_yes_and_only_a_yes_is_ticked_beforehand(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        by_phone: dict[str, Any] = {"solution": "送券", "due_at": now + timedelta(hours=1), "how": "电话告知"}
        await offer_solution(uow, now, number=number, agent=LIN, **by_phone)
        refused = await writes(uow, "不行，太少了", now)
        dossier = await complaint_dossier(uow, now, number=number, actor="林顾问")
        assert (dossier.proofs, dossier.consent) == ((), None)
        assert dossier.refusal is not None
        with pytest.raises(InvalidValue):
            await record_yes(uow, now, number=number, agent=LIN, way="chat", message_id=refused)
        await writes(uow, "同意", now)
        await writes(uow, "我的投诉怎么样了", now)
        dossier = await complaint_dossier(uow, now, number=number, actor="林顾问")
    assert dossier.consent is not None
    assert (dossier.consent.text, dossier.refusal) == ("同意", None)
    assert [each.text for each in dossier.proofs] == ["同意", "我的投诉怎么样了"]


async def test_a_yes_by_telephone_says_how_it_came(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        by_phone: dict[str, Any] = {"solution": "送券", "due_at": now + timedelta(hours=1), "how": "电话告知"}
        await offer_solution(uow, now, number=number, agent=LIN, **by_phone)
        with pytest.raises(InvalidValue):
            await record_yes(uow, now, number=number, agent=LIN, way="phone", note=" ")
        agreed = await record_yes(uow, now, number=number, agent=LIN, way="phone", note="10:20 电话，客户满意")
        closed = await close_complaint(uow, now, number=number, agent=LIN)
    assert (agreed.agreed_how, closed.status) == ("phone", "closed")


async def test_nobody_agrees_to_what_they_were_not_told(store: Store, now: datetime) -> None:
    due = now + timedelta(hours=1)
    yes: dict[str, Any] = {"agent": LIN, "way": "phone", "note": "10:20 电话，客户同意"}
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await offer_solution(uow, now, number=number, agent=LIN, solution="送券", due_at=due)  # a draft
        for missing in ({}, {"solution": " ", "due_at": due}, {"solution": "送券"}):
            with pytest.raises(InvalidValue) as refused:
                await record_yes(uow, now, number=number, **yes, **missing)
            assert (refused.value.field, refused.value.reason) == ("solution", "not_told")
        with pytest.raises(Forbidden):
            await close_complaint(uow, now, number=number, agent=LIN)
        await uow.complaints.change((await uow.complaints.find(number)).id, agreed_at=now, agreed_how="phone")
        with pytest.raises(InvalidValue):
            await close_complaint(uow, now, number=number, agent=ZHOU)
        closed = await close_complaint(uow, now, number=number, agent=ZHOU, reason="重复登记")
        counted = await kept_and_broken(uow, now - timedelta(days=1), now + timedelta(days=1))
    assert not closed.is_agreed
    assert [each for each in counted if each[1]] == []


async def test_what_was_agreed_on_the_telephone_is_told_and_agreed_in_one_step(store: Store, now: datetime) -> None:
    due = now + timedelta(hours=1)
    agreed: dict[str, Any] = {"solution": "免检查费", "due_at": due}
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        yes = await record_yes(uow, now, number=number, agent=LIN, way="phone", note="10:20 电话，客户同意", **agreed)
        assert await owed(uow, number) == set()
        closed = await close_complaint(uow, now, number=number, agent=LIN)
        log = await uow.complaints.entries(closed.id)
    assert (yes.status, yes.solution, yes.solution_due_at, yes.answered_at) == ("answered", "免检查费", due, now)
    assert closed.is_agreed
    assert [(entry.what, entry.note) for entry in log][-3:] == [
        ("told", "10:20 电话，客户同意"),
        ("agreed", "10:20 电话，客户同意"),
        ("closed", ""),
    ]


async def test_what_was_told_before_it_was_opened_again_is_not_agreed_to(store: Store, now: datetime) -> None:
    by_phone: dict[str, Any] = {"solution": "送券", "due_at": now + timedelta(hours=1), "how": "电话告知"}
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await offer_solution(uow, now, number=number, agent=LIN, **by_phone)
        await reopen_complaint(uow, now, number=number, agent=LIN, reason="客户没有同意方案")
        with pytest.raises(InvalidValue):
            await record_yes(uow, now, number=number, agent=LIN, way="phone", note="电话")


async def test_without_a_yes_only_a_supervisor_closes_and_only_with_a_reason(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        with pytest.raises(Forbidden):
            await close_complaint(uow, now, number=number, agent=LIN, reason="联系不上")
        with pytest.raises(InvalidValue):
            await close_complaint(uow, now, number=number, agent=ZHOU)
        closed = await close_complaint(uow, now, number=number, agent=ZHOU, reason="三次致电无人接听")
    assert (closed.status, closed.closed_reason, closed.closed_by) == ("closed", "三次致电无人接听", "周主管")
    assert closed.agreed_at is None


async def test_a_closed_one_is_left_alone_until_it_is_opened_again_with_a_new_deadline(
    store: Store, now: datetime
) -> None:
    later = now + timedelta(days=3)
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await close_complaint(uow, now, number=number, agent=ZHOU, reason="重复登记")
        due = later + timedelta(hours=1)
        doings: list[Callable[[], Any]] = [
            lambda: assign(uow, later, number=number, agent=LIN, owner=LIN.name),
            lambda: promise_news(uow, later, number=number, agent=LIN, at=due),
            lambda: offer_solution(uow, later, number=number, agent=LIN, solution="送券", due_at=due),
            lambda: raise_level(uow, later, number=number, agent=LIN, level=3, reason="媒体"),
            lambda: record_yes(uow, later, number=number, agent=LIN, way="phone", note="电话"),
            lambda: close_complaint(uow, later, number=number, agent=ZHOU, reason="再关"),
        ]
        for doing in doings:
            with pytest.raises(NotAllowed):
                await doing()
        again = await reopen_complaint(uow, later, number=number, agent=LIN, reason="客户来电：还是响")
        with pytest.raises(NotAllowed):
            await reopen_complaint(uow, later, number=number, agent=LIN, reason="再开")
        assert await owed(uow, number) == {"complaint_1", "next_update"}
    assert (again.status, again.closed_at, again.closed_reason, again.agreed_at) == ("open", None, None, None)
    assert (again.level, again.deadline) == (1, later + timedelta(hours=24))


async def test_the_level_only_rises_keeps_the_deadline_and_alerts_a_supervisor(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await switch_targets(uow, ["telegram"])
        before = await raise_level(uow, now, number=number, agent=LIN, level=2, reason="第三次来")
        for level in (2, 1, 4):
            with pytest.raises(InvalidValue):
                await raise_level(uow, now, number=number, agent=LIN, level=level, reason="客户要求")
        with pytest.raises(InvalidValue):
            await raise_level(uow, now, number=number, agent=LIN, level=3, reason="")
        raised = await raise_level(uow, now, number=number, agent=LIN, level=3, reason="客户说要找媒体")
        told = await rows(uow, desk_notices)
    assert (raised.level, raised.owner, raised.deadline) == (3, "总经理", before.deadline)
    assert [(each.kind, each.payload) for each in told[-1:]] == [("complaint_raised", {"number": number, "level": 3})]


async def test_notes_and_kinds_are_logged_with_the_name(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        await annotate(uow, now, number=number, agent=HE, text="已看过上次的工单")
        kind = await classify(uow, now, number=number, agent=LIN, kind="workmanship")
        await classify(uow, now, number=number, agent=LIN, kind="workmanship")
        for wrong in ("", "weather"):
            with pytest.raises(InvalidValue):
                await classify(uow, now, number=number, agent=LIN, kind=wrong)
        with pytest.raises(InvalidValue):
            await annotate(uow, now, number=number, agent=HE, text=" ")
        log = await uow.complaints.entries(kind.id)
    assert kind.kind == "workmanship"
    assert [(entry.what, entry.by) for entry in log[1:]] == [("note", "何顾问"), ("kind", "林顾问")]


async def test_the_board_is_ordered_by_what_is_due_first(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        await staff(uow, now)
        slow = await filed(uow, now, user="a")
        soon = await filed(uow, now, user="b", signals=ComplaintSignals(angry=True), level=1)
        done = await filed(uow, now, user="c")
        old = await filed(uow, now - timedelta(days=90), user="d")
        await promise_news(uow, now, number=slow, agent=LIN, at=now + timedelta(hours=9))
        await promise_news(uow, now, number=soon, agent=HE, at=now + timedelta(hours=1))
        await close_complaint(uow, now, number=done, agent=ZHOU, reason="重复")
        await close_complaint(uow, now - timedelta(days=60), number=old, agent=ZHOU, reason="重复")
        shown = {
            scope: [each.complaint.number for each in await complaint_board(uow, now, scope=scope, actor="林顾问")]
            for scope in ("open", "mine", "all")
        }
        with pytest.raises(InvalidValue):
            await complaint_board(uow, now, scope="everything", actor="林顾问")
        audited = await uow.audit.about("complaint", slow)
    assert shown == {"open": [soon, slow], "mine": [slow], "all": [soon, slow, done]}
    assert [(entry.actor, entry.action) for entry in audited][-1] == ("林顾问", "list")


async def test_the_dossier_holds_customer_car_conversation_and_the_cars_repairs(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, keys = await opened(uow, now)
        bill = {"vehicle_id": keys.li_car, "service_type": "repair", "summary": "空调异响维修", "items": []}
        for months in (1, 2):
            fields = {"done_on": (now - timedelta(days=30 * months)).date(), "mileage_km": 30_000}
            await uow.records.put("service_history", {"number": f"H-{months}"}, {}, {**bill, **fields})
        order = {"number": "WO-9", "vehicle_id": keys.li_car, "stage": "delivered", "work": "空调异响检修"}
        left = {"delivered_at": now - timedelta(days=87, hours=2)}
        await uow.work_orders.add(now - timedelta(days=90), **order, **left)
        dossier = await complaint_dossier(uow, now, number=number, actor="林顾问")
        with pytest.raises(UnknownComplaint):
            await complaint_dossier(uow, now, number="C-1", actor="林顾问")
    assert dossier.customer is not None
    assert dossier.vehicle is not None
    assert dossier.conversation is not None
    assert dossier.facts is not None
    assert (dossier.customer.surname, dossier.vehicle.plate, dossier.conversation.user) == ("李", LI, "u1")
    top = dossier.facts.faults[0]
    assert (top.fault.name, top.times, top.within_period, top.complaints) == ("空调异响", 3, 3, 1)
    assert {each.code: each.value for each in dossier.facts.measures} == {
        "same_fault": 3,
        "serious_fault": 0,
        "days_in_shop": 1 + 1 + 3,
    }


async def test_a_page_that_stays_open_is_audited_once_in_a_while(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)
        for minutes in (0, 1, 40):
            later = now + timedelta(minutes=minutes)
            await complaint_board(uow, later, scope="open", actor="林顾问", again=minutes > 0)
            await complaint_dossier(uow, later, number=number, actor="林顾问", again=minutes > 0)
        await complaint_dossier(uow, now, number=number, actor="何顾问", again=True)
        audited = await uow.audit.about("complaint", number)
    assert [(entry.actor, entry.action) for entry in audited] == [
        ("林顾问", "list"),
        ("林顾问", "read"),
        ("林顾问", "list"),
        ("林顾问", "read"),
        ("何顾问", "read"),
    ]


async def test_of_two_who_take_it_at_once_one_is_responsible(store: Store, now: datetime) -> None:
    async with store.transaction() as uow:
        number, _ = await opened(uow, now)

    async def take(agent: Agent) -> str:
        try:
            async with store.transaction() as uow:
                return (await assign(uow, now, number=number, agent=agent, owner=agent.name)).owner
        except NotOwner as refused:
            return f"refused: {refused.owner}"

    results = await asyncio.gather(take(LIN), take(HE))
    async with store.reading() as uow:
        owner = (await uow.complaints.find(number)).owner
    assert sorted(results) == sorted([owner, f"refused: {owner}"])
