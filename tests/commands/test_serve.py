"""`python -m bot serve` as an operator meets it: one line when ready, one sentence when something is wrong."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
READY = re.compile(r"^ready: http://127\.0\.0\.1:(\d+)$")


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BOT_DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "BOT_PORT": "0",
        "BOT_DEMO": "1",
        "BOT_RASA_URL": "http://127.0.0.1:9",
        **more,
    }


def start(folder: Path, **more: str) -> subprocess.Popen[str]:
    """The server, with a Rasa server that is away (the model is not the point here)."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=folder,
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal(folder: Path, **more: str) -> str:
    """What it says on stderr last when it does not start."""
    process = start(folder, **more)
    out, err = process.communicate(timeout=90)
    assert process.returncode not in (0, None)
    assert out == ""
    assert "Traceback" not in err
    return err.strip().splitlines()[-1]


def test_ready_line_is_the_only_one_and_names_the_real_port(tmp_path: Path) -> None:
    process = start(tmp_path)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        found = READY.match(line)
        assert found, line
        assert httpx.get(f"http://127.0.0.1:{found.group(1)}/health/ready").status_code == 200
        said = httpx.post(
            f"http://127.0.0.1:{found.group(1)}/webhooks/rest/webhook", json={"sender": "li", "message": "在吗"}
        )
        assert said.json()[0]["text"]  # Rasa is away: a true sentence all the same
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert "var/secrets.env" in err
    assert (tmp_path / "var" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sentence = refusal(tmp_path, BOT_PORT=str(taken.getsockname()[1]))
    assert sentence.startswith("Another program uses 127.0.0.1:")


def test_nonsense_setting_is_said_plainly(tmp_path: Path) -> None:
    assert refusal(tmp_path, BOT_PORT="eighty").startswith("BOT_PORT should be a whole number")


def test_file_that_is_no_database_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("this is a letter, not a database\n" * 100)
    assert refusal(tmp_path).startswith("The database cannot be used:")


def test_database_held_by_somebody_else_is_said_plainly(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("CREATE TABLE held (id)")
    holder.execute("BEGIN EXCLUSIVE")
    assert refusal(tmp_path).startswith("The database cannot be used:")
    holder.close()


def test_postgresql_that_is_away_is_said_plainly(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, BOT_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert sentence.startswith("The database cannot be used:")


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_damaged_model_is_said_plainly(tmp_path: Path, content: bytes) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("bot", "actions", "data", "config.yml", "domain.yml", "endpoints.yml"):
        (project / name).symlink_to(ROOT / name)
    from bot.dialogue.model_key import model_key

    (project / "models").mkdir()
    (project / "models" / f"dealer-{model_key(ROOT)}.tar.gz").write_bytes(content)
    script = (
        "import pathlib, bot.dialogue.training as t, bot.wiring as w\n"
        f"w.ROOT = pathlib.Path({str(project)!r})\n"
        "t.train = lambda *a, **k: None\n"
        "t.trained_model = lambda root: next((w.ROOT / 'models').glob('*.tar.gz'))\n"
        "from bot.__main__ import app\napp(['serve'])\n"
    )
    env = environment(tmp_path, BOT_RASA_URL="")
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "model" in done.stderr.strip().splitlines()[-1].lower()
    shutil.rmtree(project)
