"""Whoever is in charge sees what was not kept in time, with its item, until somebody has seen it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from bot.services import delays, handoffs
from bot.services.complaints import file_complaint
from bot.services.desk_notices import notify
from bot.services.rescues import open_rescue
from bot.wiring import Bot
from tests.desk.desks import agent_with, at_desk
from tests.running import running_bot, settings_for


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def nobody_is_free(bot: Bot, user: str = "liu") -> int:
    """The conversation of a customer who has waited too long."""
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        facts = {"surname": "刘", "title": "先生", "phone": "13866667777"}
        receipt = await handoffs.request_handoff(
            uow, now, channel="rest", user=user, reason="wants_person", facts=facts
        )
        assert await delays.owe_call_back(uow, now + timedelta(hours=5), receipt.id) is not None
        return int((await uow.handoffs.get(receipt.id)).conversation_id)


async def count(client: httpx.AsyncClient) -> int:
    found = re.search(r">(\d+)<", (await client.get("/desk/alerts/count")).text)
    return int(found[1]) if found else 0


async def test_each_alert_names_its_item_and_leads_there(bot: Bot) -> None:
    key = await nobody_is_free(bot)
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        complaint = await file_complaint(uow, now, channel="rest", user="li", text="修了三次还没修好")
        await delays.report_late_complaint(uow, now + timedelta(days=20), complaint.number)
        rescue = await open_rescue(uow, now, channel="rest", user="wu", place="机场高速", phone=None, text="拖车")
        talk = await uow.conversations.ensure("rest", "wu", now)
        await notify(uow, now, kind="rescue_late", urgency="danger", payload={"number": rescue.number})
        overdue = {"deadline": "online_booking", "number": "A-7"}
        await notify(uow, now, kind="deadline_broken", payload=overdue)
        await notify(uow, now, kind="work_order_late", payload={"number": "WO-9"})
    async with at_desk(bot, "supervisor") as wang:
        shown = (await wang.get("/desk/alerts")).text
        line = r"<strong>(.*?)</strong>.*?<a href=\"(.*?)\">(.*?)</a>"
        listed = re.findall(line, shown[shown.index("alert-list") :], re.S)
        assert listed == [
            ("救援超过安排时限", f"/desk/conversations/{talk.id}", f"{rescue.number} · 访客 wu"),
            ("投诉超过答复时限", f"/desk/complaints/{complaint.number}", complaint.number),
            ("维修超过承诺时间", "/desk/workshop/orders/WO-9", "WO-9"),
            ("承诺时限已过", "/desk/calendar/visits/A-7", "确认预约 · A-7"),
            ("已答应回电", f"/desk/conversations/{key}", "刘先生"),
        ]
        assert await count(wang) == 5


async def test_what_one_has_seen_is_open_for_nobody_and_says_who_has_seen_it(bot: Bot) -> None:
    await nobody_is_free(bot)
    await nobody_is_free(bot, "li")
    async with at_desk(bot, "supervisor") as wang, at_desk(bot, "manager") as chen:
        assert await count(wang) == await count(chen) == 2
        notice = re.findall(r"/desk/alerts/(\d+)/seen", (await wang.get("/desk/alerts")).text)[0]
        left = await wang.post(f"/desk/alerts/{notice}/seen")
        assert f"/desk/alerts/{notice}/seen" not in left.text
        assert "王主管 看过" in left.text
        assert (await chen.post(f"/desk/alerts/{notice}/seen")).status_code == 200
        assert await count(chen) == 1
        await chen.post("/desk/alerts/seen", data={"up_to": str(2**40)})
        assert await count(wang) == 0
    async with bot.store.reading() as uow:
        seen = await uow.audit.lines({"action": "seen"}, None, 9)
    assert [each.actor for each in seen] == ["陈经理", "王主管"]
    assert seen[1].subject == notice


async def test_all_are_seen_up_to_the_last_that_the_page_showed(bot: Bot) -> None:
    await nobody_is_free(bot)
    async with at_desk(bot, "supervisor") as wang:
        async with bot.store.reading() as uow:
            newest = await uow.desk_notices.last_id()
        await nobody_is_free(bot, "li")
        await wang.post("/desk/alerts/seen", data={"up_to": str(newest)})
        assert await count(wang) == 1


async def test_an_alert_says_that_a_colleague_took_care_of_it(bot: Bot) -> None:
    key = await nobody_is_free(bot)
    async with at_desk(bot) as zhou, at_desk(bot, "supervisor") as wang:
        assert "同事已处理" not in (await wang.get("/desk/alerts")).text
        await zhou.post(f"/desk/conversations/{key}/claim")
        assert "小周 在接待" in (await wang.get("/desk/alerts")).text
        await zhou.post(f"/desk/conversations/{key}/reply", data={"text": "您好", "once": "o" * 12})
        assert "同事已处理" in (await wang.get("/desk/alerts")).text


async def test_only_who_is_in_charge_has_the_list_and_what_agents_hear_of_is_not_in_it(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        await notify(uow, bot.clock.now(), kind="customer_waits")
        waiting = (await uow.desk_notices.since("desk", 0))[-1].id
    await agent_with(bot.store, bot.clock.now(), "adviser")
    async with at_desk(bot) as zhou, at_desk(bot, "supervisor") as wang:
        assert (await zhou.get("/desk/alerts")).status_code == 403
        assert 'href="/desk/alerts"' not in (await zhou.get("/desk/queue")).text
        assert 'href="/desk/alerts"' in (await wang.get("/desk/queue")).text
        assert await count(wang) == 0
        await wang.post(f"/desk/alerts/{waiting}/seen")
    async with bot.store.reading() as uow:
        assert await uow.audit.lines({"action": "seen"}, None, 9) == []
