"""When the dealer is open: weekly hours, public holidays, make-up workdays, and the dealer's own days over all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from bot.business.holidays import is_makeup_workday, is_public_holiday, is_published

_LOOK_AHEAD_DAYS = 800
_WORKDAYS = range(5)


@dataclass(frozen=True)
class Hours:
    """One open period of a day by the clock on the wall."""

    opens: time
    closes: time


@dataclass(frozen=True)
class DayOverride:
    """What the dealer has set for one day; kind open (own `hours`, or a workday's when empty), closed or holiday."""

    kind: str
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class Period:
    """One open period as moments."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class WorkingCalendar:
    """The dealer's opening hours; `weekly` by weekday (Monday 0), `overrides` win over the holiday library."""

    zone: tzinfo
    weekly: Mapping[int, tuple[Hours, ...]]
    overrides: Mapping[date, DayOverride] = field(default_factory=dict)

    def day_of(self, moment: datetime) -> date:
        """The dealer's date at `moment`."""
        return moment.astimezone(self.zone).date()

    def kind_of(self, day: date) -> str:
        """open, closed or holiday."""
        override = self.overrides.get(day)
        if override is not None:
            return override.kind
        if is_public_holiday(day):
            return "holiday"
        return "open" if self._usual_hours(day) else "closed"

    def periods_of(self, day: date) -> tuple[Period, ...]:
        """The open periods of `day` in order, none when closed."""
        if self.kind_of(day) != "open":
            return ()
        override = self.overrides.get(day)
        hours = override.hours if override and override.hours else self._usual_hours(day) or self._workday_hours()
        return tuple(
            Period(datetime.combine(day, each.opens, self.zone), datetime.combine(day, each.closes, self.zone))
            for each in sorted(hours, key=lambda each: each.opens)
        )

    def is_open(self, moment: datetime) -> bool:
        """Whether the dealer is open at `moment`; at the minute of closing no longer."""
        return any(period.opens <= moment < period.closes for period in self.periods_of(self.day_of(moment)))

    def next_opening(self, moment: datetime) -> datetime:
        """The first moment at or after `moment` when the dealer is open; `moment` itself if it never opens again."""
        for period in self._periods_from(moment):
            return max(period.opens, moment)
        return moment

    def add_working_time(self, start: datetime, minutes: int) -> datetime:
        """The moment `minutes` of opening time after `start`; by calendar time if the dealer never opens again."""
        left = timedelta(minutes=minutes)
        for period in self._periods_from(start):
            begin = max(period.opens, start)
            if left <= period.closes - begin:
                return begin + left
            left -= period.closes - begin
        return start + timedelta(minutes=minutes)

    def take_working_time(self, end: datetime, minutes: int) -> datetime:
        """The moment `minutes` of opening time before `end`; by calendar time if the dealer was never open."""
        left = timedelta(minutes=minutes)
        for period in self._periods_until(end):
            until = min(period.closes, end)
            if left <= until - period.opens:
                return until - left
            left -= until - period.opens
        return end - timedelta(minutes=minutes)

    def unpublished_years(self, today: date) -> tuple[int, ...]:
        """Which of this and (from October on) the next year's public holidays are not loaded."""
        years = (today.year, today.year + 1) if today.month >= 10 else (today.year,)
        return tuple(year for year in years if not is_published(year))

    def _usual_hours(self, day: date) -> tuple[Hours, ...]:
        if is_makeup_workday(day):
            return self._workday_hours()
        return self.weekly.get(day.weekday(), ())

    def _workday_hours(self) -> tuple[Hours, ...]:
        return next((hours for weekday in _WORKDAYS if (hours := self.weekly.get(weekday, ()))), ())

    def _periods_from(self, moment: datetime) -> Iterator[Period]:
        """Open periods that end after `moment`, in order, for two years."""
        first = self.day_of(moment)
        for ahead in range(_LOOK_AHEAD_DAYS):
            for period in self.periods_of(first + timedelta(days=ahead)):
                if period.closes > moment:
                    yield period

    def _periods_until(self, moment: datetime) -> Iterator[Period]:
        """Open periods that begin before `moment`, the last first, for two years."""
        last = self.day_of(moment)
        for back in range(_LOOK_AHEAD_DAYS):
            for period in reversed(self.periods_of(last - timedelta(days=back))):
                if period.opens < moment:
                    yield period
