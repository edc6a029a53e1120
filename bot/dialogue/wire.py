"""How the bot and its dialogue process talk: whole Python values, each behind its length, over a pair of sockets.

Both ends are ours and nobody else can reach the sockets, so values travel as pickles.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!I")

Opener = Callable[[], AbstractAsyncContextManager[None]]
"""Gives the actions of the dialogue process their services; travels to it, so it is a function of a module."""


@dataclass(frozen=True)
class Begin:
    """The first thing the dialogue process is told."""

    model: Path
    actions: str
    opener: Opener | None


@dataclass(frozen=True)
class Ask:
    """Something to be done: "turn" or "parse"; "cancel" takes back the ask of the same number."""

    number: int
    what: str
    value: Any = None


@dataclass(frozen=True)
class Answer:
    """What came of it: a value, or an EngineError."""

    number: int
    value: Any = None
    error: Exception | None = None


async def send(writer: asyncio.StreamWriter, value: Any) -> None:
    """Sends one value."""
    packed = pickle.dumps(value)
    writer.write(_LENGTH.pack(len(packed)) + packed)
    await writer.drain()


async def receive(reader: asyncio.StreamReader) -> Any:
    """The next value; raises EOFError when the other side is gone."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return pickle.loads(await reader.readexactly(length))  # noqa: S301 - from our own process
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise EOFError from error


async def receive_all(reader: asyncio.StreamReader, take: Callable[[Any], Awaitable[None] | None]) -> None:
    """Hands on every value until the other side is gone."""
    while True:
        try:
            value = await receive(reader)
        except EOFError:
            return
        waiting = take(value)
        if waiting is not None:
            await waiting
