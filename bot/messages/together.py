"""Does together what comes in while an earlier one is still being done, so that a burst costs few transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.services.unavailable import StoreUnavailable

G = TypeVar("G")
R = TypeVar("R")


class Together(Generic[G, R]):
    """Up to `lanes` at a time are done alone; what comes in while all lanes are taken is done together.

    `many` gives a result for each, or None for what has to be done alone; what it raises is nobody's result.
    """

    def __init__(
        self,
        alone: Callable[[G], Awaitable[R]],
        many: Callable[[Sequence[G]], Awaitable[Sequence[R | None]]],
        most: int = 64,
        lanes: int = 3,
    ) -> None:
        self._alone = alone
        self._many = many
        self._most = most
        self._free = lanes
        self._waiting: list[tuple[G, asyncio.Future[R]]] = []
        self._working: set[asyncio.Task[None]] = set()

    async def do(self, given: G) -> R:
        """Its result, or what it raises."""
        if not self._free:
            future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
            self._waiting.append((given, future))
            return await future
        self._free -= 1
        try:
            return await self._alone(given)
        finally:
            task = asyncio.create_task(self._work())
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._batch(batch)
        self._free += 1

    async def _batch(self, batch: list[tuple[G, asyncio.Future[R]]]) -> None:
        results: Sequence[R | None] = [None] * len(batch)
        if len(batch) > 1:
            try:
                results = await self._many([given for given, _ in batch])
            except StoreUnavailable as error:
                for _, future in batch:
                    _fail(future, error)
                return
            except Exception:  # one of them; each is done alone and the others do not suffer
                results = [None] * len(batch)
        for (given, future), result in zip(batch, results, strict=True):
            if result is not None:
                _end(future, result)
            elif not future.done():
                await self._one(given, future)

    async def _one(self, given: G, future: asyncio.Future[R]) -> None:
        try:
            _end(future, await self._alone(given))
        except Exception as error:
            _fail(future, error)


def _end(future: asyncio.Future[R], result: R) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[R], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
