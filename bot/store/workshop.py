"""The workshop's means: service types, bays, technicians, blocked times, the dealer's numbers, and its lock."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.appointments import Estimate, ServiceType
from bot.business.means import Bay, Block, Technician
from bot.business.windows import Taken, Workshop, WorkshopRules
from bot.store.tables import (
    bays,
    blocked_times,
    service_prices,
    service_types,
    settings,
    technician_skills,
    technicians,
)

_BOOK = 0x0B07_0002  # a number of ours among PostgreSQL's advisory locks
_S = service_types.c
_SERVICE = sa.select(_S.code, _S.name, _S.minutes, _S.low_fen, _S.high_fen)
_B = blocked_times.c
_BLOCK = sa.select(_B.id, _B.starts_at, _B.ends_at, _B.bay_id, _B.technician_id, _B.reason)
_RULES = [field.name for field in fields(WorkshopRules)]


class WorkshopRecords:
    """What the workshop has."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        """Let nobody else hold or book windows until this transaction ends.

        Free windows are computed from rows that do not exist yet, so no row lock could stop a second booking of the
        last place. On SQLite BEGIN IMMEDIATE has already shut the others out. On PostgreSQL one advisory lock for the
        whole book does, with READ COMMITTED: every statement after it sees what the holder before committed. One lock
        instead of one a day cannot deadlock when a search or a move touches several days, and is held a few ms.
        """
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_BOOK)))

    async def rules(self) -> WorkshopRules:
        """The dealer's numbers; what is not set keeps its default."""
        query = sa.select(settings.c.key, settings.c.value).where(settings.c.key.in_(_RULES))
        return WorkshopRules(**{key: int(value) for key, value in await self._connection.execute(query)})

    async def service_type(self, code: str) -> ServiceType | None:
        """A kind of work the dealer offers, None when it does not."""
        row = (await self._connection.execute(_SERVICE.where(_S.code == code, _S.active))).first()
        return None if row is None else ServiceType(*row)

    async def service_types(self) -> list[ServiceType]:
        """All kinds of work on offer."""
        return [ServiceType(*row) for row in await self._connection.execute(_SERVICE.where(_S.active))]

    async def price_of_model(self, code: str, model: str) -> Estimate | None:
        """What differs for `model`, by the longest listed name it begins with; None when nothing does."""
        table = service_prices.c
        rows = await self._connection.execute(
            sa.select(table.model, table.minutes, table.low_fen, table.high_fen).where(table.service_type == code)
        )
        fitting = [row for row in rows if model.upper().startswith(row.model.upper())]
        best = max(fitting, key=lambda row: len(row.model), default=None)
        return None if best is None else Estimate(best.minutes, best.low_fen, best.high_fen)

    async def means(self, code: str) -> Workshop:
        """The active bays, and the technicians with the skill, specialists first so that all-rounders stay free."""
        found = await self._connection.execute(sa.select(bays.c.id).where(bays.c.active).order_by(bays.c.id))
        others = technician_skills.alias()
        skilled = (
            sa.select(technicians.c.id)
            .join(technician_skills, technician_skills.c.technician_id == technicians.c.id)
            .join(others, others.c.technician_id == technicians.c.id)
            .where(technicians.c.active, technician_skills.c.service_type == code)
            .group_by(technicians.c.id)
            .order_by(sa.func.count(), technicians.c.id)
        )
        return Workshop(tuple(found.scalars()), tuple((await self._connection.execute(skilled)).scalars()))

    async def blocked(self, start: datetime, end: datetime) -> list[Taken]:
        """Times in [start, end) when a bay, a technician or the whole workshop is not there."""
        table = blocked_times.c
        query = sa.select(table.starts_at, table.ends_at, table.bay_id, table.technician_id)
        rows = await self._connection.execute(query.where(table.ends_at > start, table.starts_at < end))
        return [Taken(*row) for row in rows]

    async def bays(self) -> list[Bay]:
        """All bays, also those that are no longer used."""
        table = bays.c
        rows = await self._connection.execute(sa.select(table.id, table.name, table.active).order_by(table.id))
        return [Bay(*row) for row in rows]

    async def team(self) -> list[Technician]:
        """All technicians with their skills, also those who have left."""
        table, skill = technicians.c, technician_skills.c
        query = sa.select(table.id, table.name, table.active, skill.service_type).order_by(table.id, skill.service_type)
        found: dict[int, Technician] = {}
        joined = technicians.outerjoin(technician_skills, skill.technician_id == table.id)
        for row in await self._connection.execute(query.select_from(joined)):
            before = found.get(row.id, Technician(row.id, row.name, row.active))
            more = () if row.service_type is None else (row.service_type,)
            found[row.id] = replace(before, skills=before.skills + more)
        return list(found.values())

    async def blocks(self, start: datetime, end: datetime) -> list[Block]:
        """What is closed in [start, end), with the reasons, by start."""
        rows = await self._connection.execute(
            _BLOCK.where(_B.ends_at > start, _B.starts_at < end).order_by(_B.starts_at, _B.id)
        )
        return [Block(*row) for row in rows]

    async def block_of(self, block_id: int) -> Block | None:
        """One closed time, None when it is open again."""
        row = (await self._connection.execute(_BLOCK.where(_B.id == block_id))).first()
        return None if row is None else Block(*row)

    async def block(self, block: Block) -> int:
        """Close the time; gives back the key."""
        done = await self._connection.execute(
            blocked_times.insert().values(
                bay_id=block.bay_id,
                technician_id=block.technician_id,
                starts_at=block.start,
                ends_at=block.end,
                reason=block.reason,
            )
        )
        return int(done.inserted_primary_key[0])

    async def unblock(self, block_id: int) -> bool:
        """Open the time again; whether it was closed."""
        done = await self._connection.execute(blocked_times.delete().where(_B.id == block_id))
        return int(done.rowcount) == 1
