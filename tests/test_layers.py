"""Imports point inwards (DESIGN §3): every module may only import the layers listed for its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "bot/business": {"bot.business"},
    "bot/services": {"bot.business", "bot.services"},
    "bot/store": {"bot.business", "bot.services", "bot.store"},
    "bot/dialogue": {"bot.business", "bot.services", "bot.dialogue"},
    "bot/messages": {"bot.business", "bot.services", "bot.messages", "bot.dialogue.engine"},
    "bot/channels": {"bot.business", "bot.services", "bot.messages", "bot.api", "bot.channels",
                     "bot.environment"},
    "bot/desk": {"bot.business", "bot.services", "bot.messages", "bot.api", "bot.desk", "bot.dialogue.topics"},
    "bot/api": {"bot.business", "bot.services", "bot.messages", "bot.channels", "bot.api", "bot.desk", "bot.settings",
                "bot.dialogue.engine", "bot.dialogue.topics"},
    "actions": {"bot.business", "bot.services", "actions"},
}  # fmt: skip
# DESIGN §3: the actions get their services through the wiring, because stock `rasa run actions` has no start hook;
# stock Rasa makes our tracker store by itself, so it gets the store in the same way.
EXCEPTIONS = {("actions/__init__.py", "bot.wiring"), ("bot/dialogue/tracker_store.py", "bot.wiring")}
ONLY_HERE = {
    "sqlalchemy": ("bot/store",),
    "rasa": ("bot/dialogue",),
    "rasa_sdk": ("bot/dialogue", "actions"),
    "fastapi": ("bot/api", "bot/channels", "bot/desk"),
    "jinja2": ("bot/desk",),
    "telegram": ("bot/channels",),
    "wechatpy": ("bot/channels",),
}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def modules() -> list[Path]:
    return sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("actions/**/*.py")])


def inside(name: str, layer: str) -> bool:
    return name == layer or name.startswith(layer + ".")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_inwards(path: Path) -> None:
    relative = path.relative_to(ROOT).as_posix()
    layer = next((layer for layer in ALLOWED if relative.startswith(layer + "/")), None)
    for name in imports_of(path):
        ours = inside(name, "bot") or inside(name, "actions")
        if layer and ours and (relative, name) not in EXCEPTIONS:
            assert any(inside(name, allowed) for allowed in ALLOWED[layer]), f"{relative} imports {name}"
        top = name.split(".")[0]
        if top in ONLY_HERE:
            assert relative.startswith(ONLY_HERE[top]), f"{relative} imports {name}"


def test_the_check_sees_the_modules_it_is_about() -> None:
    assert len(modules()) > 50
