"""Do this computer's clock and the holiday calendar fit the real world?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import httpx

from bot.business.holidays import PUBLISHED_YEARS, is_published
from bot.doctor.finding import Finding, note, works
from bot.doctor.network import platform_client
from bot.settings import Settings

_APART = timedelta(minutes=2)


async def check_clock(settings: Settings) -> list[Finding]:
    """This computer's clock against a platform's; nothing when none of them tells the time."""
    sources = [each.api_base_url for each in (settings.telegram, settings.wechat) if each is not None]
    told = await _time_told(sources)
    return [] if told is None else [compare(told, datetime.now(timezone.utc))]


def compare(told: datetime, here: datetime) -> Finding:
    """The two clocks; signatures and tokens carry times, so minutes matter."""
    apart = here - told
    if abs(apart) <= _APART:
        return works("clock", "This computer's clock is right.")
    minutes = int(abs(apart).total_seconds()) // 60
    way = "ahead of" if apart > timedelta(0) else "behind"
    return note(
        "clock", f"This computer's clock is {minutes} minutes {way} the platform's: let it use NTP (timedatectl)."
    )


async def _time_told(sources: Sequence[str]) -> datetime | None:
    for url in sources:
        try:
            async with platform_client(url) as client:
                told = parsedate_to_datetime((await client.head(url)).headers["date"])
        except (httpx.HTTPError, KeyError, ValueError, TypeError):
            continue
        return told if told.tzinfo else told.replace(tzinfo=timezone.utc)
    return None


async def check_holidays(settings: Settings) -> list[Finding]:
    """Whether the public holidays of this year and the next are known."""
    year = datetime.now(settings.timezone).year
    for each in (year, year + 1):
        if not is_published(each):
            known = f"Public holidays are known up to {max(PUBLISHED_YEARS)}"
            advice = "update the package chinesecalendar, which has each year's by December"
            return [note("holidays", f"{known}; of {each} only the statutory days themselves: {advice}.")]
    return [works("holidays", f"The public holidays of {year} and {year + 1} are known.")]
