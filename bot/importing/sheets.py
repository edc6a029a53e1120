"""Reads the sheets of an Excel workbook or a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

_MOST_BYTES = 200 * 1024 * 1024


class UnreadableFile(Exception):
    """A file that cannot be imported; its text is one plain sentence for an operator."""


@dataclass(frozen=True)
class Sheet:
    """One list: its heading, and its lines as numbered in the file."""

    name: str
    headings: tuple[str, ...]
    lines: tuple[tuple[int, tuple[Any, ...]], ...]


def read_sheets(path: Path) -> list[Sheet]:
    """The lists in a file, empty ones left out; raises UnreadableFile."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror or 'not found'}.") from error
    if size == 0:
        raise UnreadableFile(f"{path.name} is empty.")
    if size > _MOST_BYTES:
        raise UnreadableFile(f"{path.name} is larger than 200 MB; split it into several files.")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_workbook(path)
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return _read_csv(path)
    raise UnreadableFile(f"{path.name} is neither .xlsx nor .csv; save the list as one of these.")


def _read_workbook(path: Path) -> list[Sheet]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheets = [_sheet(page.title, list(page.iter_rows(values_only=True))) for page in book.worksheets]
        finally:
            book.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError, TypeError, EOFError) as error:
        raise UnreadableFile(f"{path.name} is damaged or no Excel workbook.") from error
    return [sheet for sheet in sheets if sheet is not None]


def _read_csv(path: Path) -> list[Sheet]:
    text = _decode(path)
    first = text.splitlines()[0] if text.splitlines() else ""
    delimiter = max(",;\t，", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnreadableFile(f"{path.name} is damaged: a quotation mark is not closed.") from error
    sheet = _sheet("", rows)
    return [sheet] if sheet is not None else []


def _decode(path: Path) -> str:
    """The text in UTF-8 or, as Chinese Excel saves it, GB 18030."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableFile(f"{path.name} is damaged or no text: it is neither UTF-8 nor GB 18030.")


def _sheet(name: str, rows: Sequence[Sequence[Any]]) -> Sheet | None:
    """The list whose heading is the first filled row."""
    filled = [(number, tuple(row)) for number, row in enumerate(rows, 1) if any(_is_filled(cell) for cell in row)]
    if not filled:
        return None
    headings = tuple("" if cell is None else str(cell).strip() for cell in filled[0][1])
    return Sheet(name, headings, tuple(filled[1:]))


def _is_filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""
