"""Our whole bot against stock `rasa run` + `rasa run actions`: same model, same conversations, eight people.

Ours keeps messages, answers and trackers in SQLite; stock keeps its trackers in memory. Both act on a dealer's
database. Run by `make bench` or `python -m bench.speed [rounds]`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.load import Load, Person, play
from bench.processes import Server, our_bot, stock_rasa, wait_until
from bot.dialogue.training import train

CLOCK = "2026-03-10T09:00:00+08:00"
PEOPLE = 8
GREETING = "您好"


@dataclass(frozen=True)
class Measured:
    """One server: start to the first answer in seconds, alone and under load, memory in MB."""

    start: float
    alone: Load
    load: Load
    memory: float


def measure(servers: list[Server], port: int, rounds: int, stock: bool) -> Measured:
    """Waits for the server, warms it up by one person, then lets eight people write."""
    began = min(server.began for server in servers)
    wait_until(lambda: bool(Person(port).say("first", GREETING, stock)), *servers)
    start = time.monotonic() - began
    play(port, 1, 1, stock, first=90_000)
    alone = play(port, 1, 1, stock, first=80_000)
    load = play(port, PEOPLE, rounds, stock, first=10_000)
    return Measured(start, alone, load, sum(server.resident_mb() for server in servers))


def compare(rounds: int) -> tuple[Measured, Measured]:
    """Ours, then stock, on copies of the same database."""
    model = train()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours_db, stock_db = folder / "ours.db", folder / "stock.db"
        with our_bot(folder, f"sqlite:///{stock_db}", CLOCK) as (server, port):  # fills the demo dealership
            wait_until(lambda: bool(Person(port).say("first", GREETING, False)), server)
        for path in folder.glob("stock.db*"):
            shutil.copy(path, folder / path.name.replace("stock", "ours"))
        with our_bot(folder, f"sqlite:///{ours_db}", CLOCK) as (server, port):
            ours = measure([server], port, rounds, stock=False)
        with stock_rasa(folder, model, f"sqlite:///{stock_db}", CLOCK) as (servers, port):
            stock = measure(servers, port, rounds, stock=True)
    return ours, stock


def table(ours: Measured, stock: Measured) -> list[str]:
    """The figures side by side, as in the README."""
    rows = [
        ("turns a second, 8 people", ours.load.per_second, stock.load.per_second, "{:.1f}"),
        ("p50, 8 people (ms)", ours.load.percentile(0.5), stock.load.percentile(0.5), "{:.0f}"),
        ("p95, 8 people (ms)", ours.load.percentile(0.95), stock.load.percentile(0.95), "{:.0f}"),
        ("p50, alone (ms)", ours.alone.percentile(0.5), stock.alone.percentile(0.5), "{:.1f}"),
        ("p95, alone (ms)", ours.alone.percentile(0.95), stock.alone.percentile(0.95), "{:.1f}"),
        ("start to first answer (s)", ours.start, stock.start, "{:.1f}"),
        ("resident memory (MB)", ours.memory, stock.memory, "{:.0f}"),
        ("turns without an answer (%)", ours.load.silent * 100, stock.load.silent * 100, "{:.1f}"),
    ]
    lines = ["| | ours | stock Rasa | ratio |", "|---|---:|---:|---:|"]
    for name, mine, theirs, form in rows:
        ratio = f"{mine / theirs:.2f}" if theirs else "–"
        lines.append(f"| {name} | {form.format(mine)} | {form.format(theirs)} | {ratio} |")
    return lines


def main(rounds: int = 3) -> None:
    """Prints the table."""
    print("speed: our whole bot against stock Rasa (about two minutes)", file=sys.stderr, flush=True)
    print("\n".join(table(*compare(rounds))), flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
