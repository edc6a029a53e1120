"""The dialogue model in a process of its own beside the bot: turns and web requests do not wait for each other."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from bot.dialogue.embedded import newest_model
from bot.dialogue.engine import EngineError, EngineUnavailable, Parsed, Turn, TurnResult, parsed_from_rasa
from bot.dialogue.wire import Answer, Ask, Begin, Opener, receive, receive_all, send

_ROOT = Path(__file__).parents[2]
_STDERR = 2
_START_SECONDS = 120.0
_STOP_SECONDS = 10.0


class ProcessEngine:
    """An Engine in a child process; a child that dies is started again with the next turn.

    `opener` gives the child's actions their services; it is pickled, so it must be found in a module.
    The child ends when this process ends, however that happens.
    """

    name = "embedded"

    def __init__(
        self, model: Path, *, actions: str = "actions", opener: Opener | None = None, turn_seconds: float = 25.0
    ) -> None:
        self._model = model
        self._actions = actions
        self._opener = opener
        self._turn_seconds = turn_seconds
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._child: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._running = False

    async def start(self) -> None:
        """Starts the child and waits until the model is loaded; raises ModelMissing or ModelDamaged."""
        self._running = True
        try:
            await self._started()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends the child; turns that are still being done are unavailable."""
        self._running = False
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        writer, child = self._writer, self._child
        if writer is not None:
            writer.close()
        if child is not None and child.returncode is None:
            try:
                await asyncio.wait_for(child.wait(), _STOP_SECONDS)
            except asyncio.TimeoutError:
                child.kill()
                await child.wait()
        if self._listening is not None:
            await asyncio.gather(self._listening, return_exceptions=True)
        self._writer = self._child = self._listening = None

    async def turn(self, turn: Turn) -> TurnResult:
        """One turn; raises EngineUnavailable when it could not be done, then nothing of it is kept."""
        done: TurnResult = await self._ask("turn", turn)
        return done

    async def parse(self, text: str) -> Parsed:
        """Understands one text without a conversation."""
        return parsed_from_rasa(await self._ask("parse", text))

    async def _ask(self, what: str, value: Any) -> Any:
        writer = await self._writer_or_new()
        number = next(self._numbers)
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            return await asyncio.wait_for(_asked(writer, Ask(number, what, value), answered), self._turn_seconds)
        except asyncio.TimeoutError as error:
            await self._take_back(number, answered)
            raise EngineUnavailable("The dialogue did not answer in time.") from error
        except asyncio.CancelledError:
            await self._take_back(number, answered)
            raise
        except ConnectionError as error:
            raise EngineUnavailable("The dialogue process has ended.") from error
        finally:
            self._waiting.pop(number, None)
            answered.cancel()

    async def _take_back(self, number: int, answered: asyncio.Future[Any]) -> None:
        """Cancels the ask; a child that does not answer or even read that is ended, the next turn starts another."""
        writer, child = self._writer, self._child
        if writer is None or child is None:
            return
        with suppress(asyncio.TimeoutError, EngineError, ConnectionError):
            await asyncio.wait_for(_asked(writer, Ask(number, "cancel"), answered), _STOP_SECONDS)
        if not answered.done() and child.returncode is None:
            child.kill()
            self._writer = None if self._writer is writer else self._writer

    async def _writer_or_new(self) -> asyncio.StreamWriter:
        if not self._running:
            raise EngineUnavailable("The dialogue process is not running.")
        if self._writer is None:
            await self._started()
        if self._writer is None:
            raise EngineUnavailable("The dialogue process has ended.")
        return self._writer

    async def _started(self) -> None:
        """Start the child, once for all who ask; it goes on when a turn's time is up before the model is loaded."""
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._start_child())
            self._starting.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._starting)

    async def _start_child(self) -> None:
        begin = Begin(newest_model(self._model), self._actions, self._opener)
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot.dialogue.process_child", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=_STDERR,  # our own stdout is for what the bot says
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            await send(writer, begin)
            ready = await asyncio.wait_for(receive(reader), _START_SECONDS)
        except (EOFError, ConnectionError, asyncio.TimeoutError) as error:
            writer.close()
            raise EngineUnavailable("The dialogue process did not start; the log says why.") from error
        except BaseException:
            writer.close()
            raise
        if ready.error is not None:
            writer.close()
            raise ready.error
        self._writer = writer
        self._listening = asyncio.create_task(self._listen(reader, writer))

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await receive_all(reader, self._take)
        if self._writer is writer:
            self._writer = None
        writer.close()
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(EngineUnavailable("The dialogue process has ended."))

    def _take(self, answer: Answer) -> None:
        answered = self._waiting.get(answer.number)
        if answered is None or answered.done():
            return
        if answer.error is None:
            answered.set_result(answer.value)
        else:
            answered.set_exception(answer.error if isinstance(answer.error, EngineError) else EngineUnavailable())


async def _asked(writer: asyncio.StreamWriter, ask: Ask, answered: asyncio.Future[Any]) -> Any:
    """The answer to the ask; a child that reads nothing keeps both from ending."""
    await send(writer, ask)
    return await asyncio.shield(answered)
