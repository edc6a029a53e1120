"""Is the port of BOT_PORT free, or is it our own bot that serves there?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from bot.doctor.finding import Finding, works, wrong
from bot.settings import Settings

SUBJECT = "port"
_SECONDS = 2.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_LISTENING = "0A"


async def check_port(settings: Settings) -> list[Finding]:
    """Take the port for a moment; when another program has it, say which one if that can be seen."""
    from bot.serving import CannotServe, open_port

    if settings.port == 0:
        return [works(SUBJECT, "BOT_PORT is 0: the bot takes any free port and prints it.")]
    try:
        open_port(settings).close()
    except CannotServe as error:
        return [await _taken(settings, str(error))]
    return [works(SUBJECT, f"{settings.host}:{settings.port} is free.")]


async def _taken(settings: Settings, sentence: str) -> Finding:
    if not sentence.startswith("Another program"):
        return wrong(SUBJECT, sentence)
    if await _is_our_bot(settings):
        return works(SUBJECT, f"A bot of ours serves at {settings.host}:{settings.port}.")
    name = await asyncio.to_thread(program_at, settings.port)
    return wrong(SUBJECT, sentence.replace("Another program", f"Another program ({name})") if name else sentence)


async def _is_our_bot(settings: Settings) -> bool:
    host = _ANYWHERE.get(settings.host, settings.host)
    shown = f"[{host}]" if ":" in host else host
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
            response = await client.get(f"http://{shown}:{settings.port}/health/live")
            return bool(response.json() == {"status": "live"})
    except (httpx.HTTPError, ValueError):
        return False


def program_at(port: int) -> str | None:
    """Name and number of the process that listens at a local port, where /proc shows it to this user."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return None
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in sockets:
                process = link.parents[1]
                return f"{(process / 'comm').read_text().strip()}, process {process.name}"
        except OSError:  # it has ended, or belongs to another user
            continue
    return None


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        rows = [line.split() for line in lines]
        found += [row[9] for row in rows if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port]
    return found
