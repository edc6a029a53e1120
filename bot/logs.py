"""How the log looks: one line an event, readable or as JSON; `key=value` pairs become fields of their own.

A line never holds what people wrote, nor a phone, a plate or a token; `message=123` follows one customer message from
the inbox through its turn to the platform.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import datetime, timezone

_PAIR = re.compile(r"(?<!\S)([a-z_]+)=('[^']*'|\S+)")
# Request lines of clients may carry tokens and names.
_QUIET = ("httpx", "httpcore", "aiosqlite", "apscheduler", "asyncio", "alembic", "rasa", "telegram", "aiohttp")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, text, the pairs of the text, the trace of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        text = record.getMessage()
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": text,
        }
        line |= {name: _value(value) for name, value in _PAIR.findall(text) if name not in line}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(form: str = "text", level: int = logging.INFO) -> None:
    """Log to stderr, `form` text or json."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if form == "json" else plain)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _value(text: str) -> int | float | str:
    bare = text.strip("',;:")
    for kind in (int, float):
        try:
            return kind(bare)
        except ValueError:
            continue
    return bare
