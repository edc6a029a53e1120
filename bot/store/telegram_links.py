"""The Telegram accounts of agents, and the codes by which they are made known."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.staff import Agent
from bot.store.rows import columns_of, first_row, update_row
from bot.store.tables import agents

_ALL = columns_of(agents, Agent)
_NO_CODE = {"link_code_hash": None, "link_code_until": None}


class TelegramLinks:
    """The accounts of the store; a code is used up by one transaction only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def agent_of(self, account: int) -> Agent | None:
        """The active agent with this account."""
        mine = sa.and_(agents.c.telegram_user_id == account, agents.c.active)
        return await first_row(self._connection, sa.select(*_ALL).where(mine), Agent)

    async def keep_code(self, agent_id: int, code_hash: str, until: datetime) -> None:
        """The agent's code from now on."""
        await update_row(self._connection, agents, agent_id, {"link_code_hash": code_hash, "link_code_until": until})

    async def use_code(self, code_hash: str, real_now: datetime, account: int) -> Agent | None:
        """The active agent whose code it is, from now on with this account, which no other agent has any more."""
        good = sa.and_(agents.c.link_code_hash == code_hash, agents.c.link_code_until > real_now, agents.c.active)
        query = sa.select(agents.c.id).where(good).with_for_update()
        agent_id = (await self._connection.execute(query)).scalar_one_or_none()
        if agent_id is None:
            return None
        former = sa.update(agents).where(agents.c.telegram_user_id == account)
        await self._connection.execute(former.values(telegram_user_id=None))
        await update_row(self._connection, agents, agent_id, {"telegram_user_id": account, **_NO_CODE})
        return await first_row(self._connection, sa.select(*_ALL).where(agents.c.id == agent_id), Agent)

    async def unlink(self, agent_id: int) -> None:
        """The agent has no account."""
        await update_row(self._connection, agents, agent_id, {"telegram_user_id": None, **_NO_CODE})
