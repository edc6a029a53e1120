"""Is the port of BOT_PORT free, or is it our own bot that has it?"""

from __future__ import annotations

import asyncio

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.running import Running, program_at
from bot.settings import Settings

SUBJECT = "port"


async def check_port(settings: Settings, running: Running | None = None) -> list[Finding]:
    """Take the port for a moment; when another program has it, say which one if that can be seen."""
    from bot.serving import CannotServe, open_port

    if settings.port == 0:
        return [works(SUBJECT, "BOT_PORT is 0: the bot takes any free port and prints it.")]
    if running is not None:
        return [_ours(settings, running)]
    try:
        open_port(settings).close()
    except CannotServe as error:
        return [await _taken(settings, str(error))]
    return [works(SUBJECT, f"{settings.host}:{settings.port} is free.")]


def _ours(settings: Settings, running: Running) -> Finding:
    if running.is_ready:
        return works(SUBJECT, f"A bot of ours serves at {settings.host}:{settings.port}.")
    sentence = f"A bot of ours is starting at {settings.host}:{settings.port}, or training its model"
    return note(SUBJECT, f"{sentence}: let it, and run the doctor again when it says ready.")


async def _taken(settings: Settings, sentence: str) -> Finding:
    if not sentence.startswith("Another program"):
        return wrong(SUBJECT, sentence)
    program = await asyncio.to_thread(program_at, settings.port)
    if program is None:  # another user's: it cannot be seen whether it is a bot that still trains
        return wrong(SUBJECT, f"{sentence} If it is the bot, still starting: see its log, or ask as its user.")
    return wrong(SUBJECT, sentence.replace("Another program", f"Another program ({program})"))
