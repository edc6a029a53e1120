"""The services of docker-compose.yml as processes of this machine: its commands, its environment, other addresses."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.processes import Server, free_port, wait_until
from tests.deployment.compose_file import GIVEN, environment, service
from tests.known_settings import ROOT

CLOCK = "2026-11-20T09:00:00+08:00"
COPIES = ("bot-1", "bot-2")
_QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
_LISTENING = {"actions": 5055, "rasa": 5005, "bot-1": 8080, "bot-2": 8080}


class Topology:
    """All services of ours; where a service's name stands for its address, the address here is put instead."""

    def __init__(self, folder: Path, database_url: str, model: Path) -> None:
        self._folder = folder
        self._database_url = database_url
        self._ports = {name: free_port() for name in _LISTENING}
        self._servers: dict[str, Server] = {}
        (folder / "models").mkdir()
        shutil.copy(model, folder / "models")
        endpoints = (ROOT / "deploy" / "endpoints.yml").read_text(encoding="utf-8")
        (folder / "endpoints.yml").write_text(self._here(endpoints), encoding="utf-8")

    def url(self, name: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def start(self, *names: str) -> None:
        """Start these at once and wait until those that serve an address are healthy, as Compose does."""
        for name in names:
            log = self._folder / f"{name}-{len(list(self._folder.glob('*.log')))}.log"
            self._servers[name] = Server(self.command(name), self.environment(name), log)
        for name in names:
            if name in self._ports:
                wait_until(lambda name=name: self.is_healthy(name), self._servers[name])  # type: ignore[misc]

    def kill(self, name: str) -> None:
        """As kill -9 does it."""
        self._servers.pop(name).kill()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """While this lasts the service does nothing at all, and neither fails nor answers."""
        self._servers[name].signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._servers[name].signal(signal.SIGCONT)

    def stop(self, *names: str) -> None:
        """As Compose stops a service."""
        for name in names or tuple(self._servers):
            self._servers.pop(name).stop()

    def running(self) -> set[str]:
        """The services that have not ended."""
        return {name for name, server in self._servers.items() if server.is_running}

    def log(self, name: str) -> str:
        """What the service wrote last."""
        return self._servers[name].last_words()

    def is_healthy(self, name: str) -> bool:
        """The health check of the compose file, asked from here."""
        address = str(service(name)["healthcheck"]["test"][-1])
        path = httpx.URL(address).path
        try:
            return httpx.get(self.url(name) + path, timeout=4).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def command(self, name: str) -> list[str]:
        """The command of the compose file with programs, folder of models and ports of this machine."""
        words = [str(word) for word in service(name)["command"]]
        python = Path(sys.executable)
        here = {
            "python": str(python),
            "rasa": str(python.with_name("rasa")),
            "models": str(self._folder / "models"),
            "deploy/endpoints.yml": str(self._folder / "endpoints.yml"),
            "0.0.0.0": "127.0.0.1",
            **{str(_LISTENING[each]): str(port) for each, port in self._ports.items() if each == name},
        }
        return [here.get(words[0], words[0]), *(here.get(word, word) for word in words[1:])]

    def environment(self, name: str) -> dict[str, str]:
        """The environment of the compose file with the addresses of this machine, and the demo at a fixed time."""
        given = environment(name, {**GIVEN, "BOT_DEMO": "1"})
        found = {key: self._here(value) for key, value in given.items()} | {"BOT_CLOCK": CLOCK, **_QUIET}
        found["BOT_DATABASE_URL"] = self._database_url
        if "BOT_HOST" in found:
            found |= {"BOT_HOST": "127.0.0.1", "BOT_PORT": str(self._ports[name])}
            found["BOT_SPOOL_DIR"] = str(self._folder / name / "spool")
        return {**{key: "" for key in os.environ if key.startswith(("BOT_", "TELEGRAM_", "WECHAT_"))}, **found}

    def _here(self, text: str) -> str:
        for name, port in self._ports.items():
            text = text.replace(f"http://{name}:{_LISTENING[name]}", f"http://127.0.0.1:{port}")
        return text
