"""Can the bot write where it writes, and is there room?"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from bot.doctor.finding import Finding, note, works, wrong
from bot.settings import Settings

_LITTLE_BYTES = 1_000_000_000
_NOTHING_BYTES = 100_000_000


def nearest(folder: Path) -> Path:
    """The folder, or the closest above it that exists."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def why_not_writable(folder: Path) -> str | None:
    """Why no file can be made there, as the end of a sentence; None when one can. Missing folders would be made."""
    place = nearest(folder)
    if not place.is_dir():
        return f"{place} is a file, not a folder"
    try:
        with tempfile.TemporaryFile(dir=place):
            return None
    except OSError as error:
        return f"no file can be made in {place} ({error.strerror})"


def room(subject: str, folder: Path) -> list[Finding]:
    """Nothing while there is enough room on the disk of `folder`."""
    free = shutil.disk_usage(nearest(folder)).free
    if free >= _LITTLE_BYTES:
        return []
    sentence = f"Only {free // 1_000_000} MB are free on the disk of {folder}; make room before the bot runs full."
    return [wrong(subject, sentence) if free < _NOTHING_BYTES else note(subject, sentence)]


async def check_spool(settings: Settings) -> list[Finding]:
    """The folder that keeps what comes in while the database is away."""
    return await asyncio.to_thread(_look_at_spool, settings.spool)


def _look_at_spool(folder: Path) -> list[Finding]:
    subject = "spool"
    reason = why_not_writable(folder)
    if reason is not None:
        advice = "set BOT_SPOOL_DIR to a folder of the bot's user"
        return [wrong(subject, f"What comes in while the database is away cannot be kept: {reason}; {advice}.")]
    found = [
        works(subject, f"What comes in while the database is away can be kept in {folder}."),
        *room(subject, folder),
    ]
    left = [path for path in folder.glob("*.jsonl") if path.stat().st_size > 0]
    if left:
        found.append(note(subject, f"{len(left)} files there wait for the database; a running bot hands them in."))
    return found
