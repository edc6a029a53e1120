"""A real Caddy with the repository's Caddyfile, and small servers that stand for the copies of the bot."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from bench.processes import Server, free_port
from tests.known_settings import ROOT

CADDYFILE = ROOT / "deploy" / "Caddyfile"


def program(name: str) -> str:
    """The program's path; without it the test fails and says what to do."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: run scripts/setup_tests.sh, or apt-get install {name}")
    return found


class Copy:
    """Stands for one copy of the bot: answers every path with who it is and what it was sent."""

    def __init__(self, name: str, port: int = 0) -> None:
        self.name = name
        self.silent = False
        self.connections: set[socket.socket] = set()
        self._server = _QuietServer(("127.0.0.1", port), _handler(self))
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """As when the process is killed: open connections end, new ones are refused."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke off is no news here."""


def _handler(copy: Copy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            copy.connections.add(self.connection)

        def finish(self) -> None:
            copy.connections.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def do_GET(self) -> None:
            if copy.silent:
                time.sleep(4)
            if self.path == "/chat/events":
                self._events()
                return
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            self._answer({"copy": copy.name, "path": self.path, "headers": dict(self.headers), "bytes": len(body)})

        do_POST = do_GET

        def _answer(self, said: dict[str, object]) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _events(self) -> None:
            """One event at once, then nothing for as long as the test looks."""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"data: first\n\n")
            self.wfile.flush()
            time.sleep(5)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return Handler


@contextmanager
def caddy(
    folder: Path, *copies: str, host: str = "http://127.0.0.1", tls: str = "", config: Path = CADDYFILE
) -> Iterator[tuple[str, Path]]:
    """A running proxy before these addresses: its own address and its log."""
    port, scheme = free_port(), host.split("://")[0]
    environ = {
        "BOT_PUBLIC_HOST": f"{host}:{port}" if scheme == "http" else host,
        "BOT_PUBLIC_TLS": tls,
        "BOT_COPIES": " ".join(copies),
        "BOT_PROXY_ADMIN": f"localhost:{free_port()}",
        "BOT_PROXY_HTTP_PORT": str(free_port()),
        "BOT_PROXY_HTTPS_PORT": str(port if scheme == "https" else free_port()),
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    log = folder / "caddy.log"
    server = Server([program("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)], environ, log)
    address = f"{host}:{port}"
    try:
        _wait(address, server)
        yield address, log
    finally:
        server.stop()


def _wait(address: str, server: Server) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.is_running:
        try:
            httpx.get(f"{address}/unknown", verify=False, timeout=2)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Caddy did not start:\n{server.last_words()}")


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command in the repository with nothing of our own settings in its environment but `environ`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "POSTGRES_", "WECHAT_"))}
    return subprocess.run(
        command, cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True, timeout=60, check=False
    )
