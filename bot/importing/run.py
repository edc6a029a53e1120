"""Runs an import: lists in the order they depend on each other, hundreds of lines a transaction, then a report."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bot.business.imports.columns import KINDS, fields_of, kinds_of
from bot.business.refusals import InvalidValue
from bot.importing.sheets import Sheet, UnreadableFile, read_sheets
from bot.services.clock import clock_offset
from bot.services.importing import import_line, read_line
from bot.settings import Settings
from bot.store.engine import Store

_LINES_AT_ONCE = 200
_SHOW_PROGRESS_FROM = 1000


@dataclass
class Report:
    """What became of one list: lines new, changed and same, and the bad ones with number and reason."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report as the operator reads it."""
        told = ", ".join(f"{self.counts[what]} {what}" for what in ("new", "changed", "same"))
        reasons = [f"  line {number}: {reason}" for number, reason in self.bad]
        return [f"{self.name}: {told}, {len(self.bad)} bad", *reasons]


def import_files(settings: Settings, files: Sequence[Path]) -> bool:
    """Import all files and print the report; whether every file could be read (bad lines are only reported)."""
    sheets, unreadable = _read(files)
    for sentence in unreadable:
        print(sentence, file=sys.stderr)
    if sheets:
        for report in asyncio.run(_run(settings.database_url, settings.timezone.key, sheets)):
            print("\n".join(report.lines()))
    return not unreadable


def _read(files: Sequence[Path]) -> tuple[list[tuple[str, Sheet]], list[str]]:
    """All lists, those first that others refer to, and a sentence for each that cannot be used."""
    found: list[tuple[str, Sheet]] = []
    unreadable: list[str] = []
    for path in files:
        try:
            sheets = read_sheets(path)
            named = [(f"{path.name} {sheet.name}".strip(), sheet) for sheet in sheets]
            usable = [each for each in named if kinds_of(fields_of(each[1].headings).values())]
            if not usable:
                raise UnreadableFile(f"{path.name} has no column with a phone, plate or VIN that is understood.")
            found += usable
        except UnreadableFile as error:
            unreadable.append(str(error))
    return sorted(found, key=lambda each: _rank(each[1])), unreadable


def _rank(sheet: Sheet) -> int:
    return max(KINDS.index(kind) for kind in kinds_of(fields_of(sheet.headings).values()))


async def _run(url: str, timezone_name: str, sheets: Sequence[tuple[str, Sheet]]) -> list[Report]:
    store = Store(url, timezone_name)
    await store.start()
    try:
        return [await import_sheet(store, name, sheet) for name, sheet in sheets]
    finally:
        await store.close()


async def import_sheet(store: Store, name: str, sheet: Sheet) -> Report:
    """Take one list into the store; good lines are kept whatever the others are."""
    report = Report(name)
    for begin in range(0, len(sheet.lines), _LINES_AT_ONCE):
        async with store.transaction() as uow:
            now = datetime.now(timezone.utc) + await clock_offset(uow)
            for number, cells in sheet.lines[begin : begin + _LINES_AT_ONCE]:
                await _take(uow, now, store, sheet, number, cells, report)
        if len(sheet.lines) >= _SHOW_PROGRESS_FROM:
            done = min(begin + _LINES_AT_ONCE, len(sheet.lines))
            print(f"\r{name}: {done} of {len(sheet.lines)} lines", end="", file=sys.stderr, flush=True)
    if len(sheet.lines) >= _SHOW_PROGRESS_FROM:
        print(file=sys.stderr)
    return report


async def _take(
    uow: Any, now: datetime, store: Store, sheet: Sheet, number: int, cells: Sequence[Any], report: Report
) -> None:
    fields = fields_of(sheet.headings)
    kinds = kinds_of(fields.values())
    try:
        values = read_line({name: cells[at] for at, name in fields.items() if at < len(cells)}, kinds, store.zone)
        report.counts[await import_line(uow, now, kinds, values)] += 1
    except InvalidValue as refusal:
        heading = next((sheet.headings[at] for at, name in fields.items() if name == refusal.field), refusal.field)
        report.bad.append((number, f"{heading} {refusal.reason}"))
