"""Pages that say what went wrong speak the agent's language and lead back, also where no route was found."""

from __future__ import annotations

import pytest

from bot.desk.words import speaker
from bot.wiring import Bot
from tests.desk.desks import agent_with, session_for
from tests.running import client_of, running_bot, settings_for


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "nothing-here", 404, "没有找到这个页面或这条记录。"),
        ("GET", "customers/not-a-number", 404, "没有找到这个页面或这条记录。"),
        ("GET", "complaints/C-987654", 404, "没有找到这条记录，可能已被合并或删除。"),
        ("GET", "staff", 403, "您的岗位没有这项权限，如有需要请联系主管。"),
        ("POST", "complaints/new", 403, "页面已过期，请刷新后再试。您写的内容还在。"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_went_wrong_is_said_in_the_agents_language(
    bot: Bot, language: str, method: str, path: str, status: int, said: str
) -> None:
    agent = await agent_with(bot.store, bot.clock.now(), "adviser")
    async with bot.store.transaction() as uow:
        await uow.agents.change(agent.id, bot.clock.now(), language=language)
    token, _ = await session_for(bot.store, bot.clock.now(), agent)
    async with client_of(bot, cookies={"desk": token}) as client:
        answer = await client.request(method, f"/desk/{path}")
    assert (answer.status_code, speaker(language)(said) in answer.text) == (status, True)
    if method == "GET":
        assert speaker(language)("客户|many") in answer.text
    assert "客户|many" not in answer.text


def test_one_word_may_be_several_in_english() -> None:
    chinese, english = speaker("zh"), speaker("en")
    assert [chinese("客户|many"), english("客户|many"), english("客户")] == ["客户", "Customers", "Customer"]
    assert [chinese("投诉|one"), english("投诉|one"), english("投诉")] == ["投诉", "Complaint", "Complaints"]
