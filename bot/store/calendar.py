"""The dealer's weekly hours and special days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.calendar import DayOverride, Hours, WorkingCalendar
from bot.store.tables import calendar_days, calendar_periods, weekly_hours


class Calendar:
    """The opening hours as the dealer has set them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def load(self, since: date | None = None) -> WorkingCalendar:
        """The whole calendar; special days before `since` are left out."""
        zone: Any = self._connection.dialect.zone
        weekly: dict[int, list[Hours]] = {}
        table = weekly_hours.c
        for row in await self._connection.execute(sa.select(table.weekday, table.opens, table.closes)):
            weekly.setdefault(row.weekday, []).append(Hours(row.opens, row.closes))
        hours = {weekday: tuple(each) for weekday, each in weekly.items()}
        return WorkingCalendar(zone, hours, await self._overrides(since))

    async def _overrides(self, since: date | None) -> dict[date, DayOverride]:
        days, periods = calendar_days.c, calendar_periods.c
        query = sa.select(days.day, days.kind, periods.opens, periods.closes).select_from(
            calendar_days.outerjoin(calendar_periods, periods.day == days.day)
        )
        if since is not None:
            query = query.where(days.day >= since)
        found: dict[date, DayOverride] = {}
        for row in await self._connection.execute(query):
            before = found.get(row.day, DayOverride(row.kind))
            more = (Hours(row.opens, row.closes),) if row.opens is not None else ()
            found[row.day] = DayOverride(row.kind, before.hours + more)
        return found

    async def set_week(self, weekly: Mapping[int, Sequence[Hours]]) -> None:
        """Replace the weekly hours (Monday 0)."""
        await self._connection.execute(weekly_hours.delete())
        rows = [
            {"weekday": weekday, "opens": each.opens, "closes": each.closes}
            for weekday, hours in weekly.items()
            for each in hours
        ]
        if rows:
            await self._connection.execute(weekly_hours.insert(), rows)

    async def set_day(self, day: date, override: DayOverride | None, note: str = "") -> None:
        """Set or (None) take back what is special about one day."""
        await self._connection.execute(calendar_periods.delete().where(calendar_periods.c.day == day))
        await self._connection.execute(calendar_days.delete().where(calendar_days.c.day == day))
        if override is None:
            return
        await self._connection.execute(calendar_days.insert().values(day=day, kind=override.kind, note=note))
        rows = [{"day": day, "opens": each.opens, "closes": each.closes} for each in override.hours]
        if rows:
            await self._connection.execute(calendar_periods.insert(), rows)
