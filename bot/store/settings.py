"""The dealer's own settings and what the program remembers about itself, one text a key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import settings

_PUT = sa.text(
    "INSERT INTO settings (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_PUT_ONCE = sa.text("INSERT INTO settings (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING")


class Settings:
    """Texts by key."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> str | None:
        """The value of `key`, None when not set."""
        found: str | None = (
            await self._connection.execute(sa.select(settings.c.value).where(settings.c.key == key))
        ).scalar()
        return found

    async def put(self, key: str, value: str) -> None:
        """Set `key`."""
        await self._connection.execute(_PUT, {"key": key, "value": value})

    async def put_once(self, key: str, value: str) -> str:
        """Set `key` unless it is set; gives back what it is now."""
        await self._connection.execute(_PUT_ONCE, {"key": key, "value": value})
        return await self.get(key) or value
