"""Training that goes wrong is told in one sentence and leaves nothing behind."""

import sys
from pathlib import Path

import pytest

from bot.dialogue import training
from bot.dialogue.training import TrainingFailed, train


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose training data is no training data."""
    (tmp_path / "config.yml").write_text("recipe: default.v1\nlanguage: zh\n", encoding="utf-8")
    (tmp_path / "domain.yml").write_text("intents: 5\n", encoding="utf-8")
    (tmp_path / "bot/dialogue/nlu").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended from outside"),
        ("print('InvalidDomain: no intents'); raise SystemExit(1)", "InvalidDomain: no intents"),
        ("pass", "could not be trained"),
    ],
    ids=["killed", "refused", "no model"],
)
def test_a_training_that_fails_says_why(
    project: Path, monkeypatch: pytest.MonkeyPatch, code: str, sentence: str
) -> None:
    program = project / "pretends_to_be_python"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c \"{code}\"\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(training.sys, "executable", str(program))
    with pytest.raises(TrainingFailed, match=sentence):
        train(lambda _line: None, project)
    assert list((project / "models").glob("dealer-*")) == []


def test_what_an_interrupted_training_left_is_cleared_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "models/.training-left").mkdir(parents=True)
    monkeypatch.setattr(training.sys, "executable", "/bin/false")
    with pytest.raises(TrainingFailed):
        train(lambda _line: None, project)
    assert list((project / "models").glob(".training-*")) == []
