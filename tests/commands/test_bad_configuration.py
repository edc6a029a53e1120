"""Started with a configuration that cannot work: one plain sentence for each fault, and the rest goes on."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.commands.test_serve import READY, environment, refusal
from tests.doctor.surgery import AES_KEY
from tests.doctor.test_database import refusing_server
from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.wechat_api import APP_ID, SECRET
from tests.platforms.wechat_control import wechat_process

ACCOUNT = {"WECHAT_APP_ID": APP_ID, "WECHAT_APP_SECRET": SECRET, "WECHAT_TOKEN": "atokenfortests"}
REFUSED = "http://127.0.0.1:9"


class Started:
    """A serving bot and what it has logged."""

    def __init__(self, process: subprocess.Popen[str], log: Path, url: str) -> None:
        self.process, self._log, self.url = process, log, url

    def errors(self, count: int, seconds: float = 20.0) -> list[str]:
        """The sentences of its ERROR lines once there are so many; without those of the missing Rasa server."""
        deadline = time.monotonic() + seconds
        while True:
            text = self._log.read_text()
            assert "Traceback" not in text
            found = [
                line.partition(": ")[2] for line in text.splitlines() if " ERROR " in line and "turn failed" not in line
            ]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether customers of the other channels are answered."""
        sent = {"sender": "li", "message": "在吗"}
        said = httpx.post(f"{self.url}/webhooks/rest/webhook", json=sent, timeout=20)
        return bool(said.json()[0]["text"])


@contextmanager
def serving(folder: Path, **more: str) -> Iterator[Started]:
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=folder,
            env=environment(folder, **more),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert process.stdout is not None
            found = READY.match(process.stdout.readline().strip())
            assert found, log.read_text()
            yield Started(process, log, f"http://127.0.0.1:{found.group(1)}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in log.read_text()


def test_wrong_credentials_of_both_platforms_are_one_sentence_each_and_the_bot_serves(tmp_path: Path) -> None:
    with FakeTelegram() as telegram, wechat_process() as wechat:
        more = {
            "TELEGRAM_BOT_TOKEN": "123456:hidden-word",
            "TELEGRAM_API_BASE_URL": telegram.url,
            **ACCOUNT,
            "WECHAT_APP_SECRET": "hidden-word",
            "WECHAT_API_BASE_URL": wechat,
        }
        with serving(tmp_path, **more) as bot:
            found = bot.errors(2)
            assert bot.answers()
            time.sleep(1)
            assert bot.errors(2) == found
    assert len(found) == 2, found
    assert any("does not accept TELEGRAM_BOT_TOKEN" in each for each in found)
    assert any("(40125): check WECHAT_APP_SECRET" in each for each in found)
    assert "hidden-word" not in (tmp_path / "log").read_text()


def test_platforms_that_cannot_be_reached_are_one_sentence_each_and_the_bot_serves(tmp_path: Path) -> None:
    more = {"TELEGRAM_BOT_TOKEN": "123456:abc", "TELEGRAM_API_BASE_URL": REFUSED}
    with serving(tmp_path, **more, **ACCOUNT, WECHAT_API_BASE_URL=REFUSED) as bot:
        found = bot.errors(2)
        assert bot.answers()
    assert any(each.startswith("Telegram cannot be reached at http://127.0.0.1:9") for each in found), found
    assert any("WeChat" in each and "reached" in each for each in found), found
    assert len(found) == 2, found


def test_another_program_that_polls_is_said_plainly(tmp_path: Path) -> None:
    conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    with FakeTelegram() as telegram:
        telegram.fail(409, times=None, method="getUpdates", description=conflict)
        more = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_BASE_URL": telegram.url}
        with serving(tmp_path, **more) as bot:
            found = bot.errors(1)
            assert bot.answers()
    assert found == ["Another program polls this Telegram bot; stop it, or give this one its own bot."]


@pytest.mark.parametrize("command", ["serve", "worker", "chat"])
def test_key_of_the_wrong_length_stops_every_command_with_a_sentence(tmp_path: Path, command: str) -> None:
    env = environment(tmp_path, **ACCOUNT, WECHAT_AES_KEY=AES_KEY[:-1])
    done = subprocess.run(
        [sys.executable, "-m", "bot", command], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=90
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "WECHAT_AES_KEY should have 43 letters and digits."


def test_worker_without_its_database_says_so_plainly(tmp_path: Path) -> None:
    env = environment(tmp_path, BOT_DATABASE_URL="postgresql://nobody:hidden-word@127.0.0.1:9/none")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "worker"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("The database cannot be used:")
    assert "Traceback" not in done.stderr
    assert "hidden-word" not in done.stderr


async def test_wrong_password_of_the_database_is_said_plainly(tmp_path: Path) -> None:
    async with refusing_server("28P01", 'password authentication failed for user "bot"') as port:
        url = f"postgresql://bot:hidden-word@127.0.0.1:{port}/bot"
        sentence = await asyncio.to_thread(refusal, tmp_path, BOT_DATABASE_URL=url)
    assert sentence.startswith('The database cannot be used: password authentication failed for user "bot".')
    assert "hidden-word" not in sentence


def test_port_that_is_taken_is_said_before_anything_slow_happens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        began = time.monotonic()
        sentence = refusal(tmp_path, BOT_PORT=str(taken.getsockname()[1]), BOT_RASA_URL="")
    assert sentence.startswith("Another program uses 127.0.0.1:")
    assert time.monotonic() - began < 20
