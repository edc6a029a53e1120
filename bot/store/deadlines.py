"""The promises that run: each a row that says when it is due; warned of, escalated, met or dropped once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.deadlines import BY_BOT, Deadline
from bot.store.rows import all_rows, columns_of, first_row, update_row
from bot.store.tables import appointments, complaints, conversations, deadlines, handoffs, rescues, work_orders
from bot.store.tables.schema import Moment

_D = deadlines.c
_ALL = columns_of(deadlines, Deadline)
_RUNNING = sa.and_(_D.met_at.is_(None), _D.dropped_at.is_(None))
_NOT_ESCALATED = _D.escalated_at.is_(None)
_SUBJECTS: dict[str, tuple[Any, Any, Any]] = {
    "handoff": (handoffs.c.id, handoffs.c.status, handoffs.c.id),
    "appointment": (appointments.c.number, appointments.c.status, appointments.c.id),
    "complaint": (complaints.c.number, complaints.c.status, complaints.c.id),
    "rescue": (rescues.c.number, rescues.c.status, rescues.c.id),
    "work_order": (work_orders.c.number, work_orders.c.stage, work_orders.c.id),
}
# The partial unique index decides when two begin the same promise at once.
_START = sa.text(
    "INSERT INTO deadlines (kind, subject_kind, subject_id, conversation_id, started_at, warn_at, due_at)"
    " VALUES (:kind, :subject_kind, :subject_id, :conversation_id, :started_at, :warn_at, :due_at)"
    " ON CONFLICT (kind, subject_kind, subject_id) WHERE met_at IS NULL AND dropped_at IS NULL DO NOTHING"
).bindparams(
    *(sa.bindparam(name, type_=Moment) for name in ("started_at", "warn_at", "due_at")),
    sa.bindparam("conversation_id", type_=sa.BigInteger),
)


class Deadlines:
    """The promises of the store; a conversation's are changed with its row locked, which comes first."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def start(self, **values: Any) -> None:
        """A promise that runs from now on, unless the same one of the same subject runs already."""
        await self._connection.execute(_START, values)

    async def running(self, subject_kind: str, subject_ids: Iterable[int]) -> list[Deadline]:
        """What runs for these subjects, what is due first at the top."""
        return await self._running(_D.subject_kind == subject_kind, _D.subject_id.in_(list(subject_ids)))

    async def running_in(self, conversation_ids: Iterable[int]) -> list[Deadline]:
        """What runs for the people of these conversations, what is due first at the top."""
        return await self._running(_D.conversation_id.in_(list(conversation_ids)))

    async def end(
        self,
        how: str,
        now: datetime,
        *,
        kinds: Sequence[str] | None = None,
        subject: tuple[str, int] | None = None,
        conversation_id: int | None = None,
    ) -> int:
        """What runs of these `kinds` (None: all), for a subject or in a conversation, is `met` or `dropped`; how many.

        Of nothing at all when neither subject nor conversation is given.
        """
        which = [] if kinds is None else [_D.kind.in_(list(kinds))]
        if subject is not None:
            which += [_D.subject_kind == subject[0], _D.subject_id == subject[1]]
        if conversation_id is not None:
            which += [_D.conversation_id == conversation_id]
        if subject is None and conversation_id is None:
            return 0
        column = {"met": "met_at", "dropped": "dropped_at"}[how]
        done = await self._connection.execute(sa.update(deadlines).where(_RUNNING, *which).values({column: now}))
        count: int = done.rowcount
        return count

    async def reported(self, now: datetime, subject: tuple[str, int], kinds: Sequence[str]) -> None:
        """What runs of these kinds for the subject and is due has been escalated at `now`."""
        mine = (_D.subject_kind == subject[0], _D.subject_id == subject[1], _D.kind.in_(list(kinds)), _D.due_at <= now)
        await self._connection.execute(
            sa.update(deadlines).where(_RUNNING, _NOT_ESCALATED, *mine).values(escalated_at=now)
        )

    async def warnings_due(self, now: datetime, limit: int = 200) -> list[int]:
        """Ids of what is to be warned of and not due yet, what is due first at the top."""
        return await self._ids(_to_warn(now), limit)

    async def escalations_due(self, now: datetime, but: Sequence[str], limit: int = 200) -> list[int]:
        """Ids of what is past its time and nobody was told, without the kinds `but`, the longest overdue first."""
        return await self._ids(sa.and_(_to_escalate(now), _D.kind.not_in(list(but))), limit)

    async def take_warning(self, deadline_id: int, now: datetime) -> Deadline | None:
        """The promise as `warnings_due` finds it, locked; None when another process has it or it is no longer so."""
        return await self._take(deadline_id, _to_warn(now))

    async def take_escalation(self, deadline_id: int, now: datetime) -> Deadline | None:
        """The promise as `escalations_due` finds it, locked; None as above."""
        return await self._take(deadline_id, _to_escalate(now))

    async def mark(self, deadline_id: int, **moments: datetime) -> None:
        """Note when it was warned of (`warned_at`) or escalated (`escalated_at`)."""
        await update_row(self._connection, deadlines, deadline_id, moments)

    async def subject(self, deadline: Deadline) -> tuple[str, str]:
        """Number (or id) and status (or stage) of what the promise is about; status "" when it is gone."""
        if deadline.subject_kind not in _SUBJECTS:
            return str(deadline.subject_id), ""
        number, status, key = _SUBJECTS[deadline.subject_kind]
        row = (await self._connection.execute(sa.select(number, status).where(key == deadline.subject_id))).first()
        return (str(deadline.subject_id), "") if row is None else (str(row[0]), row[1])

    async def counts(self, since: datetime, until: datetime) -> list[tuple[str, int, int, int]]:
        """Of what was promised from `since` on and before `until`: kind, how many kept, broken, still running.

        BY_BOT apart: who asks for a person is acknowledged by the bot at once, most visits are confirmed at once.
        """
        ended = sa.func.coalesce(_D.met_at, _D.dropped_at)
        broken = sa.or_(ended > _D.due_at, sa.and_(_RUNNING, _D.escalated_at.is_not(None)))
        kept = sa.and_(_D.met_at.is_not(None), _D.met_at <= _D.due_at)
        going = sa.and_(_RUNNING, _NOT_ESCALATED)
        sums = [sa.func.sum(sa.case((each, 1), else_=0)) for each in (kept, broken, going)]
        kind = sa.case(
            (sa.and_(_D.kind == "acknowledgement", _D.subject_kind == "handoff"), _word(BY_BOT[0])),
            (sa.and_(_D.kind == "online_booking", _D.met_at == _D.started_at), _word(BY_BOT[1])),
            else_=_D.kind,
        ).label("promise")
        query = sa.select(kind, *sums).where(_D.started_at >= since, _D.started_at < until)
        rows = await self._connection.execute(query.group_by("promise").order_by("promise"))
        return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]

    async def _running(self, *which: Any) -> list[Deadline]:
        query = sa.select(*_ALL).where(_RUNNING, *which).order_by(_D.due_at, _D.id)
        return await all_rows(self._connection, query, Deadline)

    async def _ids(self, which: Any, limit: int) -> list[int]:
        query = sa.select(_D.id).where(which).order_by(_D.due_at, _D.id).limit(limit)
        return list((await self._connection.execute(query)).scalars())

    async def _take(self, deadline_id: int, which: Any) -> Deadline | None:
        """Locked after its conversation, as everybody else does who changes it, so that nobody waits for each other."""
        mine = sa.and_(_D.id == deadline_id, which)
        found = await first_row(self._connection, sa.select(*_ALL).where(mine), Deadline)
        if found is None:
            return None
        if found.conversation_id is not None:
            its = sa.select(conversations.c.id).where(conversations.c.id == found.conversation_id)
            if (await self._connection.execute(its.with_for_update(skip_locked=True))).first() is None:
                return None
        return await first_row(
            self._connection, sa.select(*_ALL).where(mine).with_for_update(skip_locked=True), Deadline
        )


def _word(text: str) -> Any:
    return sa.literal_column(f"'{text}'")


def _to_warn(now: datetime) -> Any:
    return sa.and_(_RUNNING, _D.warned_at.is_(None), _NOT_ESCALATED, _D.warn_at <= now, _D.due_at > now)


def _to_escalate(now: datetime) -> Any:
    return sa.and_(_RUNNING, _NOT_ESCALATED, _D.due_at <= now)
