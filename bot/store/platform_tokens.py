"""Access tokens of platforms, shared by all processes; real time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import Moment, platform_tokens

_KEEP = sa.text(
    "INSERT INTO platform_tokens (name, token, expires_at) VALUES (:name, :token, :expires_at)"
    " ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at"
).bindparams(sa.bindparam("expires_at", type_=Moment))


class PlatformTokens:
    """The access tokens of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, name: str) -> tuple[str, datetime] | None:
        """The token and when it expires."""
        query = sa.select(platform_tokens.c.token, platform_tokens.c.expires_at).where(platform_tokens.c.name == name)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else (row.token, row.expires_at)

    async def keep(self, name: str, token: str, expires_at: datetime) -> None:
        """Replace the token."""
        await self._connection.execute(_KEEP, {"name": name, "token": token, "expires_at": expires_at})
