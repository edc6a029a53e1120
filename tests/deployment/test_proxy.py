"""The proxy as it is deployed: what the world reaches, both copies at work, one copy gone."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.deployment.proxies import CADDYFILE, Copy, caddy, program, run

OPEN = ["/", "/chat/messages", "/chat/events?after=3", "/webchat/chat.js", "/desk", "/desk/login", "/channels/wechat"]
OPEN += ["/channels/telegram"]
SHUT = ["/api/v1/appointments", "/api", "/metrics", "/health/ready", "/health/live", "/docs", "/openapi.json"]
SHUT += ["/webhooks/rest/webhook", "/deskside", "/chat", "/index.html", "/.env", "/chatting/x", "//metrics"]
ROUNDABOUT = ["/chat/../metrics", "/chat/%2e%2e/metrics", "/channels/..%2fapi/v1/appointments", "/desk/./../metrics"]


@pytest.fixture
def copies() -> Iterator[list[Copy]]:
    """Two copies of the bot."""
    both = [Copy("one"), Copy("two")]
    yield both
    for copy in both:
        copy.stop()


@pytest.fixture
def proxy(tmp_path: Path, copies: list[Copy]) -> Iterator[httpx.Client]:
    """A client of the proxy before them."""
    with caddy(tmp_path, *(copy.address for copy in copies)) as (address, _), httpx.Client(base_url=address) as client:
        yield client


def raw(client: httpx.Client, path: str) -> int:
    """The status of a path that is sent exactly as it is written."""
    url = client.base_url.copy_with(raw_path=path.encode())
    return client.send(httpx.Request("GET", url)).status_code


def who(client: httpx.Client, times: int, path: str = "/") -> list[str]:
    return [str(client.get(path).raise_for_status().json()["copy"]) for _ in range(times)]


def test_the_world_reaches_channels_desk_and_web_chat_and_nothing_else(proxy: httpx.Client) -> None:
    assert {path: raw(proxy, path) for path in OPEN} == dict.fromkeys(OPEN, 200)
    shut = SHUT + ROUNDABOUT
    assert {path: raw(proxy, path) for path in shut} == dict.fromkeys(shut, 404)


def test_both_copies_get_their_share(proxy: httpx.Client) -> None:
    answered = who(proxy, 20)
    assert {name: answered.count(name) for name in ("one", "two")} == {"one": 10, "two": 10}


def test_the_death_of_a_copy_is_survived_and_its_return_noticed(proxy: httpx.Client, copies: list[Copy]) -> None:
    copies[0].stop()
    within(10, lambda: [posted(proxy) for _ in range(6)] == ["two"] * 6)
    assert [posted(proxy) for _ in range(20)] == ["two"] * 20
    copies[0] = Copy("one", copies[0].port)
    within(10, lambda: {posted(proxy), posted(proxy)} == {"one", "two"})


def posted(client: httpx.Client) -> str:
    """Which copy took a push; what cannot be handed on is cut off, never answered wrongly."""
    try:
        return str(client.post("/channels/wechat", content=b"<xml/>").raise_for_status().json()["copy"])
    except httpx.RemoteProtocolError:
        return "cut off"


def within(seconds: float, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def test_a_copy_that_hangs_is_taken_out(proxy: httpx.Client, copies: list[Copy]) -> None:
    copies[1].silent = True
    time.sleep(3)  # the health check's limit and some
    began = time.monotonic()
    assert set(who(proxy, 10)) == {"one"}
    assert time.monotonic() - began < 2


def test_the_bot_learns_how_and_for_whom_it_was_asked(proxy: httpx.Client) -> None:
    lies = {"X-Forwarded-Proto": "gopher", "X-Forwarded-For": "10.9.8.7"}
    sent = proxy.get("/", headers={**lies, "X-Telegram-Bot-Api-Secret-Token": "s3cret"}).json()["headers"]
    heard = {name.lower(): value for name, value in sent.items()}
    assert heard["x-forwarded-proto"] == "http"
    assert heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["host"] == f"{proxy.base_url.host}:{proxy.base_url.port}"
    assert heard["x-telegram-bot-api-secret-token"] == "s3cret"


def test_events_come_through_while_the_answer_goes_on(proxy: httpx.Client) -> None:
    began = time.monotonic()
    with proxy.stream("GET", "/chat/events") as answer:
        first = next(answer.iter_lines())
        assert (first, time.monotonic() - began < 4) == ("data: first", True)


def test_a_body_beyond_the_limit_is_refused_and_harms_nobody_else(proxy: httpx.Client) -> None:
    assert proxy.post("/channels/wechat", content=b"x" * 900_000).json()["bytes"] == 900_000
    for _ in range(4):
        with contextlib.suppress(httpx.RemoteProtocolError):
            assert proxy.post("/channels/wechat", content=b"x" * 1_200_000).status_code >= 400
        assert proxy.post("/chat/messages", content=b"x" * 1_200_000).status_code >= 400
        assert set(who(proxy, 2)) == {"one", "two"}


def test_over_tls_the_bot_is_told_so_and_plain_http_is_sent_there(tmp_path: Path, copies: list[Copy]) -> None:
    with caddy(tmp_path, copies[0].address, host="https://localhost", tls="tls internal") as (address, _):
        answer = httpx.get(f"{address}/", verify=False)
        assert answer.json()["headers"]["X-Forwarded-Proto"] == "https"
        assert "alt-svc" not in answer.headers
        assert httpx.get(f"{address}/metrics", verify=False).status_code == 404


def test_a_certificate_of_ones_own_is_used(tmp_path: Path, copies: list[Copy]) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    assert run(*made, *names).returncode == 0
    with caddy(tmp_path, copies[0].address, host="https://localhost", tls=f"tls {certificate} {key}") as (address, _):
        trusted = ssl.create_default_context(cafile=str(certificate))
        assert httpx.get(f"{address}/", verify=trusted).json()["copy"] == "one"


def test_the_log_keeps_no_signature_and_no_secret(tmp_path: Path) -> None:
    gone = Copy("gone")
    gone.stop()
    with caddy(tmp_path, gone.address) as (address, log):
        headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret-of-telegram"}
        assert httpx.get(f"{address}/chat/x?signature=5igned", headers=headers, timeout=20).status_code >= 500
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{address}/channels/wechat?signature=5igned", headers=headers, timeout=20)
    words = log.read_text()
    assert "connection refused" in words
    assert "s3cret-of-telegram" not in words
    assert "5igned" not in words


def test_caddy_itself_finds_the_file_valid_and_well_formed() -> None:
    environ = {"BOT_PUBLIC_HOST": "bot.example.cn", "BOT_COPIES": "127.0.0.1:8080 127.0.0.1:8081"}
    checked = run(program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(CADDYFILE), **environ)
    assert checked.returncode == 0, checked.stderr
    assert "not formatted" not in checked.stderr


def test_without_a_public_name_the_proxy_does_not_start() -> None:
    checked = run(program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(CADDYFILE), BOT_COPIES="b:1")
    assert checked.returncode != 0
