"""Servers under measurement: started on free ports, waited for, weighed, and stopped by their own process id."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
_START_SECONDS = 240.0


class Server:
    """One process with its children."""

    def __init__(self, command: list[str], environ: dict[str, str], log: Path) -> None:
        self._log: IO[bytes] = log.open("wb")
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process itself."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def resident_mb(self) -> float:
        """Resident memory of the process and its children, in MB."""
        return sum(_resident_kb(pid) for pid in _tree(self._process.pid)) / 1024

    def last_words(self) -> str:
        """The end of the log."""
        return Path(self._log.name).read_text(errors="replace")[-2000:]

    def kill(self) -> None:
        """Ends the process and its children at once, as kill -9 does."""
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def stop(self) -> None:
        """Ends the process and its children."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._log.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], *servers: Server) -> None:
    """Returns when `ready` is true; raises when a server ends or it takes four minutes."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if not all(server.is_running for server in servers):
            raise RuntimeError(
                "a server ended while starting:\n" + "\n".join(server.last_words() for server in servers)
            )
        with contextlib.suppress(OSError):
            if ready():
                return
        time.sleep(0.1)
    raise TimeoutError("a server did not get ready")


@contextlib.contextmanager
def our_bot(
    folder: Path,
    database_url: str,
    clock: str,
    model_url: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[tuple[Server, int]]:
    """Our whole bot on a port of its own; `model_url`: a Rasa server instead of the embedded engine."""
    port = free_port()
    environ = our_environment(database_url, clock) | {"BOT_PORT": str(port), "BOT_RASA_URL": model_url or ""}
    environ |= more or {}
    server = Server([sys.executable, "-m", *_serving()], environ, folder / f"bot-{port}.log")
    try:
        yield server, port
    finally:
        server.stop()


def _serving() -> tuple[str, ...]:
    """The project's own bot, or one with the model that BOT_TEST_MODEL names."""
    return ("tests.durability.serve_model",) if os.environ.get("BOT_TEST_MODEL") else ("bot", "serve")


@contextlib.contextmanager
def stock_rasa(
    folder: Path,
    model: Path,
    database_url: str,
    clock: str,
    tracker_store: str | None = None,
    actions: str = "actions",
) -> Iterator[tuple[list[Server], int]]:
    """Stock `rasa run` and `rasa run actions` on ports of their own; trackers in memory unless a store is named."""
    port, actions_port = free_port(), free_port()
    endpoints = folder / "endpoints.yml"
    store = f"tracker_store:\n  type: {tracker_store}\n" if tracker_store else ""
    endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n{store}")
    environ = our_environment(database_url, clock) | {"SANIC_HOST": "127.0.0.1"}
    rasa = [str(Path(sys.executable).with_name("rasa")), "run"]
    options = ["--model", str(model), "--endpoints", str(endpoints), "--credentials", str(ROOT / "credentials.yml")]
    servers = [
        Server([*rasa, "actions", "--actions", actions, "--port", str(actions_port)], environ, folder / "actions.log")
    ]
    try:
        where = ["--enable-api", "-i", "127.0.0.1", "--port", str(port)]
        servers.append(Server([*rasa, *options, *where], environ, folder / "rasa.log"))
        yield servers, port
    finally:
        for server in servers:
            server.stop()


def our_environment(database_url: str, clock: str) -> dict[str, str]:
    """Settings of a bot, or of its actions, on a demo database."""
    return {
        "BOT_DATABASE_URL": database_url,
        "BOT_CLOCK": clock,
        "BOT_DEMO": "1",
        "BOT_API_TOKEN": "bench",
        "BOT_SECRET_KEY": "bench",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        below = [int(child) for child in children.read_text().split()]
    except OSError:
        below = []
    return [pid, *(each for child in below for each in _tree(child))]


def _resident_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
