"""What is written in .env but would not be heard: misspelt names, lines without `=`, quotes that do not end."""

from __future__ import annotations

import difflib
import re
import stat
from pathlib import Path

from bot.doctor.finding import Finding, wrong
from bot.environment.reading import Reading, UnusableSetting, env_lines
from bot.settings import settings_from

SUBJECT = "settings"
# Not the program's, but docker-compose.yml's and the proxy's.
_OTHERS = ("BOT_PUBLIC_HOST", "BOT_PUBLIC_TLS", "BOT_COPIES")
_OURS = ("BOT_", "TELEGRAM_", "WECHAT_")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# With these the settings of both platforms are read, too.
_BOTH_ON = {
    "BOT_API_TOKEN": "x",
    "BOT_SECRET_KEY": "x",
    "TELEGRAM_BOT_TOKEN": "x",
    "WECHAT_APP_ID": "x",
    "WECHAT_APP_SECRET": "x",
    "WECHAT_TOKEN": "x",
}


def known_names() -> set[str]:
    """The names of all settings."""
    reading = Reading(_BOTH_ON)
    settings_from(reading)
    return {*reading.asked, *_OTHERS}


def look_at_env_file(path: Path) -> list[Finding]:
    """One finding for each line that would not be heard as it was meant; no value is shown."""
    try:
        lines = env_lines(path)
    except UnusableSetting:  # said among the faults
        return []
    known = known_names()
    sentences = (_fault(line, known) for _, line in lines)
    found = [
        wrong(SUBJECT, f"Line {number} of .env {sentence}.")
        for (number, _), sentence in zip(lines, sentences, strict=True)
        if sentence
    ]
    return [*_who_reads(path), *found]


def _fault(line: str, known: set[str]) -> str | None:
    name, equals, value = (part.strip() for part in line.removeprefix("export ").partition("="))
    if not equals:
        sign = " but a full-width ＝" if "＝" in line else ""
        return f"has no ={sign} and is not read: write NAME=value"
    if not _NAME.fullmatch(name):
        return "does not begin with the name of a setting: write NAME=value"
    if name.upper().startswith(_OURS) and name not in known:
        close = difflib.get_close_matches(name.upper(), sorted(known), 1)
        return f"sets {name}, which is no setting{f' ({close[0]} is one)' if close else ''}: correct the name"
    if value[:1] in ("'", '"') and not re.search(rf"{value[0]}(\s+#.*)?$", value[1:]):
        return f"opens a quote for {name} that does not end"
    return "has full-width quotes: leave them out" if value[:1] in ("“", "”", "‘", "’") else None


def _who_reads(path: Path) -> list[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return []
    if not mode & 0o077:
        return []
    return [wrong(SUBJECT, "Other users of this computer can read .env and the secrets in it: run chmod 600 .env.")]
