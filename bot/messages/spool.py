"""Keeps on disk what came in while the database is away, and hands it in when the database answers again.

Each process writes a file of its own and holds a lock on it; what a dead process has left is handed in by the next
one. Handing in the same thing twice does no harm: the inbox knows what it has.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.business.conversations import Incoming, MediaRef
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

_PAUSE = 1.0


@dataclass(frozen=True)
class Gone:
    """The person cannot be written to any more, and why."""

    channel: str
    user: str
    reason: str


Kept = Incoming | Gone
HandIn = Callable[[Kept], Awaitable[Any]]


class SpoolFull(Exception):
    """It could not be written down; whoever sent it must send it again."""


class Spool:
    """What waits on disk; `hand_in` raises StoreUnavailable while the database is away."""

    def __init__(self, directory: Path, hand_in: HandIn, pause: float = _PAUSE) -> None:
        self._directory = directory
        self._hand_in = hand_in
        self._pause = pause
        self._file: _File | None = None
        self._waiting: list[Kept] = []
        self._new: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Lock = asyncio.Lock()
        self._drainer: asyncio.Task[None] | None = None

    @property
    def holds(self) -> bool:
        """Whether something waits; what comes in now must queue behind it."""
        return bool(self._waiting or self._new)

    async def start(self) -> None:
        """Take over what dead processes have left; it is handed in from now on."""
        left = await asyncio.to_thread(_leftovers, self._directory)
        self._drainer = asyncio.create_task(self._drain_for_ever(left))

    async def stop(self) -> None:
        """Leave what still waits to the next process."""
        if self._drainer is not None:
            self._drainer.cancel()
            await asyncio.gather(self._drainer, return_exceptions=True)
        async with self._writing:
            if self._file is not None:
                self._file.close(delete=not self.holds)
                self._file = None

    async def keep(self, kept: Kept) -> None:
        """Write it down; it is on the disk when this has returned. Raises SpoolFull."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._new.append((_line(kept), done))
        async with self._writing:  # all that came in meanwhile goes to the disk together
            batch, self._new = self._new, []
            if batch:
                await self._write(batch)
        await done
        self._waiting.append(kept)

    async def _write(self, batch: list[tuple[bytes, asyncio.Future[None]]]) -> None:
        try:
            if self._file is None:
                self._file = await asyncio.to_thread(_File, self._directory)
            await asyncio.to_thread(self._file.add, b"".join(line for line, _ in batch))
        except OSError as error:
            log.error("What came in cannot be kept on disk: %s", error.strerror or type(error).__name__)
            for _, done in batch:
                done.set_exception(SpoolFull())
            return
        for _, done in batch:
            done.set_result(None)

    async def _drain_for_ever(self, left: list[_File]) -> None:
        while True:
            while left and await self._drain_left(left[0]):
                left.pop(0)
            await self._drain()
            await asyncio.sleep(self._pause)

    async def _drain_left(self, file: _File) -> bool:
        """Hand in a dead process's file; whether all of it is in."""
        for kept in await asyncio.to_thread(file.read):
            if not await self._one(kept):
                return False
        file.close(delete=True)
        return True

    async def _drain(self) -> None:
        """Hand in what this process has kept; the file is emptied when nothing waits any more."""
        if not self._waiting:
            return
        while self._waiting:
            if not await self._one(self._waiting[0]):
                return
            self._waiting.pop(0)
        async with self._writing:
            if not self.holds and self._file is not None:
                await asyncio.to_thread(self._file.empty)
        log.info("All that was kept on disk is in the database.")

    async def _one(self, kept: Kept) -> bool:
        try:
            await self._hand_in(kept)
        except StoreUnavailable:
            return False
        except Exception as error:
            log.error("Something kept on disk cannot be handed in: channel=%s %s", kept.channel, type(error).__name__)
        return True


class _File:
    """One process's file: a JSON line for each thing, readable by its owner only, locked while in use."""

    def __init__(self, directory: Path, path: Path | None = None) -> None:
        if path is None:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = directory / f"{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        self._path = path
        self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._number)
            raise

    def add(self, lines: bytes) -> None:
        """On the disk, or not there at all; raises OSError."""
        before = os.fstat(self._number).st_size
        try:
            written = os.write(self._number, lines)
            if written != len(lines):
                raise OSError("the disk is full")
            os.fsync(self._number)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._number, before)
            raise

    def read(self) -> list[Kept]:
        """Everything whole; a last line that a crash has cut short was never acknowledged."""
        os.lseek(self._number, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._number), "rb") as file:
            found = [_kept(line) for line in file]
        if None in found:
            log.warning("Lines kept on disk are not whole: %s", found.count(None))
        return [kept for kept in found if kept is not None]

    def empty(self) -> None:
        """Forget all of it."""
        os.ftruncate(self._number, 0)

    def close(self, delete: bool) -> None:
        """Let go of the file."""
        if delete:
            self._path.unlink(missing_ok=True)
        os.close(self._number)


def _leftovers(directory: Path) -> list[_File]:
    """The files of processes that are no more, oldest first."""
    found = []
    for path in sorted(directory.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        with suppress(OSError):  # locked: its process lives
            found.append(_File(directory, path))
    return found


def _line(kept: Kept) -> bytes:
    return json.dumps({"kind_of_line": type(kept).__name__, **asdict(kept)}, ensure_ascii=True).encode() + b"\n"


def _kept(line: bytes) -> Kept | None:
    try:
        values = json.loads(line) if line.endswith(b"\n") else None
        if values is None:
            return None
        if values.pop("kind_of_line") == Gone.__name__:
            return Gone(**values)
        media = values.pop("media")
        return Incoming(**values, media=MediaRef(**media) if media else None)
    except (ValueError, TypeError, KeyError):
        return None
