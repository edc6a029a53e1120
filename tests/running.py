"""A whole bot without the trained model: real store, routes and router, a dialogue that echoes."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot.api.app import create_app
from bot.serving import server_config
from bot.settings import Settings, read_settings
from bot.wiring import Bot
from tests.demo_copies import copy_demo
from tests.messages.fakes import EchoEngine

TOKEN = "a-token-for-tests"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def settings_for(database_url: str, **more: str) -> Settings:
    """Settings of a test: a Friday noon, the demo dealership."""
    given = {
        "BOT_DATABASE_URL": database_url,
        "BOT_API_TOKEN": TOKEN,
        "BOT_SECRET_KEY": "a-secret-for-tests",
        "BOT_DEMO": "1",
        "BOT_WORKER": "0",
        "BOT_CLOCK": "2026-11-20T10:00:00+08:00",
        **more,
    }
    return read_settings(given, Path("/nonexistent"))


@asynccontextmanager
async def running_bot(settings: Settings, engine: EchoEngine | None = None) -> AsyncIterator[Bot]:
    """The parts of a started bot."""
    await copy_demo(settings)
    bot = Bot(settings, engine or EchoEngine())
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


@asynccontextmanager
async def client_of(bot: Bot, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client that calls the bot's routes in this process."""
    transport = httpx.ASGITransport(create_app(bot.context), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot", **options) as client:
        yield client


class Served:
    """A bot that serves over HTTP in a thread."""

    def __init__(self, settings: Settings, engine: EchoEngine) -> None:
        self.engine = engine
        self.settings = settings
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server: uvicorn.Server | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self, seconds: float = 20) -> None:
        self._thread.start()
        assert self._ready.wait(seconds), "the bot did not start"

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(20)

    async def _serve(self) -> None:
        async with running_bot(self.settings, self.engine) as bot:
            self._server = uvicorn.Server(server_config(bot))
            self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
            self._ready.set()
            await self._server.serve(sockets=[self._listener])


@contextmanager
def served_bot(settings: Settings, engine: EchoEngine | None = None) -> Iterator[Served]:
    """A bot that answers at `url` until the end of the block."""
    served = Served(settings, engine or EchoEngine())
    served.start()
    try:
        yield served
    finally:
        served.stop()
