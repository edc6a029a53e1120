"""A PostgreSQL that cannot be used for a while, for whatever reason, is unavailable: no message is to blame for it."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
import sqlalchemy as sa

from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store
from bot.store.engine import database_url as parse_url

pytestmark = [pytest.mark.parametrize("database_url", ["postgresql"], indirect=True), pytest.mark.timeout(60)]

# No server is asked for a name as long as this one.
NOWHERE = ".".join(["nowhere" * 8] * 5)


@dataclass
class Scene:
    """A role of its own, whose connections are made to `host` and `port`."""

    admin: asyncpg.Connection
    role: str
    host: str
    port: int

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
    host, scene.host = scene.host, NOWHERE
    yield
    scene.host = host


@asynccontextmanager
async def starting_up(scene: Scene) -> AsyncIterator[None]:
    server = await asyncio.start_server(_still_starting, "127.0.0.1", 0)
    port, scene.port = scene.port, server.sockets[0].getsockname()[1]
    async with server:
        yield
    scene.port = port


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
async def scene(database_url: str) -> AsyncIterator[Scene]:
    admin, place = await asyncpg.connect(database_url), parse_url(database_url)
    assert place.host is not None
    assert place.port is not None
    scene = Scene(admin, f"role_{uuid.uuid4().hex[:12]}", place.host, place.port)
    await scene.say("CREATE ROLE LOGIN")
    for what in ("TABLES", "SEQUENCES"):
        await admin.execute(f"GRANT ALL ON ALL {what} IN SCHEMA public TO {scene.role}")
    yield scene
    await scene.hang_up()
    await admin.execute(f"DROP OWNED BY {scene.role}")
    await admin.execute(f"DROP ROLE {scene.role}")
    await admin.close()


@pytest.fixture
async def store(database_url: str, scene: Scene) -> AsyncIterator[Store]:
    opened = Store(parse_url(database_url).set(username=scene.role).render_as_string())
    await opened.start()
    assert opened._engine is not None
    sa.event.listen(
        opened._engine.sync_engine,
        "do_connect",
        lambda _dialect, _record, _given, named: named.update(host=scene.host, port=scene.port),
    )
    yield opened
    await opened.close()


async def _write(store: Store, key: str) -> None:
    async with store.transaction() as uow:
        await uow.settings.put(key, "1")


@pytest.mark.parametrize(
    "trouble", [name_unknown, starting_up, no_connection_left, locked_out, read_only, out_of_time]
)
async def test_it_is_unavailable_and_used_again_afterwards(
    trouble: Callable[[Scene], AbstractAsyncContextManager[None]], scene: Scene, store: Store
) -> None:
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


async def test_a_store_that_cannot_begin_says_that_the_database_is_away(database_url: str) -> None:
    store = Store(parse_url(database_url).set(host=NOWHERE).render_as_string())
    with pytest.raises(StoreUnavailable):
        await store.start()
