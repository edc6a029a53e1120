"""The examples for a machine without containers: nginx in front, systemd around."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.processes import Server, free_port
from tests.deployment.proxies import Copy, program
from tests.deployment.test_proxy import OPEN, ROUNDABOUT, SHUT, copies, posted, raw, who, within
from tests.known_settings import ROOT

__all__ = ["copies"]
_AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; user {user};
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/bot.conf;
}}
"""


@pytest.fixture
def nginx(tmp_path: Path, copies: list[Copy]) -> Iterator[httpx.Client]:
    """A real nginx with deploy/nginx.conf; only addresses, ports and the certificate's place are other ones."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bot.dealer.cn"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    plain, tls = free_port(), free_port()
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    servers = "\n".join(f"    server {copy.address} max_fails=1 fail_timeout=3s;" for copy in copies)
    for old, new in (
        ("    server 127.0.0.1:8080 max_fails=1 fail_timeout=3s;", servers),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl;"),
        ("/etc/nginx/certificate/fullchain.pem", str(certificate)),
        ("/etc/nginx/certificate/key.pem", str(key)),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "bot.conf").write_text(text, encoding="utf-8")
    around = _AROUND.format(folder=tmp_path, user=tmp_path.owner())
    (tmp_path / "nginx.conf").write_text(around, encoding="utf-8")
    command = [program("nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    server = Server(command, {}, tmp_path / "nginx.log")
    try:
        with httpx.Client(base_url=f"https://127.0.0.1:{tls}", verify=False) as client:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                try:
                    client.get("/unknown")
                    break
                except httpx.ConnectError:
                    assert server.is_running, server.last_words()
                    time.sleep(0.05)
            yield client
    finally:
        server.stop()


def test_nginx_opens_the_same_doors_as_caddy(nginx: httpx.Client) -> None:
    assert {path: raw(nginx, path) for path in OPEN} == dict.fromkeys(OPEN, 200)
    shut = [path for path in SHUT + ROUNDABOUT if path != "/chat"]  # nginx sends that one to /chat/ by itself
    assert {path: raw(nginx, path) for path in shut} == dict.fromkeys(shut, 404)


def test_behind_nginx_the_bot_learns_of_tls_and_events_come_at_once(nginx: httpx.Client) -> None:
    sent = nginx.get("/", headers={"X-Forwarded-Proto": "gopher", "X-Forwarded-For": "10.9.8.7"}).json()["headers"]
    assert (sent["X-Forwarded-Proto"], sent["X-Forwarded-For"]) == ("https", "127.0.0.1")
    began = time.monotonic()
    with nginx.stream("GET", "/chat/events") as answer:
        assert next(answer.iter_lines()) == "data: first"
    assert time.monotonic() - began < 4


def test_nginx_hands_a_push_to_the_copy_that_lives(nginx: httpx.Client, copies: list[Copy]) -> None:
    assert sorted(who(nginx, 10)) == ["one"] * 5 + ["two"] * 5
    copies[0].stop()
    assert [posted(nginx) for _ in range(10)] == ["two"] * 10
    copies[0] = Copy("one", copies[0].port)
    within(8, lambda: {posted(nginx), posted(nginx)} == {"one", "two"})


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("this machine has no systemd")
    text = (ROOT / "deploy/systemd/dealer-bot.service").read_text(encoding="utf-8")
    user = tmp_path.owner()
    here = text.replace("User=dealerbot", f"User={user}").replace("/opt/dealer-bot/.venv/bin/python", "/bin/true")
    (tmp_path / "dealer-bot.service").write_text(here.replace("/opt/dealer-bot", str(tmp_path)), encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "dealer-bot.service")], capture_output=True, text=True, check=False
    )
    assert "dealer-bot.service" not in checked.stderr, checked.stderr
    assert checked.returncode == 0
    assert re.search(r"^ExecStart=/opt/dealer-bot/\.venv/bin/python -m bot serve$", text, re.M)
