"""The compose file as docker-compose itself reads it (no engine needed)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deployment.compose_file import GIVEN, NEEDED, OURS, environment
from tests.deployment.proxies import program, run


def config(folder: Path, given: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    """`docker-compose config` with an .env of its own."""
    path = folder / "env"
    path.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    return run(program("docker-compose"), "--env-file", str(path), "config", *more)


def test_the_file_is_accepted(tmp_path: Path) -> None:
    checked = config(tmp_path, GIVEN, "-q")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_what_is_not_filled_in_is_named_in_a_sentence(tmp_path: Path, missing: str) -> None:
    checked = config(tmp_path, {**GIVEN, missing: ""}, "-q")
    assert checked.returncode != 0
    assert f"${{{missing}:?" in checked.stderr
    assert "Traceback" not in checked.stderr


def test_compose_gives_every_service_what_the_other_tests_suppose(tmp_path: Path) -> None:
    read = yaml.safe_load(config(tmp_path, GIVEN).stdout)["services"]
    for name in (*OURS, "proxy"):
        assert {key: str(value) for key, value in read[name]["environment"].items()} == environment(name), name


def test_credentials_of_the_platforms_reach_bots_and_worker(tmp_path: Path) -> None:
    read = yaml.safe_load(config(tmp_path, {**GIVEN, "TELEGRAM_BOT_TOKEN": "1:a", "WECHAT_APP_ID": "wx1"}).stdout)
    for name in ("bot-1", "bot-2", "worker"):
        given = read["services"][name]["environment"]
        assert (given["TELEGRAM_BOT_TOKEN"], given["WECHAT_APP_ID"]) == ("1:a", "wx1")
    assert "1:a" not in json.dumps([read["services"][name] for name in ("rasa", "actions", "proxy", "postgres")])
