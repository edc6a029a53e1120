"""The manager's figures of a day, the day before and the week, and what of them may be taken away as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Protocol

from bot.business.calendar import WorkingCalendar
from bot.business.complaints import LEVEL_OWNERS
from bot.business.handoffs import CUSTOMER
from bot.business.refusals import InvalidValue
from bot.business.reports import (
    DAYS,
    AgentLoad,
    Behind,
    Tally,
    Waited,
    days_until,
    median,
    reason_group,
    working_minutes,
)
from bot.business.training_examples import without_person
from bot.services.deadlines import kept_and_broken
from bot.services.desk_ports import DeskUnitOfWork

NOUNS = ("bookings", "handoffs", "complaints", "surveys")
CAME = ("arrived", "done")
DUE = ("booked", "arrived", "done", "no_show")
LAST = DAYS - 1
# The outcome of a hand-off that the customer needed no more.
CALLED_OFF = "called_off"
_LONGEST = timedelta(days=366)
_MOST_ROWS = 50_000
_MOST_SENTENCES = 2_000

Row = tuple[Any, ...]
Bounds = Sequence[datetime]


class Reports(Protocol):
    """What the store counts; rows begin with the number of the day and end with the count."""

    async def bookings(self, bounds: Bounds) -> list[Row]: ...
    async def visits(self, bounds: Bounds, now: datetime) -> list[Row]: ...
    async def handoffs(self, bounds: Bounds) -> list[Row]: ...
    async def first_answers(self, bounds: Bounds) -> list[Row]: ...
    async def resolutions(self, bounds: Bounds) -> list[Row]: ...
    async def complaints(self, bounds: Bounds) -> list[Row]: ...
    async def complaints_now(self, now: datetime) -> list[Row]: ...
    async def scores(self, bounds: Bounds) -> list[Row]: ...
    async def asked(self, bounds: Bounds) -> list[Row]: ...
    async def misread(self, bounds: Bounds) -> list[Row]: ...
    async def sentences(self, start: datetime, end: datetime, limit: int) -> list[Row]: ...
    async def in_hand(self) -> Mapping[str, int]: ...
    async def answered(self, start: datetime, end: datetime) -> Mapping[str, int]: ...
    async def sheet(self, noun: str, start: datetime, end: datetime, limit: int) -> list[Mapping[str, Any]]: ...


class ReportUnitOfWork(DeskUnitOfWork, Protocol):
    """One transaction of the manager's page."""

    @property
    def reports(self) -> Reports: ...


@dataclass(frozen=True)
class Sentence:
    """A message that was not understood, without what tells who wrote it; `intent` is what it was guessed to be."""

    time: datetime
    intent: str
    text: str


@dataclass(frozen=True)
class Report:
    """The figures of DAYS days, numbered from 0; the last one is the chosen `day`."""

    day: date
    by_channel: Tally
    by_kind: Tally
    visits: Tally
    handoffs: Tally
    first_answers: tuple[Waited, ...]
    resolutions: tuple[Waited, ...]
    kept: Tally
    broken: Tally
    complaints: Tally
    complaints_open: Mapping[int, int]
    complaints_late: Mapping[int, int]
    scores: Tally
    asked: Tally
    misread: Tally
    load: tuple[AgentLoad, ...]

    def date_of(self, number: int) -> date:
        """The date of a day of the report."""
        return self.day - timedelta(days=LAST - number)


async def report_of(uow: ReportUnitOfWork, now: datetime, *, day: date) -> Report:
    """The figures of the days that end with `day`; raises InvalidValue for a day to come."""
    calendar = await uow.calendar.load()
    if not date(2000, 1, 1) <= day <= calendar.day_of(now):
        raise InvalidValue("day", "in_the_future")
    bounds, reports = days_until(day, calendar.zone), uow.reports
    bookings = await reports.bookings(bounds)
    promises = await _promises(uow, bounds)
    standing = await reports.complaints_now(now)
    first = _waits(await reports.first_answers(bounds), calendar)
    return Report(
        day=day,
        by_channel=_tally((at, channel, n) for at, channel, _, n in bookings),
        by_kind=_tally((at, kind, n) for at, _, kind, n in bookings),
        visits=_tally(await reports.visits(bounds, now)),
        handoffs=_tally(
            (at, reason_group(why, Behind(*rest)), n) for at, why, *rest, n in await reports.handoffs(bounds)
        ),
        first_answers=first,
        resolutions=_waits(await reports.resolutions(bounds), calendar),
        kept=_tally((at, kind, kept) for at, kind, kept, _ in promises if kept),
        broken=_tally((at, kind, broken) for at, kind, _, broken in promises if broken),
        complaints=_tally(await reports.complaints(bounds)),
        complaints_open={level: n for level, n, _ in standing},
        complaints_late={level: int(late) for level, _, late in standing},
        scores=_tally(await reports.scores(bounds)),
        asked=_tally((at, "asked", n) for at, n in await reports.asked(bounds)),
        misread=_tally(await reports.misread(bounds)),
        load=await _load(uow, bounds, first),
    )


