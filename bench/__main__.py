"""`make bench`: runs every measurement of this folder, one after another, and shows their tables.

`python -m bench [--write] [NAME …]`: only the named ones; `--write` puts the tables between the markers
`<!-- bench:NAME -->` and `<!-- /bench -->` of the READMEs. A measurement is a module here with a function `main` that
prints a Markdown table on stdout and its progress on stderr; each runs in a process of its own.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
ORDER = ("understanding", "pipelines", "speed", "channels", "growth", "desk", "booking")
_LONGEST_SECONDS = 3600


def measurements(folder: Path = ROOT / "bench") -> list[str]:
    """The names of the modules that measure something, the usual ones first and in their order."""
    found = [path.stem for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_") and _measures(path)]
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _measures(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)


def run(name: str) -> str:
    """What the measurement printed; raises CalledProcessError or TimeoutExpired when it failed."""
    command = [sys.executable, "-m", f"bench.{name}"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=_LONGEST_SECONDS)
    return done.stdout.strip()


def with_table(readme: str, name: str, table: str) -> str:
    """The README with the table between the markers of `name`; as it was when it has none."""
    marked = re.compile(rf"(<!-- bench:{re.escape(name)} -->\n).*?(<!-- /bench -->)", re.S)
    return marked.sub(lambda found: f"{found[1]}{table}\n{found[2]}", readme)


def circumstances(now: datetime) -> str:
    """On what and when it was measured."""
    return f"Measured by `make bench` on {os.cpu_count()} cores, {now:%Y-%m-%d}."


def write(name: str, table: str, readmes: tuple[Path, ...] = READMES) -> None:
    """Puts the table into every README that has its markers."""
    for path in readmes:
        if path.is_file():
            path.write_text(with_table(path.read_text(encoding="utf-8"), name, table), encoding="utf-8")


def main() -> int:
    """Runs what was asked for; 1 when a measurement failed, after all others have run."""
    known = measurements()
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)} (default: all)")
    parser.add_argument("--write", action="store_true", help="put the tables into the READMEs")
    wished = parser.parse_args()
    if unknown := set(wished.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return _run_all(wished.names or known, wished.write)


def _run_all(names: list[str], writes: bool) -> int:
    failed = []
    for number, name in enumerate(names, 1):
        print(f"[{number}/{len(names)}] {name} …", file=sys.stderr, flush=True)
        try:
            table = f"{run(name)}\n\n{circumstances(datetime.now(timezone.utc))}"
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"{name} failed: {error}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        print(f"\n## {name}\n\n{table}\n", flush=True)
        if writes:
            write(name, table)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
