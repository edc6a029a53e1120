"""Folds a customer's characters (Traditional, full-width, upper case) one by one, so that every offset stays."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_DIALECT = {"喺": "在", "嘅": "的", "咗": "了", "唔": "不", "係": "是", "哋": "们", "嚟": "来", "冇": "没", "啲": "点"}
_KEPT = set("吒幺摺藉覆阪屙")  # Simplified already, though the table maps them
_SETTLED = {"瞭": "了", "妳": "你", "檔": "档", "擋": "挡", "裡": "里", "裏": "里"}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """The character table shipped with jionlp, read as a file because importing jionlp takes half a second."""
    spec = find_spec("jionlp")
    if spec is None or not spec.submodule_search_locations:
        return {}
    path = Path(next(iter(spec.submodule_search_locations))) / "dictionary" / "tra2sim_char.txt"
    pairs = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    table = {ord(p[0]): p[1] for p in pairs if len(p) == 2 and len(p[0]) == len(p[1]) == 1 and p[0] not in _KEPT}
    return table | {ord(traditional): simple for traditional, simple in _SETTLED.items()}


@lru_cache(maxsize=2)
def _folding(dialect: bool) -> dict[int, str | int]:
    table: dict[int, str | int] = {**_FULL_WIDTH, **_simplified()}
    if dialect:
        table.update({ord(word): plain for word, plain in _DIALECT.items()})
    return table


def simplify(text: str) -> str:
    """The text in Simplified characters and half-width signs; exactly as long as `text`."""
    return text.translate(_folding(dialect=False))


def fold(text: str) -> str:
    """`simplify`, Cantonese particles replaced by Mandarin ones, letters lower case; exactly as long as `text`."""
    folded = text.translate(_folding(dialect=True))
    return "".join(c.lower() if "A" <= c <= "Z" else c for c in folded)
