"""The page of replies ready to send: all read, who may keeps the dealer's own, nothing written there runs."""

from __future__ import annotations

import pytest

from bot.services.canned import BUILT_IN, ready_replies
from bot.wiring import Bot
from tests.desk.desks import agent_with, at_desk, session_for
from tests.running import client_of, running_bot, settings_for

EVIL = "<script>alert('x')</script>"


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def own_titles(bot: Bot) -> list[str]:
    async with bot.store.reading() as uow:
        return [each.title for each in await uow.canned_replies.all()]


@pytest.mark.parametrize(
    ("role", "status"), [("adviser", 403), ("supervisor", 200), ("manager", 200), ("administrator", 200)]
)
async def test_all_read_and_only_who_may_changes(bot: Bot, role: str, status: int) -> None:
    async with at_desk(bot, role) as client:
        page = await client.get("/desk/canned")
        assert page.status_code == 200
        assert all(title in page.text for title in BUILT_IN.values())
        assert ("新增一句" in page.text) is (status == 200)
        added = await client.post("/desk/canned", data={"title": "停车指引", "text": "{称呼}，请从东门进。"})
        assert added.status_code == status
    assert await own_titles(bot) == (["停车指引"] if status == 200 else [])


async def test_one_is_added_changed_and_removed(bot: Bot) -> None:
    async with at_desk(bot, "supervisor") as client:
        await client.post("/desk/canned", data={"title": "停车指引", "text": "{称呼}，请从东门进。"})
        async with bot.store.reading() as uow:
            key = (await uow.canned_replies.all())[0].id
        shown = (await client.post(f"/desk/canned/{key}", data={"title": "停车", "text": "{车牌}请停{楼层}"})).text
        assert "【车牌】请停【楼层】" in shown
        assert (await client.post("/desk/canned", data={"title": "停车", "text": "再来一句"})).status_code == 422
        assert (await client.post(f"/desk/canned/{key}/remove")).status_code == 200
        for path in (f"{key}", f"{key}/remove"):
            answer = await client.post(f"/desk/canned/{path}", data={"title": "停车", "text": "您好"})
            assert answer.status_code == 404
    assert await own_titles(bot) == []


async def test_strangers_and_forged_forms_are_refused(bot: Bot) -> None:
    agent = await agent_with(bot.store, bot.clock.now(), "supervisor")
    token, _ = await session_for(bot.store, bot.clock.now(), agent)
    form = {"title": "停车指引", "text": "您好", "csrf": "guessed"}
    async with client_of(bot) as stranger, client_of(bot, cookies={"desk": token}) as forger:
        assert (await stranger.get("/desk/canned")).status_code == 303
        assert (await stranger.post("/desk/canned", data=form)).status_code in (303, 403)
        assert (await forger.post("/desk/canned", data=form)).status_code == 403
    assert await own_titles(bot) == []


async def test_scripts_and_braces_in_replies_are_harmless(bot: Bot) -> None:
    async with at_desk(bot, "supervisor") as client:
        await client.post("/desk/canned", data={"title": "坏话", "text": f"{EVIL}{{agent.password_hash}} {{0}} {{"})
        page = (await client.get("/desk/canned")).text
    async with bot.store.reading() as uow:
        ready = (await ready_replies(uow, bot.context.phrase, {"agent": "小周"}))[-1]
    assert "<script>alert" not in page
    assert ready.text == f"{EVIL}【agent.password_hash】 【0】 （"
