"""Pictures, voices and files that came with messages: noted at once, fetched later, deleted with the message."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.business.conversations import MediaRef
from bot.store.tables import conversations, media, messages

# Platforms name sizes that no column takes; so large a file is not fetched anyway.
_LARGEST_NUMBER = 2**31 - 1
_REF = [media.c[name] for name in ("kind", "platform_file", "url", "mime", "size", "name")]


@dataclass(frozen=True)
class WantedMedia:
    """A file that is still to be fetched from the platform of `channel`."""

    id: int
    message_id: int
    channel: str
    attempts: int
    ref: MediaRef


@dataclass(frozen=True)
class KeptMedia:
    """A file of a message; `content` is None while it is not kept."""

    id: int
    message_id: int
    state: str
    ref: MediaRef
    content: bytes | None = None


class Media:
    """The media of the store."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, message_id: int, ref: MediaRef) -> int:
        """Note a file that came with a message; its key."""
        size = None if ref.size is None else max(0, min(ref.size, _LARGEST_NUMBER))
        values = {"message_id": message_id, **asdict(ref), "size": size}
        row = await self._connection.execute(sa.insert(media).values(**values))
        key: int = row.inserted_primary_key[0]
        return key

    async def add_kept(self, message_id: int, ref: MediaRef, content: bytes) -> int:
        """Keep a file of our own with the message that shows it; its key."""
        key = await self.add(message_id, ref)
        await self.keep(key, content, ref.mime or "")
        return key

    async def due(self, real_now: datetime, until: datetime, limit: int = 4) -> list[WantedMedia]:
        """Files to fetch now, set aside until `until` so that no other process fetches them too."""
        query = (
            sa.select(media.c.id, media.c.message_id, media.c.attempts, conversations.c.channel, *_REF)
            .select_from(media.join(messages, media.c.message_id == messages.c.id).join(conversations))
            .where(media.c.state == sa.literal_column("'wanted'"))
            .where(sa.or_(media.c.next_try_at.is_(None), media.c.next_try_at <= real_now))
            .order_by(media.c.id)
            .limit(limit)
        )
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(of=media, skip_locked=True)
        rows = (await self._connection.execute(query)).all()
        found = [WantedMedia(row.id, row.message_id, row.channel, row.attempts, _ref(row)) for row in rows]
        keys = [each.id for each in found]
        aside = sa.update(media).where(media.c.id.in_(keys)).values(next_try_at=until, attempts=media.c.attempts + 1)
        if keys:
            await self._connection.execute(aside)
        return found

    async def keep(self, media_id: int, content: bytes, mime: str) -> None:
        """The file has come."""
        await self._set(media_id, state="kept", content=content, mime=mime, size=len(content), error=None)

    async def give_up(self, media_id: int, state: str, error: str) -> None:
        """The file will not be kept: refused (too large, wrong type) or failed."""
        await self._set(media_id, state=state, error=error)

    async def of_messages(self, message_ids: list[int]) -> list[KeptMedia]:
        """The files of these messages, without their content."""
        query = sa.select(media.c.id, media.c.message_id, media.c.state, *_REF)
        of_these = query.where(media.c.message_id.in_(message_ids)).order_by(media.c.id)
        rows = (await self._connection.execute(of_these)).all()
        return [KeptMedia(row.id, row.message_id, row.state, _ref(row)) for row in rows]

    async def get(self, media_id: int) -> KeptMedia | None:
        """One file with its content."""
        query = sa.select(media.c.id, media.c.message_id, media.c.state, media.c.content, *_REF)
        row = (await self._connection.execute(query.where(media.c.id == media_id))).one_or_none()
        return None if row is None else KeptMedia(row.id, row.message_id, row.state, _ref(row), row.content)

    async def _set(self, media_id: int, **values: object) -> None:
        await self._connection.execute(sa.update(media).where(media.c.id == media_id).values(**values))


def _ref(row: sa.engine.Row) -> MediaRef:
    return MediaRef(row.kind, row.platform_file, row.url, row.mime, row.size, row.name)
