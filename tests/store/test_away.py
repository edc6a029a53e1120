"""A PostgreSQL that cannot be used for a while, for whatever reason, is unavailable: no message is to blame for it."""

from __future__ import annotations

import asyncio
import socket
import struct
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store, database_url

pytestmark = [pytest.mark.parametrize("database_url", ["postgresql"], indirect=True), pytest.mark.timeout(60)]

HOST = "database.test"


@dataclass
class Scene:
    """The store of a role of its own, reached by a host's name; `place` is where that name leads, None for nowhere."""

    admin: asyncpg.Connection
    role: str
    place: tuple[str, int] | None = None

    async def say(self, statement: str) -> None:
        """As the server's administrator."""
        await self.admin.execute(statement.replace("ROLE", f"ROLE {self.role}", 1))

    async def hang_up(self) -> None:
        """End the role's connections."""
        await self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", self.role
        )


@asynccontextmanager
async def name_unknown(scene: Scene) -> AsyncIterator[None]:
    place, scene.place = scene.place, None
    yield
    scene.place = place


@asynccontextmanager
async def starting_up(scene: Scene) -> AsyncIterator[None]:
    server = await asyncio.start_server(_still_starting, "127.0.0.1", 0)
    place, scene.place = scene.place, ("127.0.0.1", server.sockets[0].getsockname()[1])
    async with server:
        yield
    scene.place = place


async def _still_starting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuses TLS, then the connection, as a server does that recovers after a crash."""
    for refusal in (b"N", _error(b"57P03", b"the database system is starting up")):
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        writer.write(refusal)
        await writer.drain()
    writer.close()


def _error(code: bytes, message: bytes) -> bytes:
    body = b"SFATAL\0VFATAL\0C" + code + b"\0M" + message + b"\0\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body


@asynccontextmanager
async def no_connection_left(scene: Scene) -> AsyncIterator[None]:
    await scene.say("ALTER ROLE CONNECTION LIMIT 0")
    yield
    await scene.say("ALTER ROLE CONNECTION LIMIT -1")


@asynccontextmanager
async def locked_out(scene: Scene) -> AsyncIterator[None]:
    await scene.say("ALTER ROLE NOLOGIN")
    yield
    await scene.say("ALTER ROLE LOGIN")


@asynccontextmanager
async def read_only(scene: Scene) -> AsyncIterator[None]:
    await scene.say("ALTER ROLE SET default_transaction_read_only = on")
    yield
    await scene.say("ALTER ROLE RESET default_transaction_read_only")


@asynccontextmanager
async def out_of_time(scene: Scene) -> AsyncIterator[None]:
    """Somebody holds a lock, and the server stops whoever waits too long for it."""
    await scene.say("ALTER ROLE SET statement_timeout = '200ms'")
    async with scene.admin.transaction():
        await scene.admin.execute("LOCK TABLE settings")
        yield
    await scene.say("ALTER ROLE RESET statement_timeout")


@pytest.fixture
async def scene(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    admin = await asyncpg.connect(database_url)
    scene = Scene(admin, f"role_{uuid.uuid4().hex[:12]}", ("127.0.0.1", _port(database_url)))
    await scene.say("CREATE ROLE LOGIN")
    for what in ("TABLES", "SEQUENCES"):
        await admin.execute(f"GRANT ALL ON ALL {what} IN SCHEMA public TO {scene.role}")
    resolve: Callable[..., Any] = socket.getaddrinfo

    def resolved(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != HOST:
            return resolve(host, port, *more, **named)
        if scene.place is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(*scene.place, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    yield scene
    await scene.hang_up()
    await admin.execute(f"DROP OWNED BY {scene.role}")
    await admin.execute(f"DROP ROLE {scene.role}")
    await admin.close()


def _port(url: str) -> int:
    port = database_url(url).port
    assert port is not None
    return port


async def _write(store: Store, key: str) -> None:
    async with store.transaction() as uow:
        await uow.settings.put(key, "1")


@pytest.mark.parametrize(
    "trouble", [name_unknown, starting_up, no_connection_left, locked_out, read_only, out_of_time]
)
async def test_it_is_unavailable_and_used_again_afterwards(
    trouble: Callable[[Scene], AbstractAsyncContextManager[None]], scene: Scene, database_url: str
) -> None:
    url = database_url.replace("bot@127.0.0.1:", f"{scene.role}@{HOST}:")
    store = Store(url)
    await store.start()
    await _write(store, "before")
    async with trouble(scene):
        await scene.hang_up()
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await _write(store, "meanwhile")
    await scene.hang_up()
    await asyncio.sleep(0.1)
    await _write(store, "after")
    async with store.reading() as uow:
        assert (await uow.settings.get("meanwhile"), await uow.settings.get("after")) == (None, "1")
    await store.close()


async def test_a_store_that_cannot_begin_says_that_the_database_is_away(scene: Scene, database_url: str) -> None:
    store = Store(database_url.replace("127.0.0.1:", f"{HOST}:"))
    async with name_unknown(scene):
        with pytest.raises(StoreUnavailable):
            await store.start()
