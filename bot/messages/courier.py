"""Carries a letter to the platform, part by part, and knows what may have arrived when something goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.messages.allowance import Allowance
from bot.messages.inbox import real_now
from bot.messages.ledger import Ledger, Sent, refusal
from bot.messages.ports import Clock, Store
from bot.messages.sending import (
    Closed,
    Doubtful,
    Letter,
    Part,
    Platform,
    Receipt,
    Rejected,
    SendError,
    TryAgain,
)
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

_IN_DOUBT = "in doubt: "


class TakenOver(Exception):
    """The claim ran out because this process was held up: another one has it, or may have it any moment."""


class Courier:
    """The letters of one channel that are on their way, so many at a time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        platform: Platform,
        ledger: Ledger,
        at_once: int,
        is_lost: Callable[[int], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._platform = platform
        self._ledger = ledger
        self._places = asyncio.Semaphore(at_once)
        self._is_lost = is_lost
        self.stopping = False

    async def carry(self, letter: Letter, unreachable: str | None) -> Sent:
        """What became of the letter: its parts are delivered as far as they go; raises TakenOver."""
        refused = refusal(letter, unreachable, self._clock.now())
        if refused is not None:
            return Sent(0, letter.allowance, refused)
        try:
            parts = list(self._platform.parts(letter))
        except SendError as error:
            return Sent(0, letter.allowance, error)
        except Exception:
            log.exception("A message could not be drawn: message=%s", letter.messages[0].id)
            return Sent(0, letter.allowance, Rejected("cannot be drawn"))
        async with self._places:
            return await self._deliver(letter, parts[letter.parts_sent :])

    async def _deliver(self, letter: Letter, parts: list[Part]) -> Sent:
        allowance, sent_id = letter.allowance, None
        numbered: tuple[int, ...] = ()
        doubt = _doubt_before(letter)
        for count, part in enumerate(parts):
            if self._is_lost(letter.conversation_id):
                raise TakenOver
            if self.stopping:
                return Sent(count, allowance, TryAgain("the bot is stopping", 0.0), numbered, sent_id)
            now = real_now()
            if not part.free and not allowance.left(now, letter.with_reserve):
                return Sent(count, allowance, Closed("quota"), numbered, sent_id)
            try:
                receipt = _receipt(await self._platform.deliver(letter, part), part)
            except Doubtful as error:  # it may have arrived; what follows it must not be lost with it
                doubt, receipt = error, _receipt(None, part)
            except SendError as error:
                left = allowance.used_up() if isinstance(error, Closed) and not part.free else allowance
                return Sent(count, left, _with_doubt(error, doubt), numbered, sent_id)
            except Exception:
                log.exception("A send failed in an unforeseen way: message=%s", letter.messages[0].id)
                doubt, receipt = Doubtful("unforeseen"), _receipt(None, part)
            sent_id, numbered = receipt.sent_id, (*numbered, *part.numbered)
            for _ in range(receipt.messages):
                allowance = allowance.spent(now)
            if count + 1 < len(parts):
                await patiently(self._noting_part(letter, count + 1, allowance))
        return Sent(len(parts), allowance, doubt, numbered, sent_id)

    def _noting_part(self, letter: Letter, count: int, allowance: Allowance) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            async with self._store.transaction() as uow:
                await self._ledger.part_sent(uow, letter, count, allowance)

        return note


def _doubt_before(letter: Letter) -> Doubtful | None:
    """That an earlier try of the letter has left a part of it in doubt."""
    before = letter.messages[0].error or ""
    return Doubtful(before.removeprefix(_IN_DOUBT)) if before.startswith(_IN_DOUBT) else None


def _with_doubt(error: SendError, doubt: Doubtful | None) -> SendError:
    """The error, which keeps in mind what is in doubt for the next try."""
    return error if doubt is None else type(error)(_IN_DOUBT + doubt.reason, error.seconds)


def _receipt(given: str | Receipt | None, part: Part) -> Receipt:
    return given if isinstance(given, Receipt) else Receipt(given, 0 if part.free else 1)


async def patiently(step: Callable[[], Awaitable[T]]) -> T:
    """The step, done again while the database is away: what was delivered must be noted."""
    pause = 0.2
    while True:
        try:
            return await step()
        except StoreUnavailable as error:
            log.warning("A send could not be noted, trying again: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)
