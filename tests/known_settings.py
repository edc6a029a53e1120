"""The names of all settings, read from the source of bot/settings.py and what it calls."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_READERS = (ROOT / "bot/settings.py", *sorted((ROOT / "bot/environment").glob("*.py")))
_NAME = re.compile(r"(BOT|TELEGRAM|WECHAT)(_[A-Z]+)+")


def known_settings() -> set[str]:
    """Every string there that has the form of a setting's name."""
    found = set()
    for path in _READERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value):
                found.add(node.value)
    return found
