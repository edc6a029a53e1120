"""What agents are told with the page closed: rows that wait for their sender, like the outbox; claims on real time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.desk_notices import CLAIMED, CLOSED, DeskNotice
from bot.store.rows import all_rows, columns_of, insert_row
from bot.store.tables import desk_notices

_N = desk_notices.c
_ALL = columns_of(desk_notices, DeskNotice)
_QUEUED = _N.state == sa.literal_column("'queued'")
_FOR_DESK = _N.target == sa.literal_column("'desk'")
# What a person is to do something about comes first, what only changes a message last.
_RANK = sa.case(
    (_N.kind.in_((CLAIMED, CLOSED)), 3), (_N.urgency == "danger", 0), (_N.urgency == "complaint", 1), else_=2
)


def _unseen(kinds: Collection[str]) -> tuple[Any, ...]:
    return _FOR_DESK, _N.kind.in_(kinds), _N.seen_at.is_(None)


class DeskNotices:
    """The notices of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, **values: Any) -> int:
        """A new notice, queued; the id."""
        return await insert_row(self._connection, desk_notices, values)

    async def claim(
        self, target: str, *, token: str, until: datetime, real_now: datetime, limit: int
    ) -> list[DeskNotice]:
        """What is due for the target and nobody sends, the most urgent first; for this sender alone until `until`."""
        free = sa.or_(_N.claimed_until.is_(None), _N.claimed_until < real_now)
        due = sa.or_(_N.next_try_at.is_(None), _N.next_try_at <= real_now)
        query = sa.select(*_ALL).where(_QUEUED, _N.target == target, free, due).order_by(_RANK, _N.id).limit(limit)
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        found = await all_rows(self._connection, query, DeskNotice)
        if found:
            await self._change([each.id for each in found], claim_token=token, claimed_until=until)
        return found

    async def put_back(self, ids: Sequence[int], token: str) -> None:
        """Let go of what this sender has claimed and does not send now."""
        mine = sa.and_(_N.id.in_(ids), _N.claim_token == token)
        await self._connection.execute(sa.update(desk_notices).where(mine).values(claim_token=None, claimed_until=None))

    async def became(
        self,
        ids: Sequence[int],
        state: str,
        *,
        at: datetime,
        platform_id: str | None = None,
        error: str | None = None,
    ) -> None:
        """What has become of these notices: sent, unknown or failed, `at` real time."""
        values = {"state": state, "error": error, "sent_at": None if state == "failed" else at}
        if platform_id is not None:
            values["platform_id"] = platform_id
        await self._change(ids, **values, next_try_at=None, claim_token=None, claimed_until=None)

    async def try_again(self, ids: Sequence[int], at: datetime, error: str, *, counted: bool = True) -> None:
        """Not delivered: due again at `at` (real time); the try is `counted` unless it says nothing about them."""
        attempts = _N.attempts + 1 if counted else _N.attempts
        values = {"next_try_at": at, "error": error, "claim_token": None, "claimed_until": None}
        await self._change(ids, **values, attempts=attempts)

    async def posted_about(self, handoff_ids: Collection[int]) -> list[str]:
        """The messages at the platform that tell of these hand-offs."""
        query = sa.select(_N.platform_id).where(_N.handoff_id.in_(handoff_ids), _N.platform_id.is_not(None))
        return list((await self._connection.execute(query.group_by(_N.platform_id))).scalars())

    async def posted_as(self, platform_id: str) -> list[DeskNotice]:
        """What this message at the platform tells, in its order."""
        query = sa.select(*_ALL).where(_N.platform_id == platform_id).order_by(_RANK, _N.id)
        return await all_rows(self._connection, query, DeskNotice)

    async def sent_since(self, target: str, moment: datetime) -> list[datetime]:
        """When each message went to the target since then (real time)."""
        query = sa.select(sa.func.max(_N.sent_at, type_=_N.sent_at.type)).where(
            _N.target == target, _N.sent_at > moment, _N.platform_id.is_not(None)
        )
        return list((await self._connection.execute(query.group_by(_N.platform_id))).scalars())

    async def last_id(self) -> int:
        """The id of the newest notice, 0 without one."""
        found: int | None = (await self._connection.execute(sa.select(sa.func.max(_N.id)))).scalar()
        return found or 0

    async def since(self, target: str, after: int) -> list[DeskNotice]:
        """The target's notices with an id above `after`, in order."""
        query = sa.select(*_ALL).where(_N.id > after, _N.target == target).order_by(_N.id)
        return await all_rows(self._connection, query, DeskNotice)

    async def unseen(self, kinds: Collection[str], limit: int) -> list[DeskNotice]:
        """What nobody in charge has seen, the most urgent and then the newest first."""
        query = sa.select(*_ALL).where(*_unseen(kinds)).order_by(_RANK, _N.id.desc()).limit(limit)
        return await all_rows(self._connection, query, DeskNotice)

    async def count_unseen(self, kinds: Collection[str]) -> int:
        """How much nobody in charge has seen."""
        query = sa.select(sa.func.count()).select_from(desk_notices).where(*_unseen(kinds))
        found: int = (await self._connection.execute(query)).scalar_one()
        return found

    async def seen_last(self, kinds: Collection[str], limit: int) -> list[DeskNotice]:
        """What was seen, the newest first."""
        seen = (_FOR_DESK, _N.kind.in_(kinds), _N.seen_at.is_not(None))
        query = sa.select(*_ALL).where(*seen).order_by(_N.seen_at.desc(), _N.id.desc()).limit(limit)
        return await all_rows(self._connection, query, DeskNotice)

    async def see(self, notice_id: int, kinds: Collection[str], agent: str, now: datetime) -> bool:
        """The notice seen by the agent; False when it was seen before, or is none of these kinds."""
        query = sa.update(desk_notices).where(_N.id == notice_id, *_unseen(kinds))
        done = await self._connection.execute(query.values(seen_at=now, seen_by=agent))
        return bool(done.rowcount)

    async def give_up(self, target: str, error: str) -> None:
        """Nothing that is queued for the target is sent any more."""
        query = sa.update(desk_notices).where(_QUEUED, _N.target == target)
        await self._connection.execute(query.values(state="failed", error=error))

    async def free_all(self) -> None:
        """Let go of all claims: for a database that no other process uses."""
        claimed = sa.and_(_QUEUED, _N.claim_token.is_not(None))
        await self._connection.execute(
            sa.update(desk_notices).where(claimed).values(claim_token=None, claimed_until=None)
        )

    async def forget(self, before: datetime) -> None:
        """Delete what was settled and is older than that (business time)."""
        await self._connection.execute(sa.delete(desk_notices).where(sa.not_(_QUEUED), _N.time < before))

    async def _change(self, ids: Sequence[int], **values: Any) -> None:
        await self._connection.execute(sa.update(desk_notices).where(_N.id.in_(ids)).values(**values))
