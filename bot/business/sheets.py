"""Tables for spreadsheet programs: comma-separated, read by Excel as Chinese, never run as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float | None

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return (_BYTE_ORDER_MARK + text.getvalue()).encode("utf-8", "replace")


def harmless(cell: Cell) -> Cell:
    """The cell; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_BEGINS_A_FORMULA):
        return f"'{cell}"
    return cell
