"""Which windows are free: bays × technicians' skills × opening hours × notice × buffers × what is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.business.calendar import Period, WorkingCalendar


@dataclass(frozen=True)
class Window:
    """A bookable time on one bay with one technician; lunch lies inside it and is not worked."""

    start: datetime
    end: datetime
    bay_id: int
    technician_id: int


@dataclass(frozen=True)
class Wish:
    """When the customer would like to come: a start within [start, end), or exactly at `start` when both are equal."""

    start: datetime
    end: datetime

    @property
    def is_exact(self) -> bool:
        """Whether one minute is meant."""
        return self.start == self.end

    @property
    def is_daily(self) -> bool:
        """Whether the same hours of several days are meant ("周末下午" is no Sunday morning)."""
        return self.end - self.start > timedelta(days=1) and time() < self.start.time() < self.end.time()

    def holds(self, moment: datetime) -> bool:
        """Whether a visit that begins at `moment` is as wished."""
        if self.is_exact:
            return moment == self.start
        hours = not self.is_daily or self.start.time() <= moment.astimezone(self.start.tzinfo).time() < self.end.time()
        return self.start <= moment < self.end and hours

    def distance(self, moment: datetime) -> timedelta:
        """How far `moment` lies outside the wish, 0 inside."""
        return max(self.start - moment, moment - self.end, timedelta(0))


@dataclass(frozen=True)
class Taken:
    """A time when a bay, a technician, or (both None) the whole workshop is not free."""

    start: datetime
    end: datetime
    bay_id: int | None = None
    technician_id: int | None = None


@dataclass(frozen=True)
class WorkshopRules:
    """The dealer's numbers; every one is a setting with this default."""

    step_minutes: int = 30
    notice_minutes: int = 60
    buffer_minutes: int = 10
    hold_minutes: int = 10
    cut_off_minutes: int = 120
    horizon_days: int = 60


@dataclass(frozen=True)
class Workshop:
    """Who and what can do one kind of work; technicians with the fewest other skills first."""

    bays: tuple[int, ...]
    technicians: tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """The bay and the technician somebody at the desk has chosen; None: any that is free."""

    bay_id: int | None = None
    technician_id: int | None = None

    def within(self, workshop: Workshop) -> Workshop:
        """What of the workshop is left when only this place will do."""
        return Workshop(_only(self.bay_id, workshop.bays), _only(self.technician_id, workshop.technicians))


ANYWHERE = Place()


def _only(chosen: int | None, among: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(each for each in among if chosen in (None, each))


def possible_starts(
    periods: Sequence[Period], minutes: int, step_minutes: int, exactly: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Start and end of every visit that begins inside an open period and ends the same day, work pausing between.

    Starts lie `step_minutes` apart from each opening; `exactly` is one more that is asked about.
    """
    step = timedelta(minutes=step_minutes)
    starts = {
        period.opens + step * count for period in periods for count in range((period.closes - period.opens) // step + 1)
    }
    if exactly is not None:
        starts.add(exactly)
    for start in sorted(starts):
        end = _end_of(start, minutes, periods)
        if end is not None:
            yield start, end


def _end_of(start: datetime, minutes: int, periods: Sequence[Period]) -> datetime | None:
    """When work of so many minutes is done, None when not begun in an open period or not done by the last closing."""
    left = timedelta(minutes=minutes)
    rest = [period for period in periods if period.closes > start]
    if not rest or not rest[0].opens <= start:
        return None
    for period in rest:
        begin = max(period.opens, start)
        if left <= period.closes - begin:
            return begin + left
        left -= period.closes - begin
    return None


def free_windows(
    starts: Iterable[tuple[datetime, datetime]], workshop: Workshop, taken: Iterable[Taken], buffer_minutes: int
) -> list[Window]:
    """One window for each of the `starts` that has a free bay and a free technician, in order."""
    buffer = timedelta(minutes=buffer_minutes)
    by_day: dict[date, list[Taken]] = {}
    for each in taken:
        for ahead in range((each.end.date() - each.start.date()).days + 1):
            by_day.setdefault(each.start.date() + timedelta(days=ahead), []).append(each)
    found = (window_at(start, end, workshop, by_day.get(start.date(), ()), buffer) for start, end in starts)
    return [window for window in found if window is not None]


def window_at(
    start: datetime, end: datetime, workshop: Workshop, taken: Iterable[Taken], buffer: timedelta
) -> Window | None:
    """The first free bay and technician from `start` to `end`; a buffer lies between two jobs, not around a closure."""
    in_the_way = [each for each in taken if _is_in_the_way(each, start, end, buffer)]
    if any(each.bay_id is None and each.technician_id is None for each in in_the_way):
        return None
    bays, technicians = ({each.bay_id for each in in_the_way}, {each.technician_id for each in in_the_way})
    bay = next((bay for bay in workshop.bays if bay not in bays), None)
    technician = next((one for one in workshop.technicians if one not in technicians), None)
    return None if bay is None or technician is None else Window(start, end, bay, technician)


def _is_in_the_way(taken: Taken, start: datetime, end: datetime, buffer: timedelta) -> bool:
    """Whether the times touch; a job, which has both a bay and a technician, keeps the buffer around it."""
    if taken.bay_id is None or taken.technician_id is None:
        buffer = timedelta(0)
    return taken.start < end + buffer and start < taken.end + buffer


def is_free(window: Window, taken: Iterable[Taken], buffer_minutes: int) -> bool:
    """Whether exactly this window, past or to come, touches nothing that is taken."""
    places = Workshop((window.bay_id,), (window.technician_id,))
    return window_at(window.start, window.end, places, taken, timedelta(minutes=buffer_minutes)) is not None


def starts_between(
    calendar: WorkingCalendar, first: date, last: date, minutes: int, step_minutes: int, exactly: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """The possible starts of all days from `first` to `last`."""
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        asked = exactly if exactly is not None and calendar.day_of(exactly) == day else None
        yield from possible_starts(calendar.periods_of(day), minutes, step_minutes, asked)
