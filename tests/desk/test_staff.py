"""The administrator's page of people and everybody's own settings."""

from __future__ import annotations

import httpx
import pytest

from bot.store.tables import agents
from bot.wiring import Bot
from tests.desk.desks import PASSWORD, agent_with, at_desk, session_for
from tests.running import client_of, running_bot, settings_for

EVIL = "<script>x</script>"
NEW = {"login": "xiaofang", "name": EVIL, "role": "adviser", "team": "前台", "password": "long-enough-1"}


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def signs_in(bot: Bot, login: str, password: str) -> bool:
    async with client_of(bot) as client:
        answer = await client.post("/desk/sign-in", data={"login": login, "password": password})
    return answer.status_code == 303


@pytest.mark.parametrize("role", ["adviser", "supervisor", "manager"])
async def test_only_administrators_see_and_change_people(bot: Bot, role: str) -> None:
    agent = await agent_with(bot.store, bot.clock.now(), "adviser")
    async with at_desk(bot, role) as client:
        assert (await client.get("/desk/staff")).status_code == 403
        assert (await client.get(f"/desk/staff/{agent.id}")).status_code == 403
        assert (await client.post("/desk/staff", data=NEW)).status_code == 403
        for act in ("", "/password", "/deactivate", "/activate", "/unlock"):
            assert (await client.post(f"/desk/staff/{agent.id}{act}", data=NEW)).status_code == 403


async def test_nothing_changes_without_the_pages_word(bot: Bot) -> None:
    agent = await agent_with(bot.store, bot.clock.now(), "adviser")
    async with at_desk(bot, "administrator") as client:
        client.headers.pop("X-CSRF-Token")
        for place in (
            f"staff/{agent.id}/deactivate",
            "staff",
            "profile/password",
            "profile/language",
            "profile/available",
        ):
            assert (await client.post(f"/desk/{place}", data=NEW)).status_code == 403
    async with client_of(bot) as stranger:
        for place in ("staff", "profile", f"staff/{agent.id}"):
            assert (await stranger.get(f"/desk/{place}")).status_code == 303
    assert await signs_in(bot, "adviser", PASSWORD)


async def test_somebody_new_chooses_their_own_password_first(bot: Bot) -> None:
    async with at_desk(bot, "administrator") as client:
        answer = await client.post("/desk/staff", data=NEW)
        shown = (await client.get(answer.headers["location"])).text
    assert "首次登录时会要求改密码" in shown
    assert EVIL not in shown
    assert "&lt;script&gt;" in shown
    async with bot.store.reading() as uow:
        agent = await uow.agents.by_login("xiaofang")
    assert agent is not None
    token, csrf = await session_for(bot.store, bot.clock.now(), agent)
    async with client_of(bot, cookies={"desk": token}, headers={"X-CSRF-Token": csrf}) as client:
        assert (await client.get("/desk/queue")).headers["location"] == "/desk/profile"
        assert "请先改成自己的密码" in (await client.get("/desk/profile")).text
        own = {"old": NEW["password"], "new": "my-very-own-word", "again": "my-very-own-word"}
        assert (await client.post("/desk/profile/password", data=own)).status_code == 303
        assert (await client.get("/desk/queue")).status_code == 200
    assert not await signs_in(bot, "xiaofang", NEW["password"])
    assert await signs_in(bot, "xiaofang", "my-very-own-word")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"login": "a b"}, "登录名要 1 到 40 个字符"),
        ({"login": "administrator"}, "这个登录名已经有人用了"),
        ({"name": ""}, "姓名要 1 到 20 个字"),
        ({"role": "king"}, "请选择一个岗位"),
        ({"password": "short"}, "密码至少 10 个字符"),
        ({"password": "xiaofang-xiaofang"}, "密码至少 10 个字符"),
    ],
)
async def test_a_mistake_is_said_beside_the_form_and_what_was_typed_stays(
    bot: Bot, given: dict[str, str], words: str
) -> None:
    async with at_desk(bot, "administrator") as client:
        answer = await client.post("/desk/staff", data={**NEW, "team": "我的小组", **given})
    assert answer.status_code == 422
    assert words in answer.text
    assert "我的小组" in answer.text
    assert "long-enough-1" not in answer.text


