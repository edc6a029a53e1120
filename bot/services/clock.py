"""The business clock: an offset to real time kept in the store, so that every process reads the same (DESIGN §4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

_KEY = "clock_offset_seconds"


async def set_clock_once(uow: Any, real_now: datetime, wished: datetime | None) -> timedelta:
    """On an empty database the offset that makes it `wished` now (none: real time); else the stored one."""
    offset = (wished - real_now).total_seconds() if wished is not None else 0.0
    return timedelta(seconds=float(await uow.settings.put_once(_KEY, str(offset))))


async def clock_offset(uow: Any) -> timedelta:
    """What is to be added to real time."""
    return timedelta(seconds=float(await uow.settings.get(_KEY) or 0.0))


async def advance_clock(uow: Any, minutes: int) -> timedelta:
    """Move the clock forward by so many minutes, never back; the new offset."""
    offset = await clock_offset(uow) + timedelta(minutes=max(0, minutes))
    await uow.settings.put(_KEY, str(offset.total_seconds()))
    return offset
