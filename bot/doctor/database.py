"""Can the database be reached, written and understood?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.places import room, why_not_writable
from bot.services.clock import clock_offset
from bot.services.unavailable import StoreUnavailable
from bot.settings import Settings
from bot.store.condition import Condition, Unusable, condition_of, sqlite_file
from bot.store.engine import Store

SUBJECT = "database"
POLLING_LEASE = "telegram-polling"
_SECONDS = 4.0
_TRIED_WITH = 15
_CLOCKS_APART = timedelta(seconds=3)

# By SQLSTATE, or our own word for what stands in the way (bot/store/condition.py).
_OBSTACLES = {
    "28P01": "The database does not accept the password: check user and password in BOT_DATABASE_URL.",
    "28000": "The database does not let this user in: check it in BOT_DATABASE_URL, and the server's pg_hba.conf.",
    "3D000": "The database named in BOT_DATABASE_URL does not exist: create it (createdb), or correct the name.",
    "53300": "The database server has no free connection: raise its max_connections, or stop other programs.",
    "57P03": "The database server is starting or stopping: try again in a minute.",
    "42501": "The database user may not read the bot's tables: make it their owner.",
    "timeout": "The database server does not answer in time: check BOT_DATABASE_URL and the firewall.",
    "refused": "The database server refuses the connection: is it running, and is BOT_DATABASE_URL right?",
    "name": "The database server's name cannot be resolved: check the host in BOT_DATABASE_URL (and in its"
    " password write @ as %40, # as %23, / as %2F).",
    "network": "The database server cannot be reached: check host and port in BOT_DATABASE_URL.",
    "locked": "Another program holds the database file: stop it (a bot of this version shares it without trouble).",
    "no database": "The file of BOT_DATABASE_URL is damaged or no SQLite database: restore a back-up, or name another.",
}


@dataclass(frozen=True)
class DatabaseReport:
    """`is_polled`: whether a bot of ours polls Telegram just now; None when that cannot be known."""

    findings: list[Finding]
    is_polled: bool | None = None


async def report_on_database(settings: Settings) -> DatabaseReport:
    """What is found, and what other checks need to know from the database."""
    file = sqlite_file(settings.database_url)
    if file is not None:
        found = await asyncio.to_thread(_look_at_file, file)
        if found or not file.exists():
            return DatabaseReport(found or [_new_file(file), *room(SUBJECT, file.parent)], is_polled=False)
    try:
        condition = await condition_of(settings.database_url, _SECONDS)
    except Unusable as error:
        sentence = _OBSTACLES.get(error.code, f"The database cannot be used ({error.code}): check BOT_DATABASE_URL.")
        return DatabaseReport([wrong(SUBJECT, sentence)])
    found = [_tables(condition), *_server(condition)]
    if file is not None:
        found += room(SUBJECT, file.parent)
    if not condition.is_current:
        return DatabaseReport(found, is_polled=None if condition.revision else False)
    return await _with_contents(settings, found)


def _look_at_file(file: Path) -> list[Finding]:
    if file.is_dir():
        return [wrong(SUBJECT, f"{file} is a folder: BOT_DATABASE_URL has to name a file.")]
    reason = why_not_writable(file.parent)
    if reason is not None:
        return [
            wrong(SUBJECT, f"The database file cannot be written: {reason}. Change BOT_DATABASE_URL or the rights.")
        ]
    try:
        if file.exists():
            file.open("rb+").close()
    except OSError as error:
        return [wrong(SUBJECT, f"{file} cannot be written ({error.strerror}): give it to the bot's user.")]
    return []


def _new_file(file: Path) -> Finding:
    return note(SUBJECT, f"{file} does not exist yet: the first start makes it.")


def _tables(condition: Condition) -> Finding:
    name = f"{condition.product} {'.'.join(map(str, condition.version[:2]))}"
    if condition.is_current:
        return works(SUBJECT, f"{name} answers, its tables are those of this version.")
    if not condition.is_known:
        advice = "install that version again, or restore a back-up from before"
        return wrong(
            SUBJECT, f"The tables were made by a newer version of this program ({condition.revision}): {advice}."
        )
    if not condition.may_create:
        advice = "make it the owner of the database, or grant it CREATE on the schema"
        return wrong(SUBJECT, f"{name} answers, but the user may not create the tables that are missing: {advice}.")
    if condition.revision is None:
        return note(SUBJECT, f"{name} answers; the first start makes the tables.")
    return note(SUBJECT, f"{name} answers; the next start brings its tables up to date: make a back-up first.")


def _server(condition: Condition) -> list[Finding]:
    found = []
    if condition.product == "PostgreSQL" and condition.version[:1] < (_TRIED_WITH,):
        found.append(note(SUBJECT, f"This PostgreSQL is older than the one the bot is tried with ({_TRIED_WITH})."))
    if abs(condition.ahead) > _CLOCKS_APART:
        seconds = abs(condition.ahead).total_seconds()
        found.append(note(SUBJECT, f"Clocks of database server and bot are {seconds:.0f} s apart: let both use NTP."))
    return found


async def _with_contents(settings: Settings, found: list[Finding]) -> DatabaseReport:
    store = Store(settings.database_url, settings.timezone.key, pool_size=1, busy_seconds=_SECONDS)
    try:
        await store.start()
        async with store.reading() as uow:
            offset = await clock_offset(uow)
            polled = await uow.leases.is_held(POLLING_LEASE, datetime.now(timezone.utc))
    except StoreUnavailable:
        return DatabaseReport([wrong(SUBJECT, "The database answers, but its tables cannot be read: is it locked?")])
    finally:
        await store.close()
    return DatabaseReport([*found, *_clock(offset)], polled)


def _clock(offset: timedelta) -> list[Finding]:
    if abs(offset) < timedelta(seconds=1):
        return []
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    way = "ahead of" if offset > timedelta(0) else "behind"
    sentence = f"The bot's clock is {hours} h {minutes} min {way} real time (BOT_CLOCK, or moved on for a demo)"
    return [note(SUBJECT, f"{sentence}: real customers need a database without it.")]
