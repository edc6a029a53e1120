"""The figures of the manager's page, counted by the database: a few rows come back, however much there is.

Days are numbered from 0; `bounds` are the midnights between them, one more than there are days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.handoffs import STEPPED_IN
from bot.business.reports import BY_DESK, WALK_IN
from bot.store.tables import appointments, audit_log, complaints, handoffs, messages, surveys

Bounds = Sequence[datetime]
Row = tuple[Any, ...]

_SPOKE = sa.literal_column("'agent'")  # a literal, so that the partial index is used


def _noted_as(action: str) -> Any:
    """Whether an agent has made the appointment with this action."""
    which = (audit_log.c.subject_kind == "appointment", audit_log.c.subject == appointments.c.number)
    noted = sa.select(audit_log.c.id).where(*which, audit_log.c.action == action)
    return noted.correlate(appointments).exists()


_WALKED_IN = _noted_as("walk_in")
_BOOKED_BY = sa.case(
    (_WALKED_IN, sa.literal_column(f"'{WALK_IN}'")),
    (_noted_as("book"), sa.literal_column(f"'{BY_DESK}'")),
    else_=appointments.c.channel,
).label("booked_by")
_FACTS = handoffs.c.facts
# What tells why a person was needed, besides the reason: urgency, and what the dialogue knew.
_BEHIND = (
    handoffs.c.urgency,
    _FACTS["angry"].as_string().is_not(None).label("angry"),
    sa.or_(_FACTS["filed_complaint"].as_string().is_not(None), _FACTS["complaint_text"].as_string().is_not(None)).label(
        "complained"
    ),
    _FACTS["not_understood"].as_string().is_not(None).label("not_understood"),
)
# Who has the conversation now may be a colleague it was passed on to.
_ANSWERED_BY = (
    sa.select(messages.c.agent)
    .where(
        messages.c.conversation_id == handoffs.c.conversation_id,
        messages.c.sender == "agent",
        messages.c.time >= handoffs.c.answered_at,
    )
    .order_by(messages.c.id)
    .limit(1)
    .correlate(handoffs)
    .scalar_subquery()
)
_FIRST_CLAIM = (
    sa.select(sa.func.min(audit_log.c.time, type_=audit_log.c.time.type))
    .where(
        audit_log.c.subject_kind == "handoff",
        audit_log.c.subject == sa.cast(handoffs.c.id, sa.String),
        audit_log.c.action.in_(("claim", "take", "reply")),
    )
    .correlate(handoffs)
    .scalar_subquery()
)
_SHEETS = {
    "bookings": (
        appointments,
        "created_at",
        "number status service_type starts_at created_at channel plate surname title phone model loaner cancel_reason",
    ),
    "handoffs": (
        handoffs,
        "requested_at",
        "id channel reason urgency status owner requested_at claimed_at answered_at closed_at resolution",
    ),
    "complaints": (
        complaints,
        "created_at",
        "number status level owner plate phone channel created_at deadline answered_at closed_at text",
    ),
    "surveys": (surveys, "asked_at", "id agent score comment asked_at answered_at"),
}


class Reports:
    """Aggregates over the whole store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def bookings(self, bounds: Bounds) -> list[Row]:
        """Appointments made, by day, source (the channel; BY_DESK, WALK_IN for what agents made) and kind of work."""
        c = appointments.c
        return await self._counted(c.created_at, bounds, _BOOKED_BY, c.service_type)

    async def visits(self, bounds: Bounds, now: datetime) -> list[Row]:
        """Appointments whose time has come, by day and status; who walked in was not expected."""
        c = appointments.c
        return await self._counted(c.starts_at, bounds, c.status, where=sa.and_(c.starts_at <= now, ~_WALKED_IN))

    async def handoffs(self, bounds: Bounds) -> list[Row]:
        """Requests for a person, by day, reason, urgency and what else was behind it."""
        return await self._counted(handoffs.c.requested_at, bounds, handoffs.c.reason, *_BEHIND)

    async def first_answers(self, bounds: Bounds) -> list[Row]:
        """Day, the agent who wrote, when asked for and when first answered, of requests answered on these days.

        Where an agent stepped in unasked, nobody waited.
        """
        by = sa.func.coalesce(_ANSWERED_BY, handoffs.c.owner)
        return await self._waits(handoffs.c.answered_at, bounds, by, handoffs.c.reason != STEPPED_IN)

    async def resolutions(self, bounds: Bounds) -> list[Row]:
        """Day, agent, when asked for and when settled, of hand-offs settled (not given back) on these days."""
        return await self._waits(handoffs.c.closed_at, bounds, handoffs.c.owner, handoffs.c.status == "resolved")

    async def complaints(self, bounds: Bounds) -> list[Row]:
        """Complaints filed, by day and level."""
        return await self._counted(complaints.c.created_at, bounds, complaints.c.level)

    async def complaints_now(self, now: datetime) -> list[Row]:
        """Complaints that are not closed: level, how many, how many of them past their deadline."""
        c = complaints.c
        late = sa.func.sum(sa.case((sa.and_(c.status == "open", c.deadline < now), 1), else_=0))
        query = sa.select(c.level, sa.func.count(), late).where(c.status != "closed").group_by(c.level)
        return await self._rows(query)

    async def scores(self, bounds: Bounds) -> list[Row]:
        """Answers to the question how satisfied people are, by day and score."""
        return await self._counted(surveys.c.answered_at, bounds, surveys.c.score, where=surveys.c.score.is_not(None))

    async def asked(self, bounds: Bounds) -> list[Row]:
        """How often people were asked how satisfied they are, by day."""
        return await self._counted(surveys.c.asked_at, bounds)

    async def misread(self, bounds: Bounds) -> list[Row]:
        """Messages that were not understood, by day and the intent guessed."""
        m = messages.c
        return await self._counted(m.time, bounds, m.intent, where=m.intent.is_not(None))

    async def sentences(self, start: datetime, end: datetime, limit: int) -> list[Row]:
        """The latest messages that were not understood: time, intent guessed, text."""
        m = messages.c
        query = sa.select(m.time, m.intent, m.text).where(m.intent.is_not(None), m.time >= start, m.time < end)
        return await self._rows(query.order_by(m.time.desc(), m.id.desc()).limit(limit))

    async def in_hand(self) -> Mapping[str, int]:
        """How many conversations each agent has in hand."""
        h = handoffs.c
        query = sa.select(h.owner, sa.func.count()).where(h.status == "claimed", h.owner.is_not(None))
        return {row[0]: row[1] for row in await self._rows(query.group_by(h.owner))}

    async def answered(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """In how many conversations each agent has written."""
        m = messages.c
        query = sa.select(m.agent, sa.func.count(m.conversation_id.distinct()))
        query = query.where(m.sender == _SPOKE, m.time >= start, m.time < end, m.agent.is_not(None))
        return {row[0]: row[1] for row in await self._rows(query.group_by(m.agent))}

    async def sheet(self, noun: str, start: datetime, end: datetime, limit: int) -> list[Mapping[str, Any]]:
        """The records of `noun` (bookings, handoffs, complaints, surveys) of a stretch of time, oldest first."""
        table, when, names = _SHEETS[noun]
        columns = {name: table.c[name] for name in names.split()}
        if table is appointments:
            columns["channel"] = _BOOKED_BY.element.label("channel")
        if table is complaints:
            columns["agreed_at"] = table.c.agreed_at
        if table is handoffs:
            columns["first_claim"] = _FIRST_CLAIM.label("first_claim")
            columns |= {each.name: each for each in _BEHIND[1:]}
        query = sa.select(*columns.values()).order_by(table.c[when], table.c.id).limit(limit)
        query = query.where(table.c[when] >= start, table.c[when] < end)
        return [_with_first_claim(dict(row)) for row in (await self._connection.execute(query)).mappings()]

    async def _counted(self, moment: Any, bounds: Bounds, *keys: Any, where: Any = None) -> list[Row]:
        """(day, *keys, count) of the rows with `moment` within the bounds."""
        query = sa.select(_day(moment, bounds), *keys, sa.func.count())
        query = query.where(moment >= bounds[0], moment < bounds[-1])
        if where is not None:
            query = query.where(where)
        names = [key.name if isinstance(key, sa.sql.elements.Label) else key for key in keys]
        return await self._rows(query.group_by("day", *names))

    async def _waits(self, until: Any, bounds: Bounds, agent: Any, which: Any) -> list[Row]:
        query = sa.select(_day(until, bounds), agent, handoffs.c.requested_at, until)
        return await self._rows(query.where(until >= bounds[0], until < bounds[-1], which))

    async def _rows(self, query: Any) -> list[Row]:
        return [tuple(row) for row in (await self._connection.execute(query)).all()]


def _with_first_claim(row: dict[str, Any]) -> dict[str, Any]:
    """When it was taken first: `claimed_at` tells of the agent who has it now."""
    first = row.pop("first_claim", None)
    if first is not None:
        row["claimed_at"] = min(first, row["claimed_at"] or first)
    return row


def _day(moment: Any, bounds: Bounds) -> Any:
    """The number of the day on which `moment` lies; grouped by its name, for PostgreSQL knows no two alike."""
    ends = [(moment < end, sa.literal_column(str(day))) for day, end in enumerate(bounds[1:-1])]
    return sa.case(*ends, else_=sa.literal_column(str(len(bounds) - 2))).label("day")
