"""Starts the web server over a running bot and says when it can answer."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import sys
from contextlib import suppress

import uvicorn
import uvloop

from bot.api.app import create_app
from bot.desk.pages import warm_up
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
    # The protocol is named: event loops switch off Nagle's delay (40 ms an answer) only for sockets known as TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
    uvloop.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    serving = asyncio.create_task(_start_and_serve(Bot(settings), listener))
    for number in (signal.SIGINT, signal.SIGTERM):
        # While serving, uvicorn has the signals and hands them on when it has ended; closing must not be broken off.
        asyncio.get_running_loop().add_signal_handler(number, _break_off, serving)
    with suppress(asyncio.CancelledError):
        await serving


_ENDING = "ending"


def _break_off(serving: asyncio.Task[None]) -> None:
    if serving.get_name() != _ENDING:
        serving.cancel()


async def _start_and_serve(bot: Bot, listener: socket.socket) -> None:
    # While the model loads in a process of its own there is time; later it would take the interpreter from customers.
    asyncio.get_running_loop().run_in_executor(None, warm_up)
    await bot.start()
    try:
        await _Server(server_config(bot), listener).serve(sockets=[listener])
    finally:
        _this_task().set_name(_ENDING)
        await bot.stop()


def _this_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - called within one
    return task


def server_config(bot: Bot) -> uvicorn.Config:
    """How the routes are served; WebSockets are off, live events are server-sent."""
    return uvicorn.Config(
        create_app(bot.context),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # Only what these say of the browser's address is believed: wrong passwords are counted by it.
        proxy_headers=True,
        forwarded_allow_ips=list(bot.settings.proxies),
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
