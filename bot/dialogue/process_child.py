"""The dialogue process: `python -m bot.dialogue.process_child FD`; ends when the bot that started it ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

import uvloop

from bot.dialogue.engine import EngineError, EngineUnavailable
from bot.dialogue.quiet import be_quiet
from bot.dialogue.wire import Answer, Ask, Begin, receive, receive_all, send

if TYPE_CHECKING:
    from bot.dialogue.loaded import LoadedModel


class Serving:
    """Does what the bot asks, each ask in a task of its own."""

    def __init__(self, model: LoadedModel, writer: asyncio.StreamWriter) -> None:
        self._model = model
        self._writer = writer
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def take(self, ask: Ask) -> None:
        """Begins or takes back one ask."""
        if ask.what == "cancel":
            task = self._tasks.get(ask.number)
            if task is not None:  # soon: a task that is cancelled before it began would never answer
                asyncio.get_running_loop().call_soon(task.cancel)
            return
        self._tasks[ask.number] = asyncio.create_task(self._do(ask))

    async def end(self) -> None:
        """Cancels what is still being done."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _do(self, ask: Ask) -> None:
        try:
            value = await (self._model.turn(ask.value) if ask.what == "turn" else self._model.parse(ask.value))
            answer = Answer(ask.number, value)
        except asyncio.CancelledError:
            answer = Answer(ask.number, error=EngineUnavailable("The turn was taken back."))
        except Exception as error:
            answer = Answer(ask.number, error=EngineUnavailable(f"A turn of the dialogue failed: {_kind(error)}."))
        finally:
            self._tasks.pop(ask.number, None)
        # The bot was killed, of which uvloop says that the handler is closed: this process ends too.
        with suppress(ConnectionError, RuntimeError):
            await send(self._writer, answer)


def _kind(error: BaseException) -> str:
    cause = error.__cause__
    return f"{type(error).__name__} caused by {type(cause).__name__}" if cause else type(error).__name__


async def main(descriptor: int) -> None:
    """Loads the model, says so, and serves until the bot's end of the socket is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the bot ends us, after its last turn
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=descriptor))
    begin: Begin = await receive(reader)
    async with AsyncExitStack() as opened:
        try:
            from bot.dialogue.loaded import LoadedModel

            model = LoadedModel(begin.model, begin.actions)
            if begin.opener is not None:
                await opened.enter_async_context(begin.opener())
            await model.warm_up()
        except EngineError as error:
            await send(writer, Answer(0, error=error))
            return
        gc.collect()
        gc.freeze()  # the model stays for ever: the collector need not walk through it again and again
        await send(writer, Answer(0))
        serving = Serving(model, writer)
        await receive_all(reader, serving.take)
        await serving.end()


if __name__ == "__main__":
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    be_quiet()
    uvloop.run(main(int(sys.argv[1])))
