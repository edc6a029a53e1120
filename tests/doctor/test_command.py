"""`python -m bot doctor` as an operator meets it: lines, verdict, exit code, and never a stack trace or a secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.doctor.finding import note, verdict, works, wrong
from tests.doctor.surgery import environment, telegram_of
from tests.platforms.telegram_api import FakeTelegram
from tests.platforms.wechat_api import APP_ID, SECRET
from tests.platforms.wechat_control import wechat_process

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^(ok|--|!!) [a-z]+ +\S.*[.?]$")


def doctor(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "TELEGRAM_", "WECHAT_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", "doctor"],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment(folder, **more)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The findings; checks that everything is said in plain lines."""
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr == ""
    *found, _ = done.stdout.splitlines()
    assert [each for each in found if not LINE.match(each)] == []
    return found


def test_a_bot_on_both_platforms_is_told_that_everything_works(tmp_path: Path) -> None:
    with FakeTelegram() as telegram, wechat_process() as url:
        account = {"WECHAT_APP_ID": APP_ID, "WECHAT_APP_SECRET": SECRET, "WECHAT_TOKEN": "atokenfortests"}
        done = doctor(tmp_path, **telegram_of(telegram), **account, WECHAT_API_BASE_URL=url, BOT_DEMO="1")
    found = lines(done)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("Everything that is switched on works.\n")
    assert any("knows this bot as @dealership_bot" in each for each in found)
    assert any(f"knows the account {APP_ID}" in each for each in found)
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_counted_and_no_secret_is_shown(tmp_path: Path) -> None:
    began = time.monotonic()
    done = doctor(
        tmp_path,
        BOT_DATABASE_URL="postgresql://bot:hidden-word@127.0.0.1:9/bot",
        BOT_RASA_URL="http://127.0.0.1:9?token=hidden-word",
        BOT_DEMO="maybe",
        TELEGRAM_BOT_TOKEN="1:hidden-word",
        TELEGRAM_API_BASE_URL="http://127.0.0.1:9",
        WECHAT_APP_ID=APP_ID,
        WECHAT_APP_SECRET="hidden-word",
        WECHAT_TOKEN="hiddenword",
        WECHAT_AES_KEY="hidden-word",
        WECHAT_API_BASE_URL="http://127.0.0.1:9",
    )
    found = lines(done)
    assert done.returncode == 1
    assert [each.split()[1] for each in found if each.startswith("!!")] == [
        "settings", "settings", "dealer", "database", "model", "telegram", "wechat"
    ]  # fmt: skip
    assert done.stdout.endswith("7 things need you.\n")
    assert "hidden" not in done.stdout
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "Everything that is switched on works."), (1, "1 thing needs you."), (3, "3 things need you.")],
)
def test_the_verdict_counts_what_needs_somebody(count: int, said: str) -> None:
    assert verdict([works("a", "b."), note("a", "b."), *[wrong("a", "b.")] * count]) == said
