"""Whom to call back has a list of its own, until somebody has called and said how it went."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.services import delays, handoffs
from bot.services.waiting import Overheard, overhear
from bot.wiring import Bot
from tests.desk.desks import at_desk
from tests.running import running_bot, settings_for

PHONE, MASKED = "13866667777", "138****7777"


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def promised(bot: Bot, user: str = "liu", **facts: Any) -> int:
    """The conversation of a customer who has waited too long and was promised a call."""
    now = bot.clock.now()
    async with bot.store.transaction() as uow:
        known = {"surname": "刘", "title": "先生", "phone": PHONE, **facts}
        asked = {"channel": "rest", "user": user, "reason": "wants_person"}
        receipt = await handoffs.request_handoff(uow, now, **asked, facts=known)
        await delays.owe_call_back(uow, now + timedelta(hours=5), receipt.id)
        return int((await uow.handoffs.get(receipt.id)).conversation_id)


async def listed(client: httpx.AsyncClient, show: str = "calls") -> list[int]:
    shown = (await client.get(f"/desk/queue/list?show={show}")).text
    return [int(key) for key in re.findall(r'id="row-(\d+)"', shown)]


async def count(client: httpx.AsyncClient) -> int:
    tabs = (await client.get("/desk/queue/tabs")).text
    found = re.search(r'data-show="calls".*?class="count">(\d+)<', tabs, re.S)
    assert found is not None
    return int(found[1])


async def called(client: httpx.AsyncClient, key: int, result: str, text: str = "已说明情况") -> httpx.Response:
    return await client.post(f"/desk/conversations/{key}/called", data={"result": result, "text": text})


async def test_the_list_has_whom_to_call_with_the_phone_masked_until_it_is_asked_for(bot: Bot) -> None:
    key = await promised(bot)
    async with bot.store.transaction() as uow:  # somebody who waits, but not too long
        asked = {"channel": "rest", "user": "li", "reason": "wants_person"}
        await handoffs.request_handoff(uow, bot.clock.now(), **asked)
    async with at_desk(bot) as zhou:
        assert await listed(zhou) == [key]
        assert await count(zhou) == 1
        opened = (await zhou.get(f"/desk/conversations/{key}?show=calls")).text
        assert 'data-show="calls"' in opened
        assert MASKED in opened
        assert PHONE not in opened
        assert f"tel:{PHONE}" in (await zhou.post(f"/desk/conversations/{key}/phone")).text
    async with bot.store.reading() as uow:
        (line,) = await uow.audit.lines({"action": "reveal"}, None, 9)
    assert (line.actor, line.subject_kind, line.subject) == ("小周", "conversation", str(key))


async def test_settled_by_phone_closes_the_matter_with_the_word_as_a_note(bot: Bot) -> None:
    key = await promised(bot)
    async with at_desk(bot) as zhou:
        answer = await called(zhou, key, "settled")
        assert "办结" in json.loads(answer.headers["HX-Trigger"])["said"]["words"]
        assert (await listed(zhou), await count(zhou)) == ([], 0)
        assert await listed(zhou, "closed") == [key]
        shown = (await zhou.get(f"/desk/conversations/{key}/messages")).text
        assert "已说明情况" in shown
        assert "小周 已回电" in shown
        assert "小周 办结：已电话答复" in shown
        assert (await called(zhou, key, "settled")).status_code == 409
    async with bot.store.reading() as uow:
        handoff = await uow.handoffs.last_of(key)
        assert handoff.answered_at is not None
        assert [each for each in await uow.deadlines.running_in([key]) if each.kind == "answer"] == []
        assert len(await uow.audit.lines({"action": "call_back"}, None, 9)) == 1


async def test_who_reached_the_customer_has_them_and_who_did_not_tries_again(bot: Bot) -> None:
    key = await promised(bot)
    async with at_desk(bot) as zhou:
        await called(zhou, key, "missed", "没人接")
        assert await listed(zhou) == [key]
        assert await listed(zhou, "waiting") == [key]
        await called(zhou, key, "goes_on")
        assert await listed(zhou) == []
        assert await listed(zhou, "mine") == [key]


async def test_a_call_needs_a_word_and_a_result_and_is_the_colleagues_whose_customer_it_is(bot: Bot) -> None:
    key = await promised(bot)
    async with at_desk(bot) as zhou, at_desk(bot, name="小林") as lin:
        assert (await called(zhou, key, "settled", "  ")).status_code == 422
        assert (await called(zhou, key, "whatever")).status_code == 422
        await lin.post(f"/desk/conversations/{key}/claim")
        assert (await called(zhou, key, "settled")).status_code == 409
        assert await listed(zhou) == [key]


async def test_giving_back_to_the_bot_does_not_lose_the_promise_and_a_new_request_keeps_it(bot: Bot) -> None:
    key = await promised(bot)
    async with at_desk(bot) as zhou:
        await zhou.post(f"/desk/conversations/{key}/claim")
        await zhou.post(f"/desk/conversations/{key}/release")
        assert await listed(zhou) == [key]
        await zhou.post(f"/desk/conversations/{key}/claim")
        assert (await listed(zhou), await count(zhou)) == ([key], 1)
        await zhou.post(f"/desk/conversations/{key}/reply", data={"text": "您好", "once": "o" * 12})
        assert await listed(zhou) == [], "an answer in the chat is what they waited for"


async def test_who_needs_nobody_any_more_is_not_called(bot: Bot) -> None:
    key = await promised(bot)
    async with bot.store.transaction() as uow:
        conversation = await uow.conversations.get(key)
        assert await overhear(uow, bot.clock.now(), conversation, Overheard("不用了，已经解决了")) is not None
    async with at_desk(bot) as zhou:
        assert await listed(zhou) == []
