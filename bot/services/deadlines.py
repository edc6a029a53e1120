"""Promises to customers that run: begun, kept, given up, shown (SERVICE_STANDARD §2).

A promise is a row that says when it is due; nothing here waits. An agent's words keep it (answering.py), or what
was promised coming true (promises.py); what the bot says does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.business.deadlines import Deadline, clock_of, clock_of_all, deadline, warn_at
from bot.services.ports import UnitOfWork

__all__ = ["clock_of", "clock_of_all", "drop", "kept_and_broken", "meet", "running", "running_in", "start"]


async def start(
    uow: UnitOfWork,
    now: datetime,
    *,
    kind: str,
    subject_kind: str,
    subject_id: int,
    conversation_id: int | None = None,
    since: datetime | None = None,
    due_at: datetime | None = None,
) -> None:
    """A promise that runs `since` then (or now) until it is due by its rule, or at `due_at`.

    Nothing changes while the same promise of the same subject runs already: a clock is never set back.
    """
    hours = await uow.calendar.load()
    begun = since or now
    due = due_at or deadline(kind, begun, hours)
    await uow.deadlines.start(
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        conversation_id=conversation_id,
        started_at=begun,
        warn_at=warn_at(kind, begun, due, hours),
        due_at=due,
    )


async def meet(
    uow: UnitOfWork, now: datetime, *, kind: str | Sequence[str], subject_kind: str, subject_id: int
) -> None:
    """What was promised is done, in time or late; nothing when it does not run."""
    await uow.deadlines.end("met", now, kinds=_several(kind), subject=(subject_kind, subject_id))


async def drop(
    uow: UnitOfWork,
    now: datetime,
    *,
    subject_kind: str,
    subject_id: int,
    kind: str | Sequence[str] | None = None,
) -> None:
    """The promise (without `kind`: all of the subject) is needed no more; one that is past its time stays broken."""
    kinds = None if kind is None else _several(kind)
    await uow.deadlines.end("dropped", now, kinds=kinds, subject=(subject_kind, subject_id))


async def running(uow: UnitOfWork, subject_kind: str, subject_ids: Iterable[int]) -> dict[int, list[Deadline]]:
    """What runs for each of these subjects that has anything running, what is due first at the top."""
    found: dict[int, list[Deadline]] = {}
    for each in await uow.deadlines.running(subject_kind, subject_ids):
        found.setdefault(each.subject_id, []).append(each)
    return found


async def running_in(uow: UnitOfWork, conversation_ids: Iterable[int]) -> dict[int, list[Deadline]]:
    """What runs for the person of each of these conversations, whatever it is about."""
    found: dict[int, list[Deadline]] = {}
    for each in await uow.deadlines.running_in(conversation_ids):
        found.setdefault(each.conversation_id or 0, []).append(each)
    return found


async def kept_and_broken(uow: UnitOfWork, since: datetime, until: datetime) -> list[tuple[str, int, int, int]]:
    """Of the promises made from `since` on and before `until`, by kind: kept in time, broken, still running.

    Broken is what was kept or given up too late, and what runs although it was reported as late.
    """
    return await uow.deadlines.counts(since, until)


def _several(kind: str | Sequence[str]) -> Sequence[str]:
    return (kind,) if isinstance(kind, str) else kind
