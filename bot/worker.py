"""Does what has fallen due: reminders, news of repairs and rescues, promises not kept; any number may run at once.

Nothing is kept in memory but what failed just now: each row says when it is due and whether it was done. A row is
locked, marked and its message stored in one transaction, so two workers never both act, and a crash leaves the row
for the next round.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from bot.business.conversations import Conversation
from bot.messages.ports import Clock, Phrasebook, Store
from bot.messages.saying import say
from bot.services import delays, left_behind, overdue, reminders, rescue_news, stage_news, surveys
from bot.services.notices import Said
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

K = TypeVar("K", int, str)
_FAILED_RESTS = 60.0
_STOP_SECONDS = 10.0


class Worker:
    """Looks every so many seconds of real time for what is due on the business clock.

    `tell` is called with the conversation after words for it were committed, to wake its sender and its page.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        phrase: Phrasebook,
        every: float = 5.0,
        tell: Callable[[Conversation], None] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._phrase = phrase
        self._every = every
        self._tell = tell
        self._failed: dict[tuple[str, int | str], float] = {}
        self._ending: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, the first time at once."""
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._loop(self._ending))

    async def stop(self) -> None:
        """Look no longer; the row in hand is finished."""
        if self._task is None or self._ending is None:
            return
        self._ending.set()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(self._task, return_exceptions=True), _STOP_SECONDS)
        self._task = None

    async def run_once(self) -> dict[str, int]:
        """Do everything that is due now; how many rows of each kind were done here. Never raises Exception."""
        kinds = {
            "reminders": self.remind,
            "returns": self.return_left,
            "handoffs": self.owe_call_backs,
            "complaints": self.report_complaints,
            "late_rescues": self.report_rescues,
            "rescue_news": self.tell_rescue_news,
            "stages": self.tell_stages,
            "repairs": self.apologise,
            "warnings": self.warn,
            "escalations": self.escalate,
            "surveys": self.ask_opinions,
        }
        return {kind: await work() for kind, work in kinds.items()}

    async def remind(self) -> int:
        """Remind of visits."""
        return await self._each("reminder", reminders.due_reminders, reminders.remind)

    async def return_left(self) -> int:
        """Let customers whose agents are gone wait for others."""
        return await self._each("customer left behind", left_behind.due_returns, left_behind.return_left)

    async def owe_call_backs(self) -> int:
        """Tell who waits for a person too long that a call-back is owed."""
        return await self._each("handoff", delays.due_handoffs, delays.owe_call_back)

    async def report_complaints(self) -> int:
        """Report complaints past their deadline."""
        return await self._each("complaint", delays.due_complaints, delays.report_late_complaint)

    async def report_rescues(self) -> int:
        """Report calls for help that were not arranged in time."""
        return await self._each("late rescue", rescue_news.due_late_rescues, rescue_news.report_late_rescue)

    async def tell_rescue_news(self) -> int:
        """Tell callers for help that theirs is being worked on."""
        return await self._each("rescue news", rescue_news.due_rescue_news, rescue_news.tell_rescue_news)

    async def tell_stages(self) -> int:
        """Tell of repairs that stand elsewhere, or are promised for another time, than the customers were told."""
        return await self._each("stage", stage_news.due_stage_news, stage_news.tell_stage_news)

    async def apologise(self) -> int:
        """Tell of repairs past their promise."""
        return await self._each("repair", delays.due_repairs, delays.tell_late_repair)

    async def ask_opinions(self) -> int:
        """Ask customers what they think of a talk with people, or of yesterday's visit."""
        talks = await self._each("survey of a talk", surveys.due_after_talks, surveys.ask_after_talk)
        return talks + await self._each("survey of a visit", surveys.due_after_visits, surveys.ask_after_visit)

    async def warn(self) -> int:
        """Warn agents of promises that fall due soon."""
        return await self._each("warning", overdue.due_warnings, overdue.warn)

    async def escalate(self) -> int:
        """Alert supervisors about promises past their time that nothing above is about."""
        return await self._each("escalation", overdue.due_escalations, overdue.escalate)

    async def _each(
        self,
        kind: str,
        due: Callable[[Any, datetime], Awaitable[list[K]]],
        act: Callable[[Any, datetime, K], Awaitable[Said | None]],
    ) -> int:
        try:
            async with self._store.reading() as uow:
                keys = await due(uow, self._clock.now())
        except Exception as error:
            log.warning("What is due could not be read (%s): %s", kind, type(error).__name__)
            return 0
        done = 0
        for key in keys:
            if self._ending is not None and self._ending.is_set():
                break
            if not self._rests(kind, key):
                done += await self._row(kind, key, act)
        return done

    async def _row(self, kind: str, key: K, act: Callable[[Any, datetime, K], Awaitable[Said | None]]) -> bool:
        """Whether this worker did the row; its failure is logged and stops no other one."""
        try:
            async with self._store.transaction() as uow:
                said = await act(uow, self._clock.now(), key)
                for notice in said or ():
                    await say(uow, self._clock.now(), self._phrase, notice)
        except StoreUnavailable as error:  # locked or away: the next round tries again
            log.warning("The %s %s waits for the database: %s", kind, key, type(error).__name__)
            return False
        except Exception as error:  # the error's own text may hold what was stored
            self._failed[kind, key] = time.monotonic() + _FAILED_RESTS
            log.error("The %s %s failed and is tried again later: %s", kind, key, type(error).__name__)
            return False
        for notice in said or ():
            if self._tell is not None:
                self._tell(notice.conversation)
        return said is not None

    def _rests(self, kind: str, key: int | str) -> bool:
        until = self._failed.get((kind, key))
        if until is None or until > time.monotonic():
            return until is not None
        del self._failed[kind, key]
        return False

    async def _loop(self, ending: asyncio.Event) -> None:
        while not ending.is_set():
            await self.run_once()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ending.wait(), self._every)
