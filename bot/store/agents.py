"""Agents of the desk, their sessions and their tries to sign in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.staff import Agent
from bot.services.agents import Session
from bot.store.rows import all_rows, columns_of, first_row, insert_row, update_row
from bot.store.tables import agent_sessions, agents, complaints, conversations, handoffs, rescues, sign_in_tries

_ALL = columns_of(agents, Agent)
_KEPT = timedelta(days=30)
_TRIES = 0x0B07_0003  # a number of ours among PostgreSQL's advisory locks


class Agents:
    """The agents of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, now: datetime, **values: Any) -> int:
        """A new agent; the id."""
        return await insert_row(self._connection, agents, {**values, "created_at": now, "changed_at": now})

    async def get(self, agent_id: int) -> Agent | None:
        """The agent with this id."""
        return await first_row(self._connection, sa.select(*_ALL).where(agents.c.id == agent_id), Agent)

    async def by_login(self, login: str) -> Agent | None:
        """The agent who signs in as `login`."""
        return await first_row(self._connection, sa.select(*_ALL).where(agents.c.login == login), Agent)

    async def by_name(self, name: str) -> Agent | None:
        """The agent whom customers and colleagues call `name`."""
        return await first_row(self._connection, sa.select(*_ALL).where(agents.c.name == name), Agent)

    async def all(self) -> list[Agent]:
        """Every agent, those who left too, by name."""
        return await all_rows(self._connection, sa.select(*_ALL).order_by(agents.c.name), Agent)

    async def change(self, agent_id: int, now: datetime, **values: Any) -> None:
        """Write these values of the agent."""
        await update_row(self._connection, agents, agent_id, {**values, "changed_at": now})

    async def password_hash(self, login: str) -> str | None:
        """The hash of the password of `login`."""
        query = sa.select(agents.c.password_hash).where(agents.c.login == login)
        found: str | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found

    async def wrong_tries(self, login: str, address: str, since: datetime) -> tuple[list[datetime], list[datetime]]:
        """The times of wrong tries since then: of this login, and from this address; oldest first."""
        t = sign_in_tries.c
        query = sa.select(t.login, t.address, t.time).where(
            t.time > since, sa.not_(t.succeeded), sa.or_(t.login == login, t.address == address)
        )
        rows = (await self._connection.execute(query.order_by(t.time))).all()
        of_login = [row.time for row in rows if row.login == login]
        return of_login, [row.time for row in rows if row.address == address]

    async def in_line(self) -> None:
        """Let one try after the other be counted until the transaction ends: guesses at once count like one by one.

        On SQLite BEGIN IMMEDIATE has done so already.
        """
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TRIES)))

    async def add_try(self, *, login: str, address: str, time: datetime) -> int:
        """Count one try as wrong until it has proved right; the id."""
        await self._connection.execute(sa.delete(sign_in_tries).where(sign_in_tries.c.time < time - _KEPT))
        return await insert_row(self._connection, sign_in_tries, {"login": login, "address": address, "time": time})

    async def forgive_tries(self, try_id: int, login: str) -> None:
        """The try was right: it and the wrong ones of this login before it no longer count."""
        t = sign_in_tries.c
        mine = sa.or_(t.id == try_id, t.login == login)
        await self._connection.execute(sa.update(sign_in_tries).where(mine).values(succeeded=True))

    async def add_session(self, token_hash: str, agent_id: int, csrf: str, at: datetime) -> None:
        """Open a session; the agent's sessions of former days are thrown away."""
        s = agent_sessions.c
        await self._connection.execute(sa.delete(agent_sessions).where(s.agent_id == agent_id, s.seen_at < at - _KEPT))
        row = {"token_hash": token_hash, "agent_id": agent_id, "csrf": csrf, "created_at": at, "seen_at": at}
        await self._connection.execute(sa.insert(agent_sessions).values(**row))

    async def session(self, token_hash: str) -> Session | None:
        """The session with its agent."""
        s = agent_sessions.c
        own = [s.csrf, s.created_at.label("session_created_at"), s.seen_at.label("session_seen_at")]
        joined = sa.select(*_ALL, *own).join(agent_sessions, s.agent_id == agents.c.id)
        row = (await self._connection.execute(joined.where(s.token_hash == token_hash))).mappings().one_or_none()
        if row is None:
            return None
        agent = Agent(**{column.name: row[column.name] for column in _ALL})
        return Session(agent, row["csrf"], token_hash, row["session_created_at"], row["session_seen_at"])

    async def end_session(self, token_hash: str) -> None:
        """Forget the session."""
        await self._connection.execute(sa.delete(agent_sessions).where(agent_sessions.c.token_hash == token_hash))

    async def end_sessions_of(self, agent_id: int, but: str = "") -> None:
        """Forget every session of the agent, except the one with the token hash `but`."""
        s = agent_sessions.c
        await self._connection.execute(sa.delete(agent_sessions).where(s.agent_id == agent_id, s.token_hash != but))

    async def administrators(self) -> list[int]:
        """The ids of those who may let others in, locked until the transaction ends."""
        mine = (agents.c.role == "administrator", agents.c.active)
        query = sa.select(agents.c.id).where(*mine).order_by(agents.c.id).with_for_update()
        return list((await self._connection.execute(query)).scalars())

    async def in_hand(self, name: str) -> list[int]:
        """The ids of the hand-offs that the agent has."""
        mine = (handoffs.c.owner == name, handoffs.c.status == "claimed")
        return list((await self._connection.execute(sa.select(handoffs.c.id).where(*mine))).scalars())

    async def signed_in(self, since: datetime, seen_since: datetime) -> set[int]:
        """The ids of those with a session that began since then and was used since then (real time)."""
        s = agent_sessions.c
        query = sa.select(s.agent_id).where(s.created_at >= since, s.seen_at >= seen_since)
        return set((await self._connection.execute(query.distinct())).scalars())

    async def rename(self, old: str, new: str) -> None:
        """What the agent has in hand goes by the new name; what is done keeps the old one."""
        mine = (
            (handoffs.c.owner, handoffs.c.status == "claimed"),
            (conversations.c.agent, sa.true()),
            (complaints.c.owner, complaints.c.status != "closed"),
            (rescues.c.owner, rescues.c.status != "closed"),
        )
        for column, still in mine:
            changed = sa.update(column.table).where(column == old, still).values({column.name: new})
            await self._connection.execute(changed)

    async def seen(self, session: Session, now: datetime, real_now: datetime) -> None:
        """The agent is there: in this session (real time) and at the desk (business time)."""
        mine = agent_sessions.c.token_hash == session.token_hash
        await self._connection.execute(sa.update(agent_sessions).where(mine).values(seen_at=real_now))
        await update_row(self._connection, agents, session.agent.id, {"seen_at": now})