async def sentences_of(
    uow: ReportUnitOfWork, now: datetime, *, day: date, actor: str, limit: int = _MOST_SENTENCES
) -> list[Sentence]:
    """What was not understood in the days that end with `day`, the latest first; the reading is audited."""
    calendar = await uow.calendar.load()
    bounds = days_until(day, calendar.zone)
    rows = await uow.reports.sentences(bounds[0], bounds[-1], limit)
    await uow.audit.write(now, actor=actor, action="read", kind="sentences", subject=day.isoformat())
    return [Sentence(time, intent, without_person(text or "")) for time, intent, text in rows]


async def sheet_of(
    uow: ReportUnitOfWork, now: datetime, *, noun: str, first: date, last: date, actor: str
) -> list[Mapping[str, Any]]:
    """The records of these days (both included), audited; raises InvalidValue for an unknown noun or a bad stretch."""
    if noun not in NOUNS:
        raise InvalidValue("noun", "unknown")
    if not timedelta(0) <= last - first <= _LONGEST or not 2000 <= first.year <= last.year < 9999:
        raise InvalidValue("last", "malformed")
    zone = (await uow.calendar.load()).zone
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    stretch = f"{first.isoformat()}..{last.isoformat()}"
    await uow.audit.write(now, actor=actor, action="export", kind=noun, subject=stretch)
    rows = await uow.reports.sheet(noun, start, end, _MOST_ROWS)
    return [_AS_SHOWN[noun](row) for row in rows] if noun in _AS_SHOWN else rows


def _complaint_shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A complaint as the board tells it: a role that nobody acts for yet is no owner, and a yes is a state."""
    owner = None if row["owner"] in LEVEL_OWNERS.values() else row["owner"]
    agreed = row["status"] == "answered" and row["agreed_at"] is not None
    shown = {name: value for name, value in row.items() if name != "agreed_at"}
    return {**shown, "owner": owner, "status": "agreed" if agreed else row["status"]}


def _handoff_shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A hand-off with its group of reasons, without the facts that tell it; who called it off did not own it."""
    facts = {name: bool(row[name]) for name in ("angry", "complained", "not_understood")}
    reason = reason_group(row["reason"], Behind(row["urgency"], **facts))
    shown = {**{name: value for name, value in row.items() if name not in facts}, "reason": reason}
    return {**shown, "owner": None, "resolution": CALLED_OFF} if row["owner"] == CUSTOMER else shown


_AS_SHOWN = {"complaints": _complaint_shown, "handoffs": _handoff_shown}


async def _promises(uow: ReportUnitOfWork, bounds: Bounds) -> list[Row]:
    """Of the promises made on each day, by kind: how many were kept, how many broken; what is not due yet is neither.

    What the bot itself has kept at once is a kind of its own (BY_BOT).
    """
    return [
        (day, kind, kept, broken)
        for day, (start, end) in enumerate(pairwise(bounds))
        for kind, kept, broken, _ in await kept_and_broken(uow, start, end)
    ]


def _tally(rows: Iterable[Row]) -> Tally:
    counts: Counter[tuple[int, str]] = Counter()
    for day, key, count in rows:
        counts[int(day), str(key)] += count
    return Tally(counts)


def _waits(rows: Iterable[Row], calendar: WorkingCalendar) -> tuple[Waited, ...]:
    return tuple(
        Waited(int(day), owner or "", (end - start) / timedelta(minutes=1), working_minutes(calendar, start, end))
        for day, owner, start, end in rows
    )


async def _load(uow: ReportUnitOfWork, bounds: Bounds, first: Iterable[Waited]) -> tuple[AgentLoad, ...]:
    """Of everybody who may converse, or has."""
    in_hand = await uow.reports.in_hand()
    answered = await uow.reports.answered(bounds[LAST], bounds[LAST + 1])
    today = [each for each in first if each.day == LAST]
    return tuple(
        AgentLoad(
            name=agent.name,
            role=agent.role,
            team=agent.team,
            available=agent.available and agent.active,
            open=in_hand.get(agent.name, 0),
            answered=answered.get(agent.name, 0),
            first_answer=median([each.working for each in today if each.agent == agent.name]),
        )
        for agent in await uow.agents.all()
        if (agent.active and agent.role != "administrator") or agent.name in in_hand or agent.name in answered
    )
