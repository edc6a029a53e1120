"""A proxy before the copies of the bot, or before a server that is to be cut off: connections go on as bytes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from itertools import count


class Front:
    """Gives each connection to the next copy that takes it; when none does, it is closed at once.

    `cut()` closes every connection and takes no more until `mend()`. `vanish()` lets nothing through, answers nobody
    who knocks and tells nobody, until `return_()`.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._next = count()
        self._server: asyncio.AbstractServer | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self._is_cut = False
        self._deaf: list[socket.socket] = []
        self._speaks = asyncio.Event()
        self._speaks.set()

    @property
    def url(self) -> str:
        """Where the world knocks."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Front:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Nothing gets through any more."""
        self._is_cut = True
        for writer in list(self._open):
            writer.transport.abort()

    async def vanish(self) -> None:
        """What is sent from now on arrives nowhere, and who connects hears nothing."""
        assert self._server is not None
        self._speaks.clear()
        self._server.close()
        self._deaf = _deaf_socket(self.port)

    async def return_(self) -> None:
        """As before."""
        for each in self._deaf:
            each.close()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port, backlog=1024)
        self._speaks.set()

    def mend(self) -> None:
        """Connections are taken again."""
        self._is_cut = False

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = None if self._is_cut else await self._onward()
        if onward is None:
            writer.transport.abort()
            return
        self._open |= {writer, onward[1]}
        try:
            there = asyncio.create_task(self._pour(reader, onward[1]))
            back = asyncio.create_task(self._pour(onward[0], writer))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            there.cancel()
            back.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            for each in (writer, onward[1]):
                self._open.discard(each)
                each.close()

    async def _onward(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        first = next(self._next)
        for number in range(len(self._ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self._ports[(first + number) % len(self._ports)])
        return None

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._speaks.wait()
                writer.write(data)
                await writer.drain()


def _deaf_socket(port: int) -> list[socket.socket]:
    """Somebody listens and takes nobody in: the queue before the door is full, so those who knock hear nothing."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    door.listen(0)
    queue = [socket.socket() for _ in range(4)]
    for each in queue:
        each.setblocking(False)
        each.connect_ex(("127.0.0.1", port))
    return [door, *queue]