async def test_an_agent_is_renamed_locked_out_let_in_and_sent_away(bot: Bot) -> None:
    agent = await agent_with(bot.store, bot.clock.now(), "adviser")
    for _ in range(5):
        assert not await signs_in(bot, "adviser", "wrong")
    async with at_desk(bot, "administrator") as client:

        async def act(place: str, **given: str) -> str:
            answer: httpx.Response = await client.post(f"/desk/staff/{agent.id}{place}", data=given)
            assert answer.status_code == 303, answer.text
            return (await client.get(answer.headers["location"])).text

        assert "已锁定" in (await client.get("/desk/staff")).text
        assert "已解锁" in await act("/unlock")
        assert await signs_in(bot, "adviser", PASSWORD)
        assert "周顾问" in await act("", name="周顾问", role="supervisor", team="")
        assert "已停用并退出登录" in await act("/deactivate")
        assert not await signs_in(bot, "adviser", PASSWORD)
        assert "已启用" in await act("/activate")
        assert "新密码已生效" in await act("/password", password="another-word-1")
        assert (await client.post(f"/desk/staff/{agent.id}/password", data={"password": "x"})).status_code == 422
        assert (await client.get("/desk/staff/999")).status_code == 404
        assert (await client.post("/desk/staff/999/unlock")).status_code == 404
    assert await signs_in(bot, "adviser", "another-word-1")


async def test_administrators_do_not_lock_themselves_out(bot: Bot) -> None:
    async with at_desk(bot, "administrator") as client:
        boss = await agent_with(bot.store, bot.clock.now(), "administrator")
        answer = await client.post(f"/desk/staff/{boss.id}/deactivate")
        assert "请另一位管理员来停用" in answer.text
        given = {"name": boss.name, "role": "adviser", "team": ""}
        answer = await client.post(f"/desk/staff/{boss.id}", data=given)
        assert "至少要有一位在用的系统管理员" in answer.text
        assert (await client.get("/desk/staff")).status_code == 200


async def test_everybody_sets_language_and_availability(bot: Bot) -> None:
    async with at_desk(bot, "adviser") as client:
        assert "暂时离开" in (await client.get("/desk/profile")).text
        await client.post("/desk/profile/available", data={"available": "no"})
        assert "回到岗位" in (await client.get("/desk/profile")).text
        await client.post("/desk/profile/language", data={"language": "en"})
        assert "Back at the desk" in (await client.get("/desk/profile?done=language")).text
        assert (await client.post("/desk/profile/language", data={"language": "xx"})).status_code == 422
    async with bot.store.reading() as uow:
        agent = await uow.agents.by_login("adviser")
    assert agent is not None
    assert (agent.language, agent.available) == ("en", False)


@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("wrong", "my-very-own-word", "my-very-own-word", "原密码不对"),
        (PASSWORD, "my-very-own-word", "other", "两次输入的新密码不一样"),
        (PASSWORD, "short", "short", "密码至少 10 个字符"),
    ],
)
async def test_a_password_is_changed_by_who_knows_it_only(bot: Bot, old: str, new: str, again: str, words: str) -> None:
    async with at_desk(bot, "adviser") as client:
        answer = await client.post("/desk/profile/password", data={"old": old, "new": new, "again": again})
    assert answer.status_code == 422
    assert words in answer.text
    assert await signs_in(bot, "adviser", PASSWORD)


async def test_guessing_ones_own_password_is_slowed_too(bot: Bot) -> None:
    given = {"new": "my-very-own-word", "again": "my-very-own-word"}
    async with at_desk(bot, "adviser") as client:
        for _ in range(5):
            await client.post("/desk/profile/password", data={"old": "wrong", **given})
        answer = await client.post("/desk/profile/password", data={"old": PASSWORD, **given})
    assert "请过 15 分钟再试" in answer.text


async def test_a_new_password_ends_the_sessions_of_other_devices(bot: Bot) -> None:
    given = {"old": PASSWORD, "new": "my-very-own-word", "again": "my-very-own-word"}
    async with at_desk(bot, "adviser") as here, at_desk(bot, "adviser") as elsewhere:
        assert (await here.post("/desk/profile/password", data=given)).status_code == 303
        assert (await here.get("/desk/profile")).status_code == 200
        assert (await elsewhere.get("/desk/profile")).status_code == 401
    async with bot.store.reading() as uow:
        kept = (await uow.connection.execute(agents.select())).mappings().one()
    assert "my-very-own-word" not in str(dict(kept))
