"""`make run` and its setup: whose demo it is, packages that cannot be fetched, files that nobody else may read."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.known_settings import ROOT

_SHOW = '#!/bin/sh\necho "BOT_DEMO=${BOT_DEMO-unset} $*"\n'
# Known to no index at this address; the hash is never looked at.
_UNREACHABLE = f"attrs==23.1.0 --hash=sha256:{'0' * 64}\n"


def clean_environment(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "UV_", "MAKE"))}
    return {**inherited, **more}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile and the setup in a folder of their own, with nothing to install."""
    (tmp_path / "scripts").mkdir()
    for name in ("Makefile", "scripts/setup.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.lock").write_text("")
    return tmp_path


def made(project: Path, target: str, **environ: str) -> str:
    """What a target calls, with a stand-in for Python."""
    (project / "scripts/setup.sh").write_text("")
    (project / "python").write_text(_SHOW)
    (project / "python").chmod(0o755)
    command = ["make", "-s", target, "PYTHON=./python"]
    return subprocess.run(
        command, cwd=project, env=clean_environment(**environ), capture_output=True, text=True, timeout=20, check=True
    ).stdout.strip()


@pytest.mark.parametrize(("target", "command"), [("run", "serve"), ("chat", "chat")])
def test_the_demo_is_on_unless_the_environment_or_the_env_file_says_otherwise(
    project: Path, target: str, command: str
) -> None:
    called = f"-m bot {command}"
    assert made(project, target) == f"BOT_DEMO=1 {called}"
    assert made(project, target, BOT_DEMO="0") == f"BOT_DEMO=0 {called}"
    (project / ".env").write_text("#BOT_DEMO=1\nBOT_PORT=8081\n")
    assert made(project, target) == f"BOT_DEMO=1 {called}"
    (project / ".env").write_text("BOT_DEMO=0\n")
    assert made(project, target) == f"BOT_DEMO=unset {called}"  # the program reads the line by itself
    assert made(project, target, BOT_DEMO="1") == f"BOT_DEMO=1 {called}"


def set_up(project: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("uv") is None:
        pytest.skip("this machine has no uv")
    return subprocess.run(
        ["bash", "scripts/setup.sh"],
        cwd=project,
        env=clean_environment(UV_OFFLINE="1", UV_HTTP_RETRIES="0", **environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_packages_that_cannot_be_fetched_leave_the_installed_ones_working(project: Path) -> None:
    done = set_up(project)
    assert done.returncode == 0, done.stderr
    before = (project / ".venv/.installed").read_text()
    (project / "requirements.lock").write_text(_UNREACHABLE)
    done = set_up(project, UV_DEFAULT_INDEX="http://127.0.0.1:9/simple")
    assert done.returncode == 1
    assert "UV_DEFAULT_INDEX" in done.stderr
    assert done.stderr.endswith("The packages that were installed before stay in place.\n")
    assert (project / ".venv/.installed").read_text() == before
    subprocess.run([project / ".venv/bin/python", "-c", ""], check=True)
    assert [path.name for path in project.glob(".venv*")] == [".venv"]


def test_new_packages_take_the_place_of_the_old_ones_when_they_are_complete(project: Path) -> None:
    assert set_up(project).returncode == 0
    (project / ".venv/of_the_old_one").touch()
    (project / "requirements.lock").write_text("# changed\n")
    assert set_up(project).returncode == 0
    prefix = [project / ".venv/bin/python", "-c", "import sys; print(sys.prefix)"]
    assert subprocess.run(prefix, capture_output=True, text=True, check=True).stdout.strip() == str(project / ".venv")
    assert [path.name for path in project.glob(".venv*")] == [".venv"]
    assert not (project / ".venv/of_the_old_one").exists()
    again = set_up(project)
    assert (again.returncode, again.stderr) == (0, "")


def test_what_the_program_writes_is_for_its_user_only(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("手机号,姓名\n13500135005,周女士\n", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "import", "customers.csv"]
    environment = clean_environment(PYTHONPATH=str(ROOT))
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=60, umask=0o022)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, *tmp_path.rglob("*"))}
    assert modes["bot.db"] == modes["secrets.env"] == 0o600
    assert modes["var"] == 0o700


def test_a_start_names_all_settings_that_cannot_be_used(tmp_path: Path) -> None:
    environment = clean_environment(PYTHONPATH=str(ROOT), BOT_PORT="eighty", BOT_DEMO="maybe")
    command = [sys.executable, "-m", "bot", "serve"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["BOT_PORT", "BOT_DEMO"]
