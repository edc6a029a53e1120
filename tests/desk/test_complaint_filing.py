"""Complaints told by telephone or at the counter, who decides at which level, and the chat beside a complaint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.business.complaints import complaint_deadline, turns_down
from bot.services import handoffs
from bot.services.people import add_customer, add_vehicle
from bot.wiring import Bot
from tests.desk.desks import NAMES, agent_with, at_desk
from tests.desk.test_complaints import complaint, posted, words_to
from tests.running import running_bot, settings_for

PLATE, PHONE = "粤B8K321", "13800138001"
TOLD = {"came_by": "phone", "plate": PLATE, "text": "洗车没洗干净", "mine": "true", "tell": "true"}


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def owner_of_car(bot: Bot, talks: bool = True) -> int:
    """The customer with this plate and phone, who writes on the web chat or not."""
    async with bot.store.transaction() as uow:
        now = bot.clock.now()
        values = {"surname": "李", "title": "女士", "phone": PHONE}
        customer = await add_customer(uow, now, values=values, actor="api")
        await add_vehicle(uow, now, values={"plate": PLATE, "customer_id": customer.id}, actor="api")
        if talks:
            await uow.conversations.ensure("web", "u1", now)
            await uow.customers.bind(customer.id, "web", "u1", now)
        return customer.id


async def filed(bot: Bot, client: httpx.AsyncClient, **fields: str) -> Any:
    answer = await client.post("/desk/complaints/new", data={**TOLD, **fields})
    assert answer.status_code == 303, answer.text
    async with bot.store.reading() as uow:
        return await uow.complaints.find(answer.headers["location"].rsplit("/", 1)[1])


async def test_a_complaint_by_telephone_has_number_owner_deadlines_and_is_told_in_the_chat(bot: Bot) -> None:
    customer = await owner_of_car(bot)
    async with at_desk(bot) as client:
        assert 'name="plate"' in (await client.get(f"/desk/complaints/new?customer={customer}")).text
        found = await filed(bot, client)
        page = (await client.get(f"/desk/complaints/{found.number}")).text
    assert (found.customer_id, found.came_by, found.channel, found.user) == (customer, "phone", "web", "u1")
    assert (found.owner, found.level, found.phone) == (NAMES["adviser"], 1, PHONE)
    assert "· 电话" in page
    assert found.number in (await words_to(bot))[0][1]
    async with bot.store.reading() as uow:
        hours = await uow.calendar.load()
        running = {each.kind: each.due_at for each in await uow.deadlines.running("complaint", [found.id])}
        audited = [each.action for each in await uow.audit.about("complaint", found.number)]
    assert running["complaint_1"] == found.deadline == complaint_deadline(1, found.created_at, hours)
    assert "answer" in running
    assert "file" in audited


async def test_a_complaint_is_taken_down_from_the_chat_in_the_customers_words(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        chat = await uow.conversations.ensure("web", "u9", bot.clock.now())
        for number, text in enumerate(("你好", "/request_human", "洗车把后视镜刮了", "没人管吗")):
            sent = {"sender": "customer", "text": text, "state": "received", "platform_id": f"m{number}"}
            await uow.messages.add(chat.id, **sent, time=bot.clock.now())
    async with at_desk(bot) as client:
        link = f"/desk/complaints/new?conversation={chat.id}"
        assert link in (await client.get(f"/desk/conversations/{chat.id}")).text
        page = (await client.get(link)).text
        whose = {"conversation_id": str(chat.id), "came_by": "", "plate": "", "text": "洗车把后视镜刮了"}
        found = await filed(bot, client, **whose)
        board = (await client.get(f"/desk/complaints/{found.number}")).text
        nobody = await client.post("/desk/complaints/new", data={**TOLD, "came_by": ""})
    assert "洗车把后视镜刮了\n没人管吗" in page
    assert "request_human" not in page
    assert (found.channel, found.user, found.came_by) == ("web", "u9", "")
    assert "· 网页" in board
    assert nobody.status_code == 422
    async with bot.store.reading() as uow:
        assert "read" in [each.action for each in await uow.audit.about("conversation", str(chat.id))]


async def test_the_words_suggest_the_level_and_less_needs_a_reason(bot: Bot) -> None:
    async with at_desk(bot, "supervisor") as client:
        words = {**TOLD, "text": "又坏了，第三次来修，我要找律师", "level": ""}
        weighed = await client.post("/desk/complaints/weigh", data=words)
        again = await client.post("/desk/complaints/new", data={**words, "level": "2"})
        found = await filed(bot, client, text=words["text"], level="2", reason="客户已撤回律师函")
    assert "三级由经理处理" in weighed.text
    assert "反复发生" in weighed.text
    assert (again.status_code, "级别低于建议的" in again.text, words["text"] in again.text) == (422, True, True)
    assert (found.level, found.owner) == (2, NAMES["supervisor"])
    async with bot.store.reading() as uow:
        log = await uow.complaints.entries(found.id)
    assert (log[0].what, log[0].by, log[0].note) == ("filed", NAMES["supervisor"], "3→2 客户已撤回律师函")


async def test_an_adviser_who_takes_down_a_serious_one_leaves_it_to_who_decides(bot: Bot) -> None:
    async with at_desk(bot) as client:
        found = await filed(bot, client, level="2")
    assert (found.level, found.owner) == (2, "售后主管")
    async with bot.store.reading() as uow:
        assert "complaint_raised" in [each.kind for each in await uow.desk_notices.since("desk", 0)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"plate": "", "phone": ""}, "请填写车牌或电话"),
        ({"plate": "粤"}, "这不像车牌号"),
        ({"phone": "12"}, "这不像手机号"),
        ({"text": " "}, "请写下客户的原话"),
        ({"came_by": "chat"}, "有一项填写不对"),
        ({"level": "7"}, "有一项填写不对"),
        ({"text": "长" * 2001}, "有一项填写不对"),
    ],
)
async def test_what_is_filled_in_wrongly_comes_back_with_a_sentence(
    bot: Bot, fields: dict[str, str], said: str
) -> None:
    async with at_desk(bot) as client:
        answer = await client.post("/desk/complaints/new", data={**TOLD, **fields})
    assert (answer.status_code, said in answer.text) == (422, True)


async def test_two_strangers_on_the_telephone_are_not_one_who_complains_again(bot: Bot) -> None:
    async with at_desk(bot) as client:
        first = await filed(bot, client, plate="", phone="13900139009")
        second = await filed(bot, client, plate="", phone="13700137007")
    assert (first.level, second.level, second.signals["repeated"]) == (1, 1, False)


async def test_somebody_elses_phone_beside_the_plate_is_not_the_owner_who_is_told(bot: Bot) -> None:
    await owner_of_car(bot)
    async with at_desk(bot) as client:
        found = await filed(bot, client, phone="13900139009")
    assert (found.customer_id, found.user, found.phone) == (None, "", "13900139009")
    assert await words_to(bot) == []


@pytest.mark.parametrize(
    ("role", "level", "status"),
    [
        ("adviser", 1, 200),
        ("adviser", 2, 422),
        ("supervisor", 2, 200),
        ("supervisor", 3, 422),
        ("manager", 3, 200),
    ],
)
async def test_who_takes_a_complaint_above_their_role_says_with_whom_it_is_agreed(
    bot: Bot,
    role: str,
    level: int,
    status: int,
) -> None:
    number = await complaint(bot, text={1: "洗车没洗干净", 2: "又坏了", 3: "我要找律师"}[level])
    async with at_desk(bot, role) as client:
        await posted(client, number, "owner", status, owner=NAMES[role])
        if status == 422:
            refused = await posted(
                client, number, "solution", 422, solution="送券", due_at="2026-11-21T10:00", once="o" * 9, tell="true"
            )
            assert "再点“我来负责”" in refused
            assert "和谁说好了" in (await client.get(f"/desk/complaints/{number}")).text
            taken = await posted(client, number, "owner", owner=NAMES[role], reason="王主管同意")
            assert "王主管同意" in taken
            assert "方案由" in taken


async def test_what_was_said_since_is_shown_and_a_no_is_seen(bot: Bot) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        await posted(client, number, "owner")
        await posted(
            client, number, "solution", solution="送一张券", due_at="2026-11-21T10:00", once="o" * 9, tell="true"
        )
        await says(bot, "不行，我要退钱")
        page = (await client.get(f"/desk/complaints/{number}/chat")).text
        state = (await client.get(f"/desk/complaints/{number}/state")).text
        answers = (await client.get(f"/desk/complaints/{number}/answers")).text
        reopened = await posted(client, number, "reopen", reason="客户没有同意方案")
    assert "不行，我要退钱" in page
    assert "送一张券" in page
    assert "客户没有同意方案" in state
    assert "checked" not in answers
    assert "待答复" in reopened


async def says(bot: Bot, text: str) -> None:
    async with bot.store.transaction() as uow:
        talk = await uow.conversations.find("web", "u1")
        later = bot.clock.now() + timedelta(seconds=5)
        await uow.messages.add(talk.id, sender="customer", text=text, state="done", time=later)


@pytest.mark.parametrize(
    ("text", "no"),
    [
        *[
            (text, True)
            for text in ("不行", "不行 我要退钱", "这个方案我不接受", "没诚意", "一张券就想打发我", "不用了")
        ],
        *[
            (text, False)
            for text in ("同意", "好的", "行不行都可以", "可不可以再送一张", "不满意吗？没有，很满意", "谢谢")
        ],
    ],
)
def test_a_refusal_is_told_from_a_question(text: str, no: bool) -> None:
    assert turns_down(text) is no


@pytest.mark.parametrize("reachable", [True, False])
async def test_closing_for_a_reason_tells_who_can_be_reached(bot: Bot, reachable: bool) -> None:
    number = await complaint(bot)
    if not reachable:
        async with bot.store.transaction() as uow:
            talk = await uow.conversations.find("web", "u1")
            await uow.outbox.reachable(talk.id, "blocked")
    async with at_desk(bot, "supervisor") as client:
        shown = (await client.get(f"/desk/complaints/{number}")).text
        await posted(client, number, "close", reason="重复登记")
    assert ("聊天里送不到" in shown) is not reachable
    told = [text for _, text in await words_to(bot) if number in text]
    assert (len(told), "登记办结" in "".join(told)) == (int(reachable), reachable)


async def test_when_a_colleague_has_the_chat_both_pages_say_so_and_offer_what_to_do(bot: Bot) -> None:
    number = await complaint(bot)
    await agent_with(bot.store, bot.clock.now(), "adviser", "小林")
    async with bot.store.transaction() as uow:
        talk = await uow.conversations.find("web", "u1")
        taken = await handoffs.take_over(uow, bot.clock.now(), conversation_id=talk.id, agent="小林")
    both = f"投诉由 {NAMES['adviser']} 负责，会话由 小林 接待"
    async with at_desk(bot) as client, at_desk(bot, "adviser", "小林") as lin:
        await posted(client, number, "owner")
        asked = (await client.post(f"/desk/complaints/{number}/ask-chat")).text
        await client.post(f"/desk/complaints/{number}/ask-chat")
        card = (await lin.get(f"/desk/conversations/{talk.id}")).text
        theirs = (await lin.get(f"/desk/complaints/{number}/chat")).text
        moved = await lin.post(f"/desk/conversations/{talk.id}/transfer", data={"to": f"agent:{NAMES['adviser']}"})
        after = (await client.get(f"/desk/complaints/{number}/chat")).text
    assert both in asked
    assert both in card
    assert f"把会话转给 {NAMES['adviser']}" in theirs
    assert (moved.status_code, both in after) == (204, False)
    async with bot.store.reading() as uow:
        notes = [each.text for each in await uow.handoffs.notes(taken.id)]
    assert notes == [f"投诉 {number} 由 {NAMES['adviser']} 负责，请把这个会话转交给 {NAMES['adviser']}。"]
