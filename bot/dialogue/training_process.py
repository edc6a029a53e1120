"""The process that trains: `python -m bot.dialogue.training_process ROOT MODEL`; prints a line "step: …" a step."""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from pathlib import Path

from bot.dialogue.quiet import be_quiet

_STEP = re.compile(r"Starting to train component '(\w+)'")


class _Steps(logging.Handler):
    """Tells each component whose training begins."""

    def emit(self, record: logging.LogRecord) -> None:
        step = _STEP.search(record.getMessage())
        if step:
            print(f"step: {step.group(1)}", flush=True)


def main(root: Path, model: Path) -> int:
    """Trains the project at `root` into the file `model`; 0 when it is there."""
    be_quiet()
    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.addHandler(_Steps())
    print("step: importing Rasa", flush=True)
    from rasa.shared.exceptions import RasaException

    try:
        return _train(root, model)
    except RasaException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return 1


def _train(root: Path, model: Path) -> int:
    from rasa import train

    with tempfile.TemporaryDirectory(dir=model.parent, prefix=".training-") as folder:
        result = train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=[str(root / "data")],
            output=folder,
            fixed_model_name=model.name.removesuffix(".tar.gz"),
        )
        if result.code != 0 or not result.model:
            return 1
        os.replace(result.model, model)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
