"""Copies of the bot as real processes: started, killed at any moment, started again at the same address."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import free_port, our_environment
from tests.known_settings import ROOT
from tests.platforms import telegram_api
from tests.platforms.wechat_account import Account
from tests.platforms.wechat_api import SECRET

CLOCK = "2026-11-20T10:00:00+08:00"  # a Friday
_START_SECONDS = 180.0


def bot_environment(database_url: str, folder: Path, wechat: str, telegram: str, **more: str) -> dict[str, str]:
    """The settings of a bot between both fakes: WeChat in safe mode, Telegram by polling."""
    account = Account()
    return {
        **our_environment(database_url, CLOCK),
        "BOT_RASA_URL": "",
        "BOT_SPOOL_DIR": str(folder / "spool"),
        "TELEGRAM_BOT_TOKEN": telegram_api.TOKEN,
        "TELEGRAM_API_BASE_URL": telegram,
        "WECHAT_APP_ID": account.app_id,
        "WECHAT_APP_SECRET": SECRET,
        "WECHAT_TOKEN": account.token,
        "WECHAT_AES_KEY": account.aes_key,
        "WECHAT_MODE": account.mode,
        "WECHAT_API_BASE_URL": wechat,
        **more,
    }


@dataclass(frozen=True)
class Killed:
    """A kill -9; `at` is time.monotonic(), `ready` whether the copy had begun to serve."""

    copy: str
    at: float
    ready: bool


@dataclass
class Copy:
    """One copy of the bot; `killed` tells of all its deaths."""

    name: str
    folder: Path
    environ: dict[str, str]
    port: int = field(default_factory=free_port)
    killed: list[Killed] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    _process: asyncio.subprocess.Process | None = None
    _log: Path | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Begin; `ready` tells when it serves."""
        self._log = self.folder / f"{self.name}-{len(self.starts)}.log"
        self.starts.append(time.monotonic())
        module = ["tests.durability.serve_model"] if os.environ.get("BOT_TEST_MODEL") else ["bot", "serve"]
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "ignore", "-m", *module),
                cwd=ROOT,
                env={**os.environ, **self.environ, "BOT_PORT": str(self.port)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_ready(self) -> bool:
        """Whether it has said that it serves."""
        return self._log is not None and b"ready: http" in self._log.read_bytes()

    async def ready(self) -> float:
        """Wait until it serves; seconds since it was started. Raises AssertionError with the end of its log."""
        began = self.starts[-1]
        while not self.is_ready():
            assert self.is_running, f"{self.name} has ended:\n{self.log()[-3000:]}"
            assert time.monotonic() < began + _START_SECONDS, f"{self.name} does not serve:\n{self.log()[-3000:]}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process of the bot itself, not of its dialogue."""
        assert self._process is not None
        return self._process.pid

    async def kill(self, chance: random.Random) -> Killed:
        """kill -9, half of the times only the bot's own process, else with its dialogue."""
        was_ready, at = self.is_ready(), time.monotonic()
        if chance.random() < 0.5:
            os.kill(self.pid, signal.SIGKILL)
        else:
            os.killpg(self.pid, signal.SIGKILL)
        assert self._process is not None
        await self._process.wait()
        self.killed.append(Killed(self.name, at, was_ready))
        return self.killed[-1]

    async def stop(self) -> None:
        """End it as an operator does."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 30)
        except asyncio.TimeoutError:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    def log(self) -> str:
        """All that it wrote since its last start."""
        return self._log.read_text(errors="replace") if self._log else ""

    def troubles(self) -> str:
        """The warnings and errors among it."""
        return "\n".join(line for line in self.log().splitlines() if " WARNING " in line or " ERROR " in line)

    def logs(self) -> str:
        """All that it ever wrote."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob(f"{self.name}-*.log")))
