"""Starts the web server over a running bot and says when it can answer."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys

import uvicorn

from bot.api.app import create_app
from bot.settings import Settings
from bot.wiring import Bot

log = logging.getLogger(__name__)

_GRACE_SECONDS = 3
# The dialogue thread computes while this loop waits for the interpreter; shorter turns keep answers quick.
_SWITCH_SECONDS = 0.001


class CannotServe(Exception):
    """The server cannot start; reads as one plain sentence."""


def open_port(settings: Settings) -> socket.socket:
    """The listening socket, taken before anything slow happens; raises CannotServe."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise CannotServe(_why(error, settings)) from error
    return listener


def _why(error: OSError, settings: Settings) -> str:
    address = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"Another program uses {address}; stop it or set BOT_PORT to another number (0: any free port)."
    if error.errno == errno.EACCES:
        return f"This user may not open {address}; ports below 1024 are for root, set BOT_PORT to a higher one."
    return f"{address} cannot be opened: {error.strerror}. Check BOT_HOST and BOT_PORT."


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until the process is told to end."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    asyncio.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    bot = Bot(settings)
    await bot.start()
    try:
        await _Server(_config(bot), listener).serve(sockets=[listener])
    finally:
        await bot.stop()


def _config(bot: Bot) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(bot.context),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=30,
    )


class _Server(uvicorn.Server):
    """Says on stdout, once, where it can be reached."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config)
        self._listener = listener

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the one line that programs wait for (DESIGN §4 Commands)."""
        await super().startup(sockets)
        if self.started:
            host, port = self._listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"ready: http://{shown}:{port}", flush=True)
