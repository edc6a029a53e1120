"""Runs all checks side by side, each within its time, and brings what they find into one order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Mapping
from pathlib import Path

from bot.doctor.calendar import check_clock, check_holidays
from bot.doctor.certificate import check_public_host
from bot.doctor.database import DatabaseReport, report_on_database
from bot.doctor.dealer import check_dealer
from bot.doctor.finding import Finding, wrong
from bot.doctor.model import check_model
from bot.doctor.places import check_spool
from bot.doctor.port import check_port
from bot.doctor.running import Running, running_bot
from bot.doctor.settings import check_settings
from bot.doctor.surroundings import Surroundings, look_around
from bot.doctor.telegram import check_telegram
from bot.doctor.wechat import check_wechat
from bot.settings import Settings

LONGEST_SECONDS = 25.0


async def examine(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> list[Finding]:
    """All findings, in the order in which one would mend them; never raises."""
    around = look_around(os.environ if environ is None else environ, directory or Path.cwd())
    checks: list[tuple[str, Awaitable[list[Finding]]]] = [("settings", check_settings(around))]
    if around.settings is not None:
        checks += _checks(around, around.settings)
    found = await asyncio.gather(*(_within_time(subject, check) for subject, check in checks))
    return [finding for findings in found for finding in findings]


def _checks(around: Surroundings, settings: Settings) -> list[tuple[str, Awaitable[list[Finding]]]]:
    """What can be looked at with the settings that are usable."""
    database = asyncio.ensure_future(_database(around, settings))
    running = asyncio.ensure_future(_running(around, settings))
    checks: list[tuple[str, Awaitable[list[Finding]]]] = [
        ("dealer", check_dealer(settings)),
        ("database", _findings_of(database)),
        ("spool", check_spool(settings)),
    ]
    if around.can_tell("BOT_RASA_URL"):
        checks.append(("model", check_model(settings)))
    if around.can_tell("BOT_HOST", "BOT_PORT"):
        checks.append(("port", _port(settings, running)))
    return [
        *checks,
        ("certificate", check_public_host(around)),
        ("clock", check_clock(settings)),
        ("holidays", check_holidays(settings)),
        ("telegram", _telegram(settings, database, running)),
        ("wechat", _wechat(around, running)),
    ]


async def _database(around: Surroundings, settings: Settings) -> DatabaseReport:
    if not around.can_tell("BOT_DATABASE_URL"):
        return DatabaseReport([])
    return await report_on_database(settings)


async def _findings_of(database: Awaitable[DatabaseReport]) -> list[Finding]:
    return (await database).findings


async def _running(around: Surroundings, settings: Settings) -> Running | None:
    return await running_bot(settings) if around.can_tell("BOT_HOST", "BOT_PORT") else None


async def _port(settings: Settings, running: asyncio.Future[Running | None]) -> list[Finding]:
    return await check_port(settings, await running)


async def _telegram(
    settings: Settings, database: asyncio.Future[DatabaseReport], running: asyncio.Future[Running | None]
) -> list[Finding]:
    await asyncio.wait({database})
    failed = database.cancelled() or database.exception() is not None
    return await check_telegram(settings, None if failed else database.result().is_polled, await running)


async def _wechat(around: Surroundings, running: asyncio.Future[Running | None]) -> list[Finding]:
    return await check_wechat(around, await running)


async def _within_time(subject: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        return await asyncio.wait_for(check, LONGEST_SECONDS)
    except asyncio.TimeoutError:
        return [wrong(subject, f"The check did not end within {LONGEST_SECONDS:.0f} seconds: try again.")]
    except Exception as error:  # a check must not hide what the others found
        return [wrong(subject, f"The check itself failed ({type(error).__name__}); the other findings hold.")]
