"""Trains the dialogue model in a process of its own, once for each state of the project."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.dialogue.engine import EngineError
from bot.dialogue.model_key import code_key, model_key

ROOT = Path(__file__).parents[2]
KEPT_MODELS = 3
_TICK_SECONDS = 10.0

Progress = Callable[[str], None]


class TrainingFailed(EngineError):
    """The model could not be trained; the text is what Rasa said last."""


def tell(line: str) -> None:
    """Progress as it is shown by default: on stderr."""
    print(line, file=sys.stderr, flush=True)


def trained_model(root: Path = ROOT) -> Path | None:
    """The model made from the project as it is now, None when it has to be trained first."""
    path = _path(root, model_key(root))
    return path if path.is_file() else None


def train(progress: Progress = tell, root: Path = ROOT) -> Path:
    """The model of the project as it is now, trained if it is not there yet; raises TrainingFailed.

    Processes that ask at the same time wait for one training. Takes up to three minutes.
    """
    found = trained_model(root)
    if found:
        return found
    (root / "models").mkdir(exist_ok=True)
    with _only_one(root / "models" / ".training.lock", progress):
        key = model_key(root)
        path = _path(root, key)
        if not path.is_file():
            _clear_up(root)
            _train_in_process(root, path, progress)
            _forget_old(root)
    return path


def _path(root: Path, key: str) -> Path:
    return root / "models" / f"dealer-{key}.tar.gz"


@contextlib.contextmanager
def _only_one(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another process that trains the model")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _train_in_process(root: Path, path: Path, progress: Progress) -> None:
    began = time.monotonic()
    progress("training the dialogue model (up to three minutes)")
    said: deque[str] = deque(maxlen=40)
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-W", "ignore", "-m", "bot.dialogue.training_process", str(root), str(path)],
        cwd=ROOT,
        env={**os.environ, "RASA_CACHE_DIRECTORY": str(_cache(root)), "RASA_TELEMETRY_ENABLED": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    ticking = threading.Event()
    threading.Thread(target=_tick, args=(ticking, began, progress), daemon=True).start()
    try:
        for line in process.stdout or ():
            _hear(line.rstrip(), said, began, progress)
        process.wait()
    finally:
        ticking.set()
        if process.poll() is None:
            process.kill()
    if process.returncode < 0:
        raise TrainingFailed(
            f"The training was ended from outside (signal {-process.returncode}); is there enough memory (3 GB)?"
        )
    if process.returncode != 0 or not path.is_file():
        raise TrainingFailed("The model could not be trained. Rasa said last:\n" + "\n".join(list(said)[-15:]))
    progress(f"trained in {time.monotonic() - began:.0f} s: {path.name}")


def _hear(line: str, said: deque[str], began: float, progress: Progress) -> None:
    if line.startswith("step: "):
        progress(f"  {time.monotonic() - began:4.0f} s  {line[6:]}")
    elif line:
        said.append(line[:500])


def _tick(stop: threading.Event, began: float, progress: Progress) -> None:
    while not stop.wait(_TICK_SECONDS):
        progress(f"  {time.monotonic() - began:4.0f} s  …")


def _cache(root: Path) -> Path:
    """Rasa's cache of trained parts, a folder for each state of our code; others are removed."""
    mine = root / ".rasa" / f"cache-{code_key(root)}"
    for folder in mine.parent.glob("cache-*"):
        if folder != mine:
            _remove(folder)
    return mine


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _clear_up(root: Path) -> None:
    """Remove what an interrupted training has left; called under the lock."""
    for folder in (root / "models").glob(".training-*"):
        if folder.is_dir():
            _remove(folder)


def _forget_old(root: Path) -> None:
    models = sorted((root / "models").glob("dealer-*.tar.gz"), key=lambda model: model.stat().st_mtime)
    for model in models[:-KEPT_MODELS]:
        model.unlink(missing_ok=True)
