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
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.business.conversations import Incoming, MediaRef
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

_PAUSE = 1.0
_ENDING = ".jsonl"


@dataclass(frozen=True)
class Gone:
    """The person cannot be written to any more, and why."""

    channel: str
    user: str
    reason: str


Kept = Incoming | Gone
HandIn = Callable[[Kept], Awaitable[Any]]


class NotKept(Exception):
    """It could not be written down; whoever sent it must send it again."""


class Spool:
    """What waits on disk; `hand_in` raises StoreUnavailable while the database is away."""

    def __init__(self, directory: Path, hand_in: HandIn, pause: float = _PAUSE) -> None:
        self._directory = directory
        self._hand_in = hand_in
        self._pause = pause
        self._file: _File | None = None
        self._left: list[_File] = []
        self._handed_in = 0  # of the first file left
        self._waiting: deque[Kept] = deque()
        self._new: list[tuple[Kept, asyncio.Future[None]]] = []
        self._writing = asyncio.Lock()
        self._more = asyncio.Event()
        self._drainer: asyncio.Task[None] | None = None

    @property
    def holds(self) -> bool:
        """Whether something waits; what comes in now must queue behind it."""
        return bool(self._left or self._waiting or self._new or self._writing.locked())

    async def start(self) -> None:
        """Take over what dead processes have left; it is handed in from now on."""
        self._left = await asyncio.to_thread(_leftovers, self._directory)
        self._drainer = asyncio.create_task(self._drain_for_ever())

    async def stop(self) -> None:
        """Leave what still waits to the next process."""
        if self._drainer is not None:
            self._drainer.cancel()
            await asyncio.gather(self._drainer, return_exceptions=True)
        async with self._writing:
            if self._file is not None:
                self._file.close(delete=not self._waiting)
            for file in self._left:
                file.close(delete=False)
            self._file, self._left = None, []

    async def keep(self, kept: Kept) -> None:
        """Write it down; it is on the disk when this has returned. Raises NotKept."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._new.append((kept, done))
        async with self._writing:  # all that came in meanwhile goes to the disk together
            batch, self._new = self._new, []
            if batch:
                await self._write(batch)
        await done

    async def _write(self, batch: list[tuple[Kept, asyncio.Future[None]]]) -> None:
        failure: NotKept | None = None
        try:
            if self._file is None:
                self._file = await asyncio.to_thread(_File.new, self._directory)
            await asyncio.to_thread(self._file.add, b"".join(_line(kept) for kept, _ in batch))
            self._waiting.extend(kept for kept, _ in batch)
            self._more.set()
        except OSError as error:
            log.error("What came in cannot be kept on disk: %s", error.strerror or error)
            failure = NotKept()
        for _, done in batch:
            if not done.done():
                done.set_exception(failure) if failure else done.set_result(None)

    async def _drain_for_ever(self) -> None:
        while True:
            self._more.clear()
            try:
                is_empty = await self._drain()
            except Exception as error:  # the disk may be away; what is kept stays kept
                log.error("What is kept on disk cannot be handed in for now: %s", type(error).__name__)
                is_empty = False
            if is_empty:
                await self._more.wait()
            else:
                await asyncio.sleep(self._pause)

    async def _drain(self) -> bool:
        """Hand in all there is, oldest first; whether all of it is in."""
        while self._left:
            for kept in (await asyncio.to_thread(self._left[0].read))[self._handed_in :]:
                if not await self._one(kept):
                    return False
                self._handed_in += 1
            if odd := await asyncio.to_thread(self._left[0].unreadable):
                log.error("Lines kept on disk cannot be read and are set aside: %s", len(odd))
                await asyncio.to_thread(_set_aside, self._directory, odd)
            self._left.pop(0).close(delete=True)
            self._handed_in = 0
        while self._waiting:
            if not await self._one(self._waiting[0]):
                return False
            self._waiting.popleft()
        async with self._writing:
            if not self._waiting and self._file is not None:
                await asyncio.to_thread(self._file.empty)
        return not self._waiting

    async def _one(self, kept: Kept) -> bool:
        try:
            await self._hand_in(kept)
        except StoreUnavailable:
            return False
        except Exception as error:
            log.error("Something kept on disk was refused: channel=%s %s", kept.channel, type(error).__name__)
            await asyncio.to_thread(_set_aside, self._directory, [_line(kept)])
        return True


class _File:
    """One process's file: a JSON line for each thing, readable by its owner only, locked while in use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._number)
            raise

    @classmethod
    def new(cls, directory: Path) -> _File:
        """A file that no other process has."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(directory / f"{os.getpid()}-{secrets.token_hex(4)}{_ENDING}")

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
        """Everything that can be read; a last line that a crash has cut short was never acknowledged."""
        return [kept for line in self._lines() if (kept := _kept(line)) is not None]

    def unreadable(self) -> list[bytes]:
        """What was acknowledged and cannot be read: of another version, or damaged."""
        return [line for line in self._lines() if line.endswith(b"\n") and _kept(line) is None]

    def _lines(self) -> list[bytes]:
        os.lseek(self._number, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._number), "rb") as file:
            return file.readlines()

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
    for path in sorted(directory.glob(f"*{_ENDING}"), key=_age):
        with suppress(OSError):  # locked: its process lives
            found.append(_File(path))
    return found


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process has just handed it in
        return 0.0


def _set_aside(directory: Path, lines: list[bytes]) -> None:
    """Keep what the inbox will never take, for a person to look at."""
    with suppress(OSError):
        number = os.open(directory / "refused.json", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(number, "ab") as file:
            file.writelines(lines)


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
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
