"""Complaints at the desk: who may see and change them, what a change does, harmless whatever customers wrote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.services import handoffs
from bot.services.complaints import file_complaint
from bot.wiring import Bot
from tests.desk.desks import NAMES, agent_with, at_desk, session_for
from tests.running import client_of, running_bot, settings_for

EVIL = "<script>alert('x')</script>"
CHANGES: dict[str, dict[str, str]] = {
    "owner": {"owner": NAMES["adviser"]},
    "note": {"text": "已看过工单"},
    "kind": {"kind": "workmanship"},
    "next-update": {"at": "2026-11-20T16:00", "how": "电话告知"},
    "solution": {"solution": "送一张洗车券", "due_at": "2026-11-21T10:00", "once": "once-0001"},
    "level": {"level": "3", "reason": "客户要求"},
    "yes": {"answer": "phone", "note": "电话里同意"},
    "close": {"reason": "重复登记"},
    "reopen": {"reason": "客户来电"},
}


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def complaint(bot: Bot, text: str = "洗车没洗干净", user: str = "u1", talks: bool = True, **more: Any) -> str:
    async with bot.store.transaction() as uow:
        now = bot.clock.now()
        if talks:
            await uow.conversations.ensure("web", user, now)
        return str((await file_complaint(uow, now, channel="web", user=user, text=text, **more)).number)


async def posted(client: httpx.AsyncClient, number: str, what: str, expected: int = 200, **fields: str) -> str:
    answer = await client.post(f"/desk/complaints/{number}/{what}", data=fields or CHANGES[what])
    assert answer.status_code == expected, answer.text
    return answer.text


async def words_to(bot: Bot, user: str = "u1") -> list[tuple[str, str]]:
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.find("web", user)
        return [(each.sender, each.text) for each in await uow.messages.after(conversation.id)]


async def test_strangers_and_who_has_no_business_with_complaints_are_refused(bot: Bot) -> None:
    number = await complaint(bot)
    pages = [
        "complaints",
        "complaints/board",
        f"complaints/{number}",
        f"complaints/{number}/state",
        f"complaints/{number}/log",
    ]
    async with client_of(bot) as stranger, at_desk(bot, "administrator") as root:
        for path in pages:
            assert (await stranger.get(f"/desk/{path}")).status_code == 303
            assert (await root.get(f"/desk/{path}")).status_code == 403
        for what, fields in CHANGES.items():
            assert (await stranger.post(f"/desk/complaints/{number}/{what}", data=fields)).status_code in (303, 403)
            await posted(root, number, what, 403)
    async with bot.store.reading() as uow:
        found = await uow.complaints.find(number)
        assert (found.status, found.owner, found.level) == ("open", "服务顾问", 1)


async def test_a_change_without_the_sessions_word_is_refused(bot: Bot) -> None:
    number = await complaint(bot)
    agent = await agent_with(bot.store, bot.clock.now(), "supervisor")
    token, _ = await session_for(bot.store, bot.clock.now(), agent)
    async with client_of(bot, cookies={"desk": token}) as forger:
        for what, fields in CHANGES.items():
            answer = await forger.post(f"/desk/complaints/{number}/{what}", data={**fields, "csrf": "guessed"})
            assert answer.status_code == 403


async def test_an_unknown_number_or_scope_is_told_plainly(bot: Bot) -> None:
    async with at_desk(bot, "supervisor") as client:
        assert (await client.get("/desk/complaints/C-9")).status_code == 404
        assert (await client.get("/desk/complaints?scope=theirs")).status_code == 422
        for what in CHANGES:
            await posted(client, "C-9", what, 404)


async def test_scripts_in_words_names_and_notes_are_harmless(bot: Bot) -> None:
    number = await complaint(bot, text=EVIL, plate="粤B8K321")
    async with at_desk(bot) as client:
        await posted(client, number, "note", text=EVIL)
        await posted(client, number, "solution", solution=EVIL, due_at="2026-11-21T10:00", once="once-0001")
        pages = [(await client.get(f"/desk/complaints{path}")).text for path in ("", f"/{number}", f"/{number}/log")]
    assert not [page for page in pages if "<script>alert" in page]
    assert all("&lt;script&gt;" in page for page in pages)


async def test_the_whole_way_from_taking_it_to_the_customers_yes(bot: Bot) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        assert "我来负责" in (await client.get(f"/desk/complaints/{number}")).text
        assert NAMES["adviser"] in await posted(client, number, "owner")
        await posted(client, number, "next-update", at="2026-11-20T16:00", tell="true")
        fields = {"solution": "免费重洗并送洗车券", "due_at": "2026-11-21T10:00", "once": "once-0001", "tell": "true"}
        await posted(client, number, "solution", **fields)
        await posted(client, number, "solution", **fields)
        async with bot.store.transaction() as uow:
            talk = await uow.conversations.find("web", "u1")
            later = bot.clock.now() + timedelta(seconds=5)
            said = await uow.messages.add(talk.id, sender="customer", text="同意", state="done", time=later)
        assert "“同意”" in (await client.get(f"/desk/complaints/{number}/answers")).text
        await posted(client, number, "close", 403)
        await posted(client, number, "yes", 422, answer="message:1")
        await posted(client, number, "yes", answer=f"message:{said.id}")
        closed = await posted(client, number, "close", tell="true")
    assert "已办结" in closed
    words = await words_to(bot)
    assert [sender for sender, _ in words] == ["bot", "agent", "customer", "system"]
    assert "免费重洗并送洗车券" in words[1][1]
    assert number in words[3][1]
    async with bot.store.reading() as uow:
        audited = [entry.action for entry in await uow.audit.about("complaint", number)]
    assert [each for each in audited if each not in ("read", "list")] == [
        "owner",
        "next_update",
        "answered",
        "agreed",
        "closed",
    ]


async def test_a_yes_where_no_solution_was_told_asks_what_was_agreed(bot: Bot) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        await posted(client, number, "owner")
        assert "谈好的方案" in (await client.get(f"/desk/complaints/{number}")).text
        assert "还没有告诉过客户方案" in await posted(client, number, "yes", 422)
        agreed = {**CHANGES["yes"], "solution": "免费重洗", "due_at": "2026-11-21T10:00"}
        assert "按客户同意办结" in await posted(client, number, "yes", **agreed)
        assert "谈好的方案" not in (await client.get(f"/desk/complaints/{number}")).text
        assert "免费重洗" in await posted(client, number, "close")


async def test_closing_without_a_yes_takes_a_supervisor_with_a_reason(bot: Bot) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        assert "没有客户同意也办结" not in (await client.get(f"/desk/complaints/{number}")).text
        await posted(client, number, "close", 403)
    async with at_desk(bot, "supervisor") as client:
        await posted(client, number, "close", 422, reason=" ")
        assert "客户未确认" in await posted(client, number, "close")
        assert "重新打开" in await posted(client, number, "reopen")


async def test_a_colleagues_complaint_can_be_read_and_noted_but_not_taken(bot: Bot) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        await posted(client, number, "owner")
    async with at_desk(bot, "adviser", "小林") as other:
        page = (await other.get(f"/desk/complaints/{number}")).text
        assert "提出方案" not in page
        for what in ("owner", "solution", "next-update", "yes", "close"):
            fields = {**CHANGES[what], **({"owner": "小林"} if what == "owner" else {})}
            refused = await posted(other, number, what, 409, **fields)
            assert NAMES["adviser"] in refused
        await posted(other, number, "note", text="客户刚来电")


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("next-update", {"at": "tomorrow"}),
        ("next-update", {"at": "2026-11-19T16:00"}),
        ("solution", {"solution": " ", "due_at": "2026-11-21T10:00", "once": "once-0001"}),
        ("solution", {"solution": "好" * 2001, "due_at": "2026-11-21T10:00", "once": "once-0001"}),
        ("solution", {"solution": "送券", "due_at": "2026-11-21T10:00", "once": ""}),
        ("level", {"level": "7", "reason": "升级"}),
        ("level", {"level": "1", "reason": "升级"}),
        ("yes", {"answer": "telepathy", "note": "同意"}),
        ("yes", {"answer": "message:²", "note": "同意"}),
        ("kind", {"kind": "weather"}),
        ("note", {"text": ""}),
    ],
)
async def test_what_is_filled_in_wrongly_changes_nothing(bot: Bot, what: str, fields: dict[str, str]) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        await posted(client, number, what, 422, **fields)
    async with bot.store.reading() as uow:
        found = await uow.complaints.find(number)
        assert [entry.what for entry in await uow.complaints.entries(found.id)] == ["filed"]


async def test_who_telephoned_has_no_chat_to_send_to(bot: Bot) -> None:
    number = await complaint(bot, user="phone-1", talks=False)
    async with at_desk(bot) as client:
        assert "没有可以发送的聊天" in (await client.get(f"/desk/complaints/{number}")).text
        await posted(client, number, "next-update", 422, at="2026-11-20T16:00", tell="true")
        await posted(client, number, "solution", **CHANGES["solution"])


async def test_the_demo_complaint_shows_the_repairs_of_the_same_fault(database_url: str) -> None:
    demo = settings_for(database_url)
    async with running_bot(demo) as bot, at_desk(bot, "adviser", "小测") as client:
        board = (await client.get("/desk/complaints")).text
        number = board.split("/desk/complaints/C-")[1].split('"')[0]
        page = (await client.get(f"/desk/complaints/C-{number}")).text
    assert "变速箱顿挫</strong>：近 24 个月同一故障维修 2 次" in page
    assert "136****6004" in page
    assert "13600136004" not in page + board
    assert "时间已过" in page


async def test_without_a_script_a_form_leads_back_to_the_page(bot: Bot) -> None:
    number = await complaint(bot)
    agent = await agent_with(bot.store, bot.clock.now(), "adviser")
    token, csrf = await session_for(bot.store, bot.clock.now(), agent)
    async with client_of(bot, cookies={"desk": token}) as client:
        answer = await client.post(f"/desk/complaints/{number}/note", data={"text": "电话联系过", "csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/complaints/{number}")


async def test_the_desk_speaks_english_when_wished(bot: Bot) -> None:
    number = await complaint(bot, plate="粤B8K321")
    agent = await agent_with(bot.store, bot.clock.now(), "supervisor")
    async with bot.store.transaction() as uow:
        await uow.agents.change(agent.id, bot.clock.now(), language="en")
    async with at_desk(bot, "supervisor") as client:
        page = (await client.get(f"/desk/complaints/{number}")).text
    assert "Take responsibility" in page
    assert "三包有效期" not in page


async def test_while_a_colleague_has_the_chat_a_solution_is_kept_and_the_next_step_is_said(bot: Bot) -> None:
    number = await complaint(bot)
    await agent_with(bot.store, bot.clock.now(), "adviser", "小林")
    async with bot.store.transaction() as uow:
        talk = await uow.conversations.find("web", "u1")
        await handoffs.take_over(uow, bot.clock.now(), conversation_id=talk.id, agent="小林")
    async with at_desk(bot) as client:
        fields = {"solution": "免费重洗", "due_at": "2026-11-21T10:00", "once": "once-0001", "tell": "true"}
        refused = await posted(client, number, "solution", 409, **fields)
        page = (await client.get(f"/desk/complaints/{number}")).text
    assert "请 小林 把会话转交给您再发" in refused
    assert "方案草稿" in page
    assert "免费重洗</textarea>" in page
    assert "待答复" in page


async def test_news_agreed_with_the_customer_are_told_in_the_chat_or_how_else_is_noted(bot: Bot) -> None:
    number = await complaint(bot)
    async with at_desk(bot) as client:
        refused = await posted(client, number, "next-update", 422, at="2026-11-20T16:00")
        noted = await posted(client, number, "next-update", at="2026-11-20T16:00", how="10:20 电话告知本人")
    assert "写明怎么告知的" in refused
    assert "10:20 电话告知本人" in noted


async def test_the_phone_of_a_stranger_is_shown_on_request_and_audited(bot: Bot) -> None:
    number = await complaint(bot, phone="13800138001")
    async with at_desk(bot) as client:
        masked = (await client.get(f"/desk/complaints/{number}")).text
        part = await client.post(f"/desk/complaints/{number}/reveal")
        del client.headers["hx-request"]
        whole = (await client.post(f"/desk/complaints/{number}/reveal")).text
    assert "138****8001" in masked
    assert f"/desk/complaints/{number}/reveal" in masked
    assert "13800138001" not in masked
    assert "13800138001" in part.text
    assert "13800138001" in whole
    async with bot.store.reading() as uow:
        audited = [(each.action, each.actor) for each in await uow.audit.about("complaint", number)]
    assert ("reveal", NAMES["adviser"]) in audited
