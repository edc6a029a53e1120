"""Customers are passed on with a word, everybody sees who had them, and what was given back is found again."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.desk.access import SignedIn
from bot.desk.live import ALERT, _event_of
from bot.messages.inbox import real_now
from bot.messages.news import heard_within
from bot.services import handoffs
from bot.services.complaints import file_complaint
from bot.services.rescues import open_rescue
from bot.wiring import Bot
from tests.desk.desks import agent_with, at_desk
from tests.running import AUTHORIZED, client_of, running_bot, settings_for


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def waits(bot: Bot, user: str = "liu", **more: Any) -> int:
    """The conversation of a customer who asked for a person."""
    async with bot.store.transaction() as uow:
        asked = {"channel": "rest", "user": user, "reason": "wants_person", **more}
        await handoffs.request_handoff(uow, bot.clock.now(), **asked)
        found = await uow.conversations.find("rest", user)
        return int(found.id)


async def steps(client: httpx.AsyncClient, key: int) -> list[str]:
    """The thin lines and notes of the transcript, without times."""
    html = (await client.get(f"/desk/conversations/{key}/messages")).text
    shown = r'<p class="message step.*?<span>(.*?)</span>|<article class="message note".*?</span>(.*?)</div>'
    found = re.findall(shown, html, re.S)
    return [re.sub(r"\s*·?\s*<time.*", "", line or note, flags=re.S).strip() for line, note in found]


def told(answer: httpx.Response) -> dict[str, Any]:
    """The sentence that the page shows for a while."""
    assert answer.status_code == 204
    found: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["said"]
    return found


async def test_a_word_goes_with_the_customer_and_the_transcript_shows_each_step(bot: Bot) -> None:
    key = await waits(bot)
    async with at_desk(bot) as zhou, at_desk(bot, name="小林") as lin, at_desk(bot, "supervisor") as wang:
        await zhou.post(f"/desk/conversations/{key}/reply", data={"text": "您好", "once": "o" * 12})
        passed = await zhou.post(
            f"/desk/conversations/{key}/transfer", data={"to": "agent:小林", "note": " 等报价，答应今天给 "}
        )
        assert told(passed)["words"] == "已转交给 小林，小林 会收到提醒。"
        await wang.post(f"/desk/conversations/{key}/take")
        team = await wang.post(f"/desk/conversations/{key}/transfer", data={"to": "team:前台"})
        assert "小组“前台”" in told(team)["words"]
        await lin.post(f"/desk/conversations/{key}/claim")
        await lin.post(f"/desk/conversations/{key}/resolve", data={"reason": "已解答"})
        assert await steps(lin, key) == [
            *("请求人工：客户要求人工", "小周 接手", "小周 转交给 小林", "等报价，答应今天给"),
            *("王主管 从 小林 那里接手", "王主管 转到小组 前台", "小林 接手", "小林 办结：已解答"),
        ]
    async with client_of(bot, headers=AUTHORIZED) as outside:
        seen = (await outside.get("/api/v1/conversations/rest/liu/messages")).text
        assert not any(words in seen for words in ("报价", "接手", "转交"))


async def test_who_gives_back_with_a_question_unanswered_is_told_so(bot: Bot) -> None:
    key = await waits(bot)
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
        await bot.context.inbox.receive(channel="rest", user="liu", text="那我几点来", platform_id="m-1")
        given_back = told(await zhou.post(f"/desk/conversations/{key}/release"))
        assert "最后一句还没有回复" in given_back["words"]
        assert given_back["post"] == f"/desk/conversations/{key}/claim"
        await zhou.post(given_back["post"])
        await zhou.post(f"/desk/conversations/{key}/reply", data={"text": "九点", "once": "o" * 12})
        assert "最后一句" not in told(await zhou.post(f"/desk/conversations/{key}/release"))["words"]


async def test_who_closes_as_settled_what_is_not_is_asked_first(bot: Bot) -> None:
    key = await waits(bot)
    async with bot.store.transaction() as uow:
        filed = await file_complaint(uow, bot.clock.now(), channel="rest", user="liu", text="漆面有划痕")
        rescue = await open_rescue(uow, bot.clock.now(), channel="rest", user="liu", text="抛锚")
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
        for reason, number in (("投诉已处理", filed.number), ("救援已完成", rescue.number)):
            asked = await zhou.post(f"/desk/conversations/{key}/resolve", data={"reason": reason})
            assert (asked.status_code, number in asked.text) == (409, True)
        assert (await zhou.get(f"/desk/conversations/{key}/news")).text.count("您在接待") == 1
        done = await zhou.post(f"/desk/conversations/{key}/resolve", data={"reason": reason, "anyway": "1"})
    assert done.status_code == 204


async def test_a_transfer_that_is_refused_leaves_no_word_behind(bot: Bot) -> None:
    key = await waits(bot)
    async with at_desk(bot) as zhou, at_desk(bot, name="小林") as lin:
        await lin.post(f"/desk/conversations/{key}/claim")
        refused = await zhou.post(f"/desk/conversations/{key}/transfer", data={"to": "agent:小周", "note": "x"})
        assert refused.status_code == 409
        assert (await zhou.post(f"/desk/conversations/{key}/transfer", data={"to": "agent:无名"})).status_code == 404
        assert await steps(lin, key) == ["请求人工：客户要求人工", "小林 接手"]


async def test_the_list_of_colleagues_says_who_is_there_and_how_many_customers_each_has(bot: Bot) -> None:
    key, other = await waits(bot), await waits(bot, "li")
    now = bot.clock.now()
    await agent_with(bot.store, now, "adviser", "老吴")
    await agent_with(bot.store, now, "administrator")
    async with at_desk(bot) as zhou, at_desk(bot, name="小林") as lin, at_desk(bot, "supervisor"):
        await lin.post(f"/desk/conversations/{other}/claim")
        head = (await zhou.get(f"/desk/conversations/{key}")).text
        shown = re.findall(r'value="agent:.*?">(.*?)</option>', head)
        assert shown == ["王主管 · 在线 · 0 位客户", "小林 · 在线 · 1 位客户", "老吴 · 不在线 · 0 位客户"]
        await lin.post("/desk/profile/available", data={"available": "no"})
        async with bot.store.transaction() as uow:  # the supervisor has not touched the page for hours
            for agent in await uow.agents.all():
                if agent.role == "supervisor":
                    await uow.agents.end_sessions_of(agent.id)
                    await uow.agents.add_session("old", agent.id, "-", real_now() - timedelta(hours=3))
        head = (await zhou.get(f"/desk/conversations/{key}")).text
        shown = re.findall(r'value="agent:.*?">(.*?)</option>', head)
        assert shown == ["小林 · 暂离 · 1 位客户", "王主管 · 不在线 · 0 位客户", "老吴 · 不在线 · 0 位客户"]


async def heard_by(bot: Bot, topic: str, role: str, name: str | None = None, **changes: Any) -> dict[str, Any] | None:
    """The alert that the page of this agent gets."""
    agent = await agent_with(bot.store, bot.clock.now(), role, name)
    if changes:
        async with bot.store.transaction() as uow:
            await uow.agents.change(agent.id, bot.clock.now(), **changes)
            agent = await uow.agents.get(agent.id)
    found = await _event_of(None, SignedIn(agent, "", None), bot.context, topic)  # type: ignore[arg-type]
    return None if found is None else json.loads(found.split("data: ", 1)[1])


async def alert_topics(bot: Bot, act: Any) -> list[str]:
    """What all pages are told of what `act` does."""
    topics: list[str] = []
    with bot.context.news.watching() as watcher:
        await act()
        while not any('"handoff_transferred"' in each for each in topics):
            assert await heard_within(watcher.event, 5), topics
            topics += [topic for topic in watcher.take() if topic.startswith(ALERT)]
    return [each for each in topics if "transferred" in each]


async def test_the_colleague_is_told_who_passed_on_whom_and_nobody_else_is(bot: Bot) -> None:
    key = await waits(bot, facts={"surname": "刘", "title": "先生"})
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
        await agent_with(bot.store, bot.clock.now(), "adviser", "小林")
        (topic,) = await alert_topics(
            bot, lambda: zhou.post(f"/desk/conversations/{key}/transfer", data={"to": "agent:小林"})
        )
    alert = await heard_by(bot, topic, "adviser", "小林")
    assert alert is not None
    assert (alert["title"], alert["about"], alert["toast"]) == ("小周 把客户转交给您", "刘先生", True)
    assert alert["url"] == f"/desk/conversations/{key}"
    english = await heard_by(bot, topic, "adviser", "小林", language="en")
    assert english is not None
    assert english["title"] == "小周 passed a customer to you"
    assert await heard_by(bot, topic, "adviser") is None
    assert await heard_by(bot, topic, "supervisor") is None


async def test_a_group_is_told_of_whom_it_gets_and_the_sender_is_not(bot: Bot) -> None:
    key = await waits(bot)
    async with at_desk(bot) as zhou:
        (topic,) = await alert_topics(
            bot, lambda: zhou.post(f"/desk/conversations/{key}/transfer", data={"to": "team:前台"})
        )
    mine = await heard_by(bot, topic, "adviser", "小林", team="前台")
    assert mine is not None
    assert (mine["title"], mine["about"]) == ("小周 转来一位客户，在小组“前台”等待", "访客 liu")
    assert await heard_by(bot, topic, "supervisor", team="事故理赔") is None
    assert await heard_by(bot, topic, "adviser", team="前台") is None


async def test_what_was_given_back_is_found_among_the_closed_and_taken_again_with_all_that_was_known(bot: Bot) -> None:
    key = await waits(bot, urgency="danger", facts={"surname": "刘", "title": "先生"})
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
        back = told(await zhou.post(f"/desk/conversations/{key}/release"))
        assert "已结束" in back["words"]
        assert (back["undo"], back["post"]) == ("重新接手", f"/desk/conversations/{key}/claim")
        assert f'id="row-{key}"' in (await zhou.get("/desk/queue/list?show=closed")).text
        assert "重新接手" in (await zhou.get(f"/desk/conversations/{key}")).text
        assert (await zhou.post(back["post"])).status_code == 204
        row = (await zhou.get("/desk/queue/list?show=mine")).text
        assert f'id="row-{key}"' in row
        assert "刘先生" in row
        assert "危险" in row
        assert (await steps(zhou, key))[-2:] == ["小周 交还助手", "小周 接手"]


async def test_who_steps_in_alerts_nobody(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        key = (await uow.conversations.ensure("rest", "quiet", bot.clock.now())).id
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
    async with bot.store.reading() as uow:
        assert await uow.desk_notices.since("desk", 0) == []
