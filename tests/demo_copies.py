"""The demo dealership in SQLite databases: filled in once for each moment at which bots begin, then copied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from bot.settings import Settings
from bot.wiring import Bot
from tests.messages.fakes import EchoEngine

_filled: dict[tuple[str, str], bytes] = {}
# Where the store keeps how far the business clock is from real time (bot/services/clock.py).
_CLOCK = "clock_offset_seconds"


async def copy_demo(settings: Settings) -> None:
    """Put what a bot of these settings fills in at its first start into its database, if that is SQLite and empty."""
    path = Path(make_url(settings.database_url).database or "")
    if not (settings.demo and settings.clock and settings.database_url.startswith("sqlite") and _is_empty(path)):
        return
    key = (settings.clock.isoformat(), settings.secret_key)
    if key not in _filled:
        _filled[key] = await _fill(settings, path.read_bytes())
    path.write_bytes(_filled[key])


def _is_empty(path: Path) -> bool:
    """Whether the tables are there, and nothing in them."""
    if not path.is_file():
        return False
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (database.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in names)
        return bool(names) and not any(row for name, row in zip(names, rows, strict=True) if name != "alembic_version")


async def _fill(settings: Settings, empty: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "demo.db"
        path.write_bytes(empty)
        plain = replace(settings, database_url=f"sqlite:///{path}", telegram=None, wechat=None, webhook=None)
        bot = Bot(replace(plain, worker=False), EchoEngine())
        await bot.start()
        await bot.stop()
        with closing(sqlite3.connect(path)) as database, database:
            # The next bot begins at its own moment, not at this one and what has passed since.
            database.execute("DELETE FROM settings WHERE key = ?", (_CLOCK,))
        return path.read_bytes()
