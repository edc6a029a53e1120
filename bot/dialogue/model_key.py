"""Names a model after everything it is made of, so that training happens when something has changed, and only then."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

_TEXTS = ("config.yml", "domain.yml")
_COMPONENTS = "bot/dialogue/nlu"


def model_key(root: Path) -> str:
    """Twelve characters that differ when config, domain, training data or the code they are read with differs."""
    digest = hashlib.sha256(f"rasa {version('rasa')}".encode())
    for path in [*_training_files(root), *code_files(root)]:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def code_key(root: Path) -> str:
    """The same for our code alone: Rasa's own cache does not see a changed recogniser."""
    digest = hashlib.sha256()
    for path in code_files(root):
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _training_files(root: Path) -> list[Path]:
    given = [root / name for name in _TEXTS if (root / name).is_file()]
    return given + sorted(path for path in (root / "data").rglob("*.y*ml"))


def code_files(root: Path) -> list[Path]:
    """Our NLU components and every module of ours they import."""
    waiting = sorted((root / _COMPONENTS).rglob("*.py"))
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported(path, root))
    data = [path for path in (root / _COMPONENTS).rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    return sorted(found) + sorted(data)


def _imported(path: Path, root: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.split(".")[0] == "bot":
                yield from _files_of(root / Path(*name.split(".")))


def _files_of(module: Path) -> Iterator[Path]:
    for path in (module.with_suffix(".py"), module / "__init__.py"):
        if path.is_file():
            yield path
