"""A day of the workshop as the desk's calendar shows it: a column a bay or technician, and what is left of the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.business.appointments import Appointment, ServiceType
from bot.business.calendar import Period, WorkingCalendar
from bot.business.means import Bay, Block, Technician, able
from bot.business.windows import Taken, WorkshopRules, possible_starts, window_at

IN_PLACE = ("booked", "arrived", "done")
BY_BAY, BY_TECHNICIAN = "bay", "technician"


@dataclass(frozen=True)
class Book:
    """Everything known of some days: means, visits, closures, what customers are choosing just now (`held`)."""

    calendar: WorkingCalendar
    rules: WorkshopRules
    services: Sequence[ServiceType]
    bays: Sequence[Bay]
    team: Sequence[Technician]
    visits: Sequence[Appointment] = ()
    blocks: Sequence[Block] = ()
    held: Sequence[Taken] = ()


@dataclass(frozen=True)
class Entry:
    """One thing in a column; kind visit, block, hold or gap (nothing is there and the workshop is open).

    `disturbed`: a visit at a time that was closed after it was booked, so that it has to be moved.
    """

    kind: str
    start: datetime
    end: datetime
    visit: Appointment | None = None
    block: Block | None = None
    disturbed: bool = False

    @property
    def minutes(self) -> int:
        """How long it lasts by the clock on the wall."""
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True)
class Column:
    """What lies on one bay or technician in the order of time, and how many open minutes are still free."""

    key: int
    name: str
    entries: tuple[Entry, ...]
    free_minutes: int


@dataclass(frozen=True)
class DayPlan:
    """One day; `room` tells how many more visits of each kind of work fit, whichever kind is booked first."""

    day: date
    kind: str
    periods: tuple[Period, ...]
    columns: tuple[Column, ...]
    free_minutes: int
    room: Mapping[str, int] = field(default_factory=dict)
    missed: tuple[Appointment, ...] = ()
    cancelled: tuple[Appointment, ...] = ()

    @property
    def visits(self) -> int:
        """How many visits the day has."""
        return sum(entry.kind == "visit" for column in self.columns for entry in column.entries)


def plan_of_day(book: Book, day: date, by: str, now: datetime) -> DayPlan:
    """The plan of `day` with a column for each bay or each technician."""
    visits = [each for each in book.visits if book.calendar.day_of(each.start) == day]
    book = replace(book, visits=visits, held=[each for each in book.held if book.calendar.day_of(each.start) == day])
    periods = book.calendar.periods_of(day)
    columns = {way: _columns(book, day, way, periods, now) for way in (BY_BAY, BY_TECHNICIAN)}
    return DayPlan(
        day=day,
        kind=book.calendar.kind_of(day),
        periods=periods,
        columns=columns[by],
        free_minutes=min(sum(column.free_minutes for column in each) for each in columns.values()),
        room=room_left(book, day, now),
        missed=tuple(each for each in visits if each.status == "no_show"),
        cancelled=tuple(each for each in visits if each.status == "cancelled"),
    )


def _columns(book: Book, day: date, by: str, periods: Sequence[Period], now: datetime) -> tuple[Column, ...]:
    means: Sequence[Bay | Technician] = book.bays if by == BY_BAY else book.team
    made = [_column(book, day, by, each, periods, now) for each in means]
    busy = {each.id for each in means if each.active}
    return tuple(column for column in made if column.key in busy or any(entry.visit for entry in column.entries))


def _column(
    book: Book, day: date, by: str, means: Bay | Technician, periods: Sequence[Period], now: datetime
) -> Column:
    there = [
        *(_visit(each, book) for each in book.visits if each.status in IN_PLACE and _key(each, by) == means.id),
        *(Entry("block", each.start, each.end, block=each) for each in book.blocks if _shuts(each, by, means.id)),
        *(Entry("hold", each.start, each.end) for each in book.held if _key(each, by) == means.id),
    ]
    shown = [_within(each, day, book.calendar) for each in there if _touches(each, day, book.calendar)]
    gaps = _gaps(shown, periods, now) if means.active else []
    free = sum(gap.minutes for gap in gaps)
    gaps = [gap for gap in gaps if gap.minutes >= min(book.rules.step_minutes, 30)]
    return Column(means.id, means.name, tuple(sorted([*shown, *gaps], key=_order)), free)


def _order(entry: Entry) -> tuple[datetime, bool]:
    return entry.start, entry.kind != "block"


def _visit(visit: Appointment, book: Book) -> Entry:
    place = (visit.start, visit.end, visit.bay_id, visit.technician_id)
    disturbed = visit.status == "booked" and any(block.lies_on(*place) for block in book.blocks)
    return Entry("visit", visit.start, visit.end, visit=visit, disturbed=disturbed)


def _key(of: Appointment | Taken, by: str) -> int | None:
    return of.bay_id if by == BY_BAY else of.technician_id


def _shuts(block: Block, by: str, key: int) -> bool:
    whole = block.bay_id is None and block.technician_id is None
    return whole or (block.bay_id if by == BY_BAY else block.technician_id) == key


def _touches(entry: Entry, day: date, calendar: WorkingCalendar) -> bool:
    return calendar.day_of(entry.start) <= day <= calendar.day_of(entry.end - timedelta(microseconds=1))


def _within(entry: Entry, day: date, calendar: WorkingCalendar) -> Entry:
    """The part of it that lies on `day`; closures may last for days."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    start, end = max(entry.start, midnight), min(entry.end, midnight + timedelta(days=1))
    return Entry(entry.kind, start, end, entry.visit, entry.block, entry.disturbed)


def _gaps(there: Iterable[Entry], periods: Sequence[Period], now: datetime) -> list[Entry]:
    """The open times from `now` on in which nothing is there."""
    gaps: list[Entry] = []
    for period in periods:
        begin = max(period.opens, _full_minute(now))
        for entry in sorted(there, key=lambda each: each.start):
            if entry.start >= period.closes or entry.end <= begin:
                continue
            if entry.start > begin:
                gaps.append(Entry("gap", begin, entry.start))
            begin = max(begin, entry.end)
        if begin < period.closes:
            gaps.append(Entry("gap", begin, period.closes))
    return gaps


def _full_minute(moment: datetime) -> datetime:
    full = moment.replace(second=0, microsecond=0)
    return full if full == moment else full + timedelta(minutes=1)


def room_left(book: Book, day: date, now: datetime) -> dict[str, int]:
    """How many more visits of each kind of work fit on `day`, at the times that are offered."""
    taken = [
        *(Taken(each.start, each.end, each.bay_id, each.technician_id) for each in _in_place(book.visits)),
        *(block.taken for block in book.blocks),
        *book.held,
    ]
    return {service.code: _fit(book, service, day, taken, now) for service in book.services}


def _in_place(visits: Iterable[Appointment]) -> Iterable[Appointment]:
    return (each for each in visits if each.status in IN_PLACE)


def _fit(book: Book, service: ServiceType, day: date, taken: Sequence[Taken], now: datetime) -> int:
    workshop, buffer = able(service.code, book.bays, book.team), timedelta(minutes=book.rules.buffer_minutes)
    filled = list(taken)
    for start, end in possible_starts(book.calendar.periods_of(day), service.minutes, book.rules.step_minutes):
        while start >= now and (window := window_at(start, end, workshop, filled, buffer)):
            filled.append(Taken(window.start, window.end, window.bay_id, window.technician_id))
    return len(filled) - len(taken)
