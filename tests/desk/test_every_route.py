"""Every route of the desk: refused without sign-in, without the page's word, and to roles that may not."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.api.app import create_app
from bot.business.staff import ROLES
from bot.wiring import Bot
from tests.desk.permissions import OUTSIDE, PERMISSIONS
from tests.desk.walk import STREAM, Step, everything, steps, walker
from tests.running import running_bot, settings_for

FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """One database is enough: what is refused here does not come so far."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    return f"sqlite:///{tmp_path}/bot.db"


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(database_url)) as running:
        yield running


def roles_of(step: Step) -> tuple[str, ...]:
    """Who may take this step."""
    return PERMISSIONS.get(step.name, ())


def is_refused(answer: httpx.Response) -> bool:
    """Whether the answer leads to the sign-in and nowhere else."""
    place = answer.headers.get("location", "") + answer.headers.get("hx-redirect", "")
    return answer.status_code in (303, 401) and place.startswith("/desk/sign-in?next=")


async def test_the_table_of_permissions_has_every_route_and_no_other(bot: Bot) -> None:
    assert {step.name for step in steps(create_app(bot.context))} == set(PERMISSIONS)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"Accept": "text/event-stream"}])
async def test_without_a_session_every_route_leads_to_the_sign_in(bot: Bot, headers: dict[str, str]) -> None:
    async with walker(bot, **headers) as nobody:
        before = await everything(bot)
        for cookie in ("", "desk=guessed", "desk=" + "x" * 5_000):
            for step in nobody.steps:
                if roles_of(step) == OUTSIDE:
                    continue
                answer = await nobody.go(step, data=_filled(step), headers={"Cookie": cookie})
                stops_asking = "Accept" in headers and answer.status_code == 204
                assert is_refused(answer) or stops_asking, f"{step.name}: {answer.status_code}"
                assert not answer.content
        assert await everything(bot) == before


@pytest.mark.parametrize("role", ROLES)
async def test_every_post_needs_the_word_of_the_page_and_our_own_origin(bot: Bot, role: str) -> None:
    async with walker(bot, role) as agent:
        before = await everything(bot)
        for step in agent.steps:
            if step.method in ("GET", "HEAD") or roles_of(step) == OUTSIDE:
                continue
            for word in ({"X-CSRF-Token": ""}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": "词".encode()}):
                answer = await agent.go(step, data=_filled(step), headers=word)
                assert answer.status_code == 403, f"{step.name}: {answer.status_code}"
            for origin in FOREIGN:
                answer = await agent.go(step, data={**_filled(step), "csrf": agent.csrf}, headers=origin)
                assert answer.status_code == 403, f"{step.name} {origin}: {answer.status_code}"
        assert await everything(bot) == before


async def test_the_sign_in_does_not_listen_to_other_sites(bot: Bot) -> None:
    async with walker(bot) as nobody:
        for origin in FOREIGN:
            tried = {"login": "admin", "password": "x"}
            assert (await nobody.ask("POST", "/desk/sign-in", data=tried, headers=origin)).status_code == 403


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_is_open_to_exactly_the_roles_of_the_table(bot: Bot, role: str) -> None:
    async with walker(bot, role) as agent:
        before = await everything(bot, "agent_sessions")
        for step in agent.steps:
            if step.path != "/sign-out" and role not in roles_of(step):
                answer = await agent.go(step, data=_filled(step))
                assert answer.status_code == 403, f"{step.name}: {answer.status_code}"
        assert await everything(bot, "agent_sessions") == before
        for step in sorted(agent.steps, key=lambda step: step.path == "/sign-out"):
            if role in roles_of(step):
                answer = await agent.go(step)
                assert answer.status_code not in (401, 403), f"{step.name}: {answer}"
                assert answer.status_code < 500, f"{step.name}: {answer}"


@pytest.mark.parametrize("role", ROLES)
async def test_what_there_is_not_is_said_on_a_page(bot: Bot, role: str) -> None:
    async with walker(bot, role) as agent:
        for step in agent.steps:
            if step.method == "GET" and step.places and role in roles_of(step):
                answer = await agent.go(step)
                assert answer.status_code == 404, f"{step.name}: {answer.status_code}"
                assert "<main" in answer.text, step.name
                assert "没有找到" in answer.text, step.name


async def test_other_methods_are_refused_everywhere(bot: Bot) -> None:
    async with walker(bot, "manager") as agent:
        before = await everything(bot, "agent_sessions")
        for path in sorted({step.path for step in agent.steps}):
            there = {step.method for step in agent.steps if step.path == path}
            for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
                answer = await agent.ask(method, Step(method, path).at())
                assert method in there or answer.status_code == 405, f"{method} {path}: {answer.status_code}"
        assert await everything(bot, "agent_sessions") == before


@pytest.mark.parametrize("role", [None, "adviser", "manager", "administrator"])
async def test_every_answer_says_what_browsers_may_do_and_keeps_nothing(bot: Bot, role: str | None) -> None:
    async with walker(bot, role) as somebody:
        for step in somebody.steps:
            if step.path != "/sign-out":
                await somebody.go(step, data=_filled(step))
        for path in ("", "/", "/nothing-here", "/static/desk.css", "/static/none.css", "/%00", "/sign-in?next=%00"):
            await somebody.ask("GET", f"/desk{path}")
        await somebody.ask("POST", "/desk/sign-in", content=b"x" * 1_200_000)
        for name, answer in somebody.seen:
            _check_headers(name, answer)


def _check_headers(name: str, answer: httpx.Response) -> None:
    headers = answer.headers
    policy = headers.get("content-security-policy", "")
    assert "default-src 'none'" in policy, name
    assert "unsafe-eval" not in policy, name
    assert not {"*", "http:", "https:"} & set(policy.replace(";", " ").split()), name
    assert "unsafe-inline" not in policy or (headers["content-type"] == "image/svg+xml" and "sandbox" in policy), name
    assert headers["x-frame-options"] == "DENY", name
    assert headers["x-content-type-options"] == "nosniff", name
    assert headers["referrer-policy"] == "same-origin", name
    if "/static/" not in name:
        assert "no-store" in headers.get("cache-control", ""), f"{name} {answer.status_code}"


async def test_a_crash_of_the_program_has_the_same_headers_and_tells_nothing(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the program")

    monkeypatch.setattr("bot.desk.canned.canned_replies", crash)
    async with walker(bot, "adviser") as agent:
        answer = await agent.ask("GET", "/desk/canned")
        assert answer.status_code == 500
        assert "a secret" not in answer.text
        assert "程序出了问题" in answer.text
        _check_headers("a crash", answer)


def _filled(step: Step) -> dict[str, str]:
    return dict.fromkeys(step.fields, "1") if step.method == "POST" and step.path != STREAM else {}
