"""Is it a bot of this project that has the port: serving, with which troubles, or still on its way?"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.doctor.finding import Finding, wrong
from bot.settings import Settings

_SECONDS = 2.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_LISTENING = "0A"
_TROUBLE = re.compile(r'^bot_channel_trouble\{channel="(\w+)"\} 1(?:\.0)?$', re.M)


@dataclass(frozen=True)
class Running:
    """A bot of ours at BOT_HOST:BOT_PORT; `troubles`: channels that cannot receive or send, by its own figures."""

    is_ready: bool
    troubles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Program:
    """A process of this computer, as far as this user may see it."""

    number: str
    name: str
    is_ours: bool

    def __str__(self) -> str:
        return f"{self.name}, process {self.number}"


def trouble_of(running: Running | None, subject: str, platform: str) -> list[Finding]:
    """What the running bot says of itself: nothing while the channel works."""
    if running is None or subject not in running.troubles:
        return []
    advice = "its log says why (journalctl -u dealer-bot, docker compose logs)"
    return [wrong(subject, f"The running bot cannot receive or send on {platform}: {advice}.")]


async def running_bot(settings: Settings) -> Running | None:
    """The bot that has the port of the settings; None when nobody or another program has it."""
    if settings.port == 0:
        return None
    host = _ANYWHERE.get(settings.host, settings.host)
    base = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    try:
        async with httpx.AsyncClient(base_url=base, timeout=_SECONDS, trust_env=False) as client:
            if (await client.get("/health/live")).json() != {"status": "live"}:
                return None
            return Running(True, await _troubles(client))
    except httpx.ReadTimeout:  # it listens but does not serve yet, or is no web server
        program = await asyncio.to_thread(program_at, settings.port)
        return Running(False) if program is not None and program.is_ours else None
    except (httpx.HTTPError, ValueError):
        return None


async def _troubles(client: httpx.AsyncClient) -> frozenset[str]:
    try:
        return frozenset(_TROUBLE.findall((await client.get("/metrics")).text))
    except httpx.HTTPError:
        return frozenset()


def program_at(port: int) -> Program | None:
    """The process that listens at a local port, where /proc shows it to this user."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return None
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in sockets:
                process = link.parents[1]
                words = (process / "cmdline").read_bytes().split(b"\0")
                is_ours = words[1:4] == [b"-m", b"bot", b"serve"]
                return Program(process.name, (process / "comm").read_text().strip(), is_ours)
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
