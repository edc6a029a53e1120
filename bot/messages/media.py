"""Fetches the pictures, voices and files that came with messages, so that people can see them later."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from bot.business.conversations import MediaRef
from bot.messages import figures
from bot.messages.inbox import real_now
from bot.messages.ports import Store
from bot.messages.sending import Rejected, SendError, TryAgain

log = logging.getLogger(__name__)

# What a picture, a voice or a file from a phone may be; anything that could run in a browser is not among them.
KEPT_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "audio/", "video/", "application/pdf",
              "text/plain", "application/msword", "application/vnd.", "application/zip",
              "application/octet-stream")  # fmt: skip
_TYPE = re.compile(r"[a-z0-9]+/[a-z0-9!#$&^_.+-]+")
_MOST_TRIES = 8
_ASIDE = timedelta(minutes=2)


@dataclass(frozen=True)
class Fetched:
    """A file as it came from the platform."""

    content: bytes
    mime: str


class Source(Protocol):
    """A platform that gives files."""

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        """The file, of at most `largest` bytes; raises SendError (TryAgain, Rejected, Misconfigured)."""


def plain_type(mime: str) -> str:
    """The type alone, in small letters; "" for what is none: it is named in a header when the file is shown."""
    bare = mime.split(";", 1)[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) else ""


def may_be_kept(mime: str) -> bool:
    """Whether a file of this type is kept."""
    return plain_type(mime).startswith(KEPT_TYPES)


class MediaFetcher:
    """Looks every so many seconds for files that are still on the platform."""

    def __init__(self, store: Store, sources: Mapping[str, Source], largest: int, every: float = 2.0) -> None:
        self._store = store
        self._sources = sources
        self._largest = largest
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        if self._sources:
            self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Look no longer; what was not fetched is fetched by the next process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def fetch_due(self) -> int:
        """Fetch what is due now; how many files were tried."""
        now = real_now()
        async with self._store.transaction() as uow:
            due = await uow.media.due(now, now + _ASIDE)
        for wanted in due:
            await self._fetch(wanted)
        return len(due)

    async def _loop(self) -> None:
        while True:
            try:
                tried = await self.fetch_due()
            except Exception as error:  # the database may be away; the next look sees
                log.warning("Files could not be fetched: %s", type(error).__name__)
                tried = 0
            await asyncio.sleep(0 if tried else self._every)

    async def _fetch(self, wanted: Any) -> None:
        source = self._sources.get(wanted.channel)
        try:
            if source is None:
                raise Rejected("channel is off")
            if (wanted.ref.size or 0) > self._largest:
                raise Rejected("too large")
            fetched = await source.fetch(wanted.ref, self._largest)
            if not may_be_kept(fetched.mime):
                raise Rejected(f"type {plain_type(fetched.mime)[:60]!r} is not kept")
        except SendError as error:
            await self._not_fetched(wanted, error)
            return
        except Exception as error:  # unforeseen: not tried for ever, and the next file is not held up
            await self._not_fetched(wanted, TryAgain(type(error).__name__))
            return
        async with self._store.transaction() as uow:
            await uow.media.keep(wanted.id, fetched.content, plain_type(fetched.mime))
        self._tell(wanted, "kept")

    async def _not_fetched(self, wanted: Any, error: SendError) -> None:
        """It is due again by itself (it was set aside), unless it never will come."""
        refused = isinstance(error, Rejected)
        if not refused and wanted.attempts + 1 < _MOST_TRIES:
            self._tell(wanted, "retry", error.reason)
            return
        state = "refused" if refused else "failed"
        async with self._store.transaction() as uow:
            await uow.media.give_up(wanted.id, state, error.reason)
        self._tell(wanted, state, error.reason)

    def _tell(self, wanted: Any, result: str, reason: str = "") -> None:
        figures.MEDIA.labels(wanted.channel, result).inc()
        because = f" reason={reason!r}" if reason else ""
        log.info("media %s message=%s channel=%s%s", result, wanted.message_id, wanted.channel, because)
