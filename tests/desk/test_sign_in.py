"""Signing in: right and wrong, slowed when guessed, ended when idle; cookies that only the desk itself can use."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from bot.business.passwords import password_hash
from bot.messages.inbox import real_now
from bot.services.demo_agents import demo_password, fill_demo_agents
from bot.wiring import Bot
from tests.desk.desks import HASH, PASSWORD, agent_with, at_desk
from tests.running import client_of, running_bot, settings_for


@pytest.fixture
async def bot(database_url: str):  # type: ignore[no-untyped-def]
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


async def try_to_sign_in(bot: Bot, login: str, password: str, **more: str) -> httpx.Response:
    async with client_of(bot, headers={"X-Forwarded-Proto": "https"}) as client:
        return await client.post("/desk/sign-in", data={"login": login, "password": password, **more})


async def test_the_right_password_opens_the_desk(bot: Bot) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    answer = await try_to_sign_in(bot, "Adviser ", PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk"
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=lax", "secure", "path=/desk"))


@pytest.mark.parametrize(("login", "password"), [("adviser", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_password_and_an_unknown_name_read_the_same(bot: Bot, login: str, password: str) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    answer = await try_to_sign_in(bot, login, password)
    assert answer.status_code in (401, 422)
    assert "set-cookie" not in answer.headers
    if answer.status_code == 401:
        assert "登录名或密码不对" in answer.text


async def test_after_five_wrong_passwords_even_the_right_one_waits(bot: Bot) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    for _ in range(5):
        assert (await try_to_sign_in(bot, "adviser", "wrong")).status_code == 401
    answer = await try_to_sign_in(bot, "adviser", PASSWORD)
    assert answer.status_code == 429
    assert "15 分钟" in answer.text


async def test_nobody_is_led_to_another_site_after_signing_in(bot: Bot) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    for target in ("https://evil.example", "//evil.example", "/desk//evil.example", "/desk/\\evil"):
        answer = await try_to_sign_in(bot, "adviser", PASSWORD, next=target)
        assert answer.headers["location"] == "/desk"


async def test_an_idle_session_ends(bot: Bot) -> None:
    async with at_desk(bot) as client:
        assert (await client.get("/desk/queue")).status_code == 200
        async with bot.store.transaction() as uow:
            past = real_now() - timedelta(minutes=61)
            from bot.store.tables import agent_sessions

            await uow.connection.execute(agent_sessions.update().values(seen_at=past))
        assert (await client.get("/desk/queue")).status_code == 401
        client.headers.pop("HX-Request")
        assert (await client.get("/desk/queue")).headers["location"].startswith("/desk/sign-in?next=")


async def test_signing_out_ends_the_session_on_the_server(bot: Bot) -> None:
    async with at_desk(bot) as client:
        assert (await client.post("/desk/sign-out")).status_code == 303
        assert (await client.get("/desk/queue")).status_code == 401


async def test_agents_of_the_demo_stay_outside_a_real_dealership(bot: Bot) -> None:
    async with bot.store.transaction() as uow:
        await fill_demo_agents(uow, bot.clock.now(), HASH)
    assert (await try_to_sign_in(bot, "xiaozhou", PASSWORD)).status_code == 401


async def test_the_demos_password_is_hashed_once_and_anew_only_for_another_secret_key(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def hash_and_count(password: str) -> str:
        made.append(password)
        return password_hash(password)

    monkeypatch.setattr("bot.wiring.password_hash", hash_and_count)
    for key in ("k" * 40, "k" * 40, "l" * 40):
        async with running_bot(settings_for(database_url, BOT_SECRET_KEY=key)) as running:
            assert (await try_to_sign_in(running, "xiaozhou", demo_password(key))).status_code == 303
    assert made == [demo_password("k" * 40), demo_password("l" * 40)]
