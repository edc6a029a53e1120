"""The image as far as it can be proved without building it: what goes in, what stays out, who runs it."""

from __future__ import annotations

import fnmatch
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.dialogue.model_key import model_key
from tests.known_settings import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = re.split(r"^FROM ", TEXT, flags=re.M)[1:]


def listed(name: str) -> list[str]:
    """The packages of a list in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(rf"^{name} = \[\n(.*?)^\]", text, re.M | re.S)
    assert block
    return re.findall(r'^\s+"([A-Za-z0-9_.-]+)', block[1], re.M)


def installed_for(names: list[str]) -> set[str]:
    """These packages with all that they need in turn."""
    found: set[str] = set()
    waiting = [(canonicalize_name(name), "") for name in names]
    while waiting:
        name, extra = waiting.pop()
        if f"{name}[{extra}]" in found:
            continue
        found |= {name, f"{name}[{extra}]"}
        try:
            wanted = [Requirement(each) for each in requires(name) or []]
        except PackageNotFoundError:
            continue
        for each in wanted:
            if each.marker is None or each.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(each.name), more) for more in ("", *each.extras)]
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that `COPY . .` puts into the image."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split() if line]
    target = tmp_path_factory.mktemp("image") / "app"

    def left_out(folder: str, names: list[str]) -> set[str]:
        below = Path(folder).relative_to(ROOT).as_posix()
        paths = {name: name if below == "." else f"{below}/{name}" for name in names}
        return {
            name
            for name, path in paths.items()
            if any(path == each or fnmatch.fnmatch(f"/{path}", each.replace("**/", "*/")) for each in ignored)
        }

    shutil.copytree(ROOT, target, ignore=left_out)
    return target


def test_nothing_secret_and_nothing_made_here_gets_in(image: Path) -> None:
    found = {path.relative_to(image).as_posix() for path in image.rglob("*")}
    assert not found & {".env", ".git", "var", "models", "tests", ".venv", "deploy/certificate", ".rasa"}
    assert not [path for path in found if path.endswith((".pyc", ".db", ".pem"))]
    assert {"deploy/is_healthy.py", "deploy/endpoints.yml", "credentials.yml", "domain.yml"} <= found


def test_what_gets_in_is_enough_to_run_and_to_train_the_same_model(image: Path) -> None:
    assert model_key(image) == model_key(ROOT)
    code = "import actions, bot.wiring, bot.serving, bot.dialogue.training, bot.__main__ as main; print(main.__file__)"
    python = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(python, cwd=image, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == str(image / "bot" / "__main__.py"), done.stderr[-2000:]


def test_the_image_installs_exactly_the_lock_and_the_tools_of_the_tests_are_taken_out_again() -> None:
    installing = re.search(r"uv pip uninstall (.*?)\n\n", STAGES[0].replace("\\\n", " "), re.S)
    assert installing
    removed = [word for word in shlex.split(installing[1]) if not word.startswith((".venv", "--"))]
    assert "--require-hashes --no-deps -r requirements.lock" in STAGES[0]
    assert sorted(removed) == sorted(listed("dev"))
    needed = installed_for(listed("dependencies"))
    assert not {canonicalize_name(name) for name in removed} & needed


def test_the_second_stage_has_no_installer_does_not_run_as_root_and_knows_the_time_zones() -> None:
    assert len(STAGES) == 2
    assert "uv" not in STAGES[1].replace("uvicorn", "")
    assert "\nUSER bot\n" in STAGES[1]
    assert not re.search(r"^(RUN|COPY) ", STAGES[1].split("\nUSER bot\n")[1], re.M)
    assert "tzdata" in STAGES[1]
    assert STAGES[0].split()[0] == STAGES[1].split()[0] == "python:3.10-slim"  # the environment's Python lies there


def test_the_model_is_trained_while_building_and_taken_over() -> None:
    assert "RUN python -m bot train" in STAGES[0]
    assert "COPY --from=built --chown=bot:bot /app/models models" in STAGES[1]


def test_the_health_check_is_in_the_image_and_needs_nothing_else() -> None:
    assert '"deploy/is_healthy.py"' in STAGES[1]
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "deploy/is_healthy.py"), "http://127.0.0.1:9/"], timeout=20, check=False
    )
    assert done.returncode == 1
