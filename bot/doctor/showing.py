"""Prints findings: a mark, the subject, the sentence; in colour on a terminal, else plain lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bot.doctor.finding import Finding, verdict

_MARKS = {True: "ok", None: "--", False: "!!"}
_COLOURS = {True: "green", None: "dim", False: "bold red"}


def show(findings: Sequence[Finding]) -> None:
    """One line a finding on stdout, and the verdict."""
    width = max((len(finding.subject) for finding in findings), default=0)
    if sys.stdout.isatty():
        _show_coloured(findings, width)
        return
    for finding in findings:
        print(f"{_MARKS[finding.ok]} {finding.subject:<{width}}  {finding.sentence}")
    print(verdict(findings), flush=True)


def _show_coloured(findings: Sequence[Finding], width: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for finding in findings:
        style = _COLOURS[finding.ok]
        table.add_row(
            Text(_MARKS[finding.ok], style), Text(finding.subject.ljust(width)), Text(finding.sentence, style)
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(Text(verdict(findings), "bold"))
