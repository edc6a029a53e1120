"""The dialogue model inside this process: Rasa and the actions in a thread of their own with their own event loop."""

from __future__ import annotations

import asyncio
import tarfile
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.dialogue.engine import (
    EngineError,
    EngineUnavailable,
    ModelDamaged,
    ModelMissing,
    Parsed,
    Turn,
    TurnResult,
    parsed_from_rasa,
)

if TYPE_CHECKING:
    from bot.dialogue.loaded import LoadedModel

T = TypeVar("T")
Hook = Callable[[], Awaitable[None]]


class EmbeddedEngine:
    """An Engine in a thread: acknowledgements, desk and API never wait for a turn.

    `on_start` and `on_stop` run in the dialogue thread's loop: there the actions get the services of that loop.
    """

    name = "embedded"

    def __init__(
        self,
        model: Path,
        *,
        actions: str = "actions",
        on_start: Hook | None = None,
        on_stop: Hook | None = None,
        turn_seconds: float = 25.0,
    ) -> None:
        self._model = model
        self._actions = actions
        self._on_start = on_start
        self._on_stop = on_stop
        self._turn_seconds = turn_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._loaded: LoadedModel | None = None

    async def start(self) -> None:
        """Loads the model (seconds); raises ModelMissing or ModelDamaged with one plain sentence."""
        path = newest_model(self._model)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dialogue", daemon=True)
        self._thread.start()
        try:
            self._loaded = await self._run(self._load(path))
        except BaseException:
            await self._end_thread()
            raise

    async def stop(self) -> None:
        """Ends the turns being done, closes what the hooks opened, ends the thread."""
        if self._loop is None:
            return
        if self._loaded is not None and self._on_stop is not None:
            await self._run(_awaited(self._on_stop))
        self._loaded = None
        await self._end_thread()

    async def turn(self, turn: Turn) -> TurnResult:
        """One turn; raises EngineUnavailable when it could not be done, then nothing of it is kept."""
        try:
            return await self._run(asyncio.wait_for(self._model_or_raise().turn(turn), self._turn_seconds))
        except EngineError:
            raise
        except Exception as error:
            raise EngineUnavailable(f"A turn of the dialogue failed: {type(error).__name__}.") from error

    async def parse(self, text: str) -> Parsed:
        """Understands one text without a conversation."""
        return parsed_from_rasa(await self._run(self._model_or_raise().parse(text)))

    async def in_thread(self, hook: Hook) -> None:
        """Runs `hook` in the dialogue thread's loop, such as one that gives the actions other services."""
        await self._run(_awaited(hook))

    async def _load(self, path: Path) -> LoadedModel:
        from bot.dialogue.loaded import LoadedModel

        loaded = LoadedModel(path, self._actions)
        if self._on_start is not None:
            await self._on_start()
        await loaded.warm_up()
        return loaded

    def _model_or_raise(self) -> LoadedModel:
        if self._loaded is None:
            raise EngineUnavailable("The dialogue model is not loaded.")
        return self._loaded

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise EngineUnavailable("The dialogue thread is not running.")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _end_thread(self) -> None:
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join)
        loop.close()


async def _awaited(hook: Hook) -> None:
    await hook()


def newest_model(path: Path) -> Path:
    """`path` itself if it is a file, else the newest model below it; raises ModelMissing, and ModelDamaged for what is
    no archive at all: that is seen before Rasa is imported, which takes seconds."""
    model = path if path.is_file() else _newest_below(path)
    if not tarfile.is_tarfile(model):
        raise ModelDamaged.named(model.name)
    return model


def _newest_below(path: Path) -> Path:
    models = sorted(path.glob("*.tar.gz"), key=lambda model: model.stat().st_mtime) if path.is_dir() else []
    if not models:
        raise ModelMissing(f"There is no trained model in {path.name}/; train one with: make train")
    return models[-1]
