"""Guessing is slowed however it is done, sessions are new and end everywhere, and logs hold nothing secret."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.business.sign_in_tries import TRIES_OF_A_LOGIN, TRIES_OF_AN_ADDRESS
from bot.desk.changes import STAFF
from bot.serving import server_config
from bot.settings import UnusableSetting
from bot.wiring import Bot
from tests.desk.desks import PASSWORD, agent_with, at_desk, session_for
from tests.desk.walk import walker
from tests.messages.fakes import EchoEngine
from tests.running import client_of, running_bot, served_bot, settings_for


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url, BOT_DEMO="0")) as running:
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords compared without the slow hash: only the counting is looked at."""
    monkeypatch.setattr("bot.desk.sign_in.is_password", lambda _, given: given == PASSWORD)


async def sign_in(client: httpx.AsyncClient, login: str, password: str, **headers: str) -> int:
    tried = {"login": login, "password": password}
    return (await client.post("/desk/sign-in", data=tried, headers=headers)).status_code


@pytest.mark.parametrize("login", ["adviser", "nobody"])
@pytest.mark.usefixtures("quick")
async def test_guesses_at_the_same_moment_count_like_one_after_the_other(bot: Bot, login: str) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    async with client_of(bot) as client:
        answers = await asyncio.gather(*(sign_in(client, login, f"guess-{number}") for number in range(20)))
        assert answers.count(401) == TRIES_OF_A_LOGIN
        assert set(answers) == {401, 429}
        assert await sign_in(client, login.upper() + " ", PASSWORD) == 429


@pytest.mark.usefixtures("quick")
async def test_one_address_guesses_at_many_names_only_so_often_and_others_still_get_in(bot: Bot) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    app = server_config(bot)
    app.load()

    def at(address: str, **more: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app.loaded_app, client=("127.0.0.1", 1))
        return httpx.AsyncClient(
            transport=transport, base_url="http://bot", headers={"X-Forwarded-For": address, **more}
        )

    async with at("203.0.113.9") as guesser, at("203.0.113.10") as agent, at("1.2.3.4, 203.0.113.9") as liar:
        for number in range(TRIES_OF_AN_ADDRESS):
            assert await sign_in(guesser, f"name{number}", "x") == 401
        assert await sign_in(guesser, "adviser", PASSWORD) == 429
        assert await sign_in(liar, "adviser", PASSWORD) == 429
        assert await sign_in(agent, "adviser", PASSWORD) == 303


@pytest.mark.usefixtures("quick")
async def test_who_is_no_proxy_of_ours_is_not_believed_and_a_household_has_one_count(bot: Bot) -> None:
    app = server_config(bot)
    app.load()
    for number in range(TRIES_OF_AN_ADDRESS + 1):
        stranger = httpx.ASGITransport(app.loaded_app, client=(f"2001:db8::{number:x}", 1))
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        async with httpx.AsyncClient(transport=stranger, base_url="http://bot", headers=headers) as client:
            assert await sign_in(client, f"n{number}", "x") == (401 if number < TRIES_OF_AN_ADDRESS else 429)


def test_proxies_are_addresses_or_networks() -> None:
    assert settings_for("sqlite:///x").proxies == ("127.0.0.1", "::1")
    assert settings_for("sqlite:///x", BOT_PROXIES="172.16.0.0/12, ::1").proxies == ("172.16.0.0/12", "::1")
    for wrong in ("*", "proxy", "10.0.0.1/8"):
        with pytest.raises(UnusableSetting, match="BOT_PROXIES should be addresses"):
            settings_for("sqlite:///x", BOT_PROXIES=wrong)


async def test_a_session_given_beforehand_is_not_taken_over(bot: Bot) -> None:
    agent = await agent_with(bot.store, bot.clock.now(), "adviser")
    old, _ = await session_for(bot.store, bot.clock.now(), agent)
    for planted in ("planted-by-somebody", old):
        async with client_of(bot, cookies={"desk": planted}) as client:
            answer = await client.post("/desk/sign-in", data={"login": "adviser", "password": PASSWORD})
            fresh = answer.cookies["desk"]
        assert fresh not in ("planted-by-somebody", old)
        assert len(fresh) >= 40
    async with client_of(bot, cookies={"desk": "planted-by-somebody"}) as client:
        assert (await client.get("/desk/queue")).status_code == 303


def test_deactivation_and_another_role_reach_open_streams_at_once(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The stream ends when the agent may no longer be there, though news come all the time."""

    async def story(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=20) as agent, httpx.AsyncClient(base_url=url) as chief:
            await agent.post("/desk/sign-in", data={"login": "xiaozhou", "password": password})
            await chief.post("/desk/sign-in", data={"login": "admin", "password": password})
            page = (await chief.get("/desk/staff")).text
            csrf = page.split('"X-CSRF-Token": "')[1].split('"')[0]
            key = next(line for line in page.splitlines() if "小周" in line).split("/desk/staff/")[1].split('"')[0]
            async with agent.stream("GET", "/desk/events") as stream:
                lines = stream.aiter_lines()
                assert (await lines.__anext__()).startswith("retry")
                answer = await chief.post(f"/desk/staff/{key}/deactivate", data={"csrf": csrf})
                assert answer.status_code == 303
                rest = [line async for line in lines]
                assert not any(line.startswith("data:") for line in rest)
            assert (await agent.get("/desk/queue")).status_code == 303

    from bot.services.demo_agents import demo_password

    settings = settings_for(f"sqlite:///{tmp_path}/bot.db")
    password = demo_password(settings.secret_key)
    with served_bot(settings, EchoEngine()) as served:
        asyncio.run(asyncio.wait_for(story(served.url), 30))
    assert STAFF == "staff"


async def test_logs_hold_no_password_token_phone_or_word(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    secrets = ["secret-password-1", "13800138000", "粤B8K321", "my-private-words"]
    async with client_of(bot) as client:
        await sign_in(client, secrets[1], secrets[0])
    for role in ("manager", "administrator"):
        async with walker(bot, role) as agent:
            for step in agent.steps:
                if step.path not in ("/sign-out", "/profile/password"):
                    given = {name: secrets[number % 4] for number, name in enumerate(step.fields)}
                    await agent.go(step, data=given) if step.method == "POST" else await agent.go(step)
            secrets += [agent.csrf, agent.client.cookies["desk"]]
    written = "\n".join(caplog.text.splitlines())
    assert not [each for each in secrets if each in written]


async def test_cookies_are_marked_secure_only_behind_tls(bot: Bot) -> None:
    await agent_with(bot.store, bot.clock.now(), "adviser")
    for scheme, secure in (("http", False), ("https", True)):
        async with client_of(bot, headers={"X-Forwarded-Proto": scheme}) as client:
            answer = await client.post("/desk/sign-in", data={"login": "adviser", "password": PASSWORD})
        words = answer.headers["set-cookie"].lower()
        assert ("secure" in words) is secure
        assert "httponly" in words
        assert "samesite=lax" in words


async def test_signing_out_in_one_browser_leaves_the_other_but_not_the_copied_cookie(bot: Bot) -> None:
    async with at_desk(bot) as first, at_desk(bot) as second:
        copied = dict(first.cookies)
        await first.post("/desk/sign-out")
        assert (await second.get("/desk/queue")).status_code == 200
        async with client_of(bot, cookies=copied) as thief:
            assert (await thief.get("/desk/queue")).status_code == 303
