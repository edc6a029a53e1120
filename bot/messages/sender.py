"""Sends what is stored for one channel: in order for each person, with back-off, within what the platform allows."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.messages import figures
from bot.messages.allowance import Allowance, AllowanceRules
from bot.messages.courier import Courier, TakenOver, patiently
from bot.messages.holding import Holding
from bot.messages.inbox import new_token, real_now
from bot.messages.ledger import Ledger, Sent, spent, state_after
from bot.messages.news import News
from bot.messages.ports import Clock, Phrase, Store
from bot.messages.sending import (
    Exhausted,
    Letter,
    Misconfigured,
    Platform,
    SendError,
    letters,
)

log = logging.getLogger(__name__)

# More do not get through the database faster; they would only stand before the messages that come in.
_NOTES_AT_ONCE = 4


@dataclass(frozen=True)
class SendLimits:
    """Times in seconds of real time."""

    claim: float = 15.0
    sweep: float = 1.0
    at_once: int = 16
    pause_when_misconfigured: float = 30.0
    # Whether what a turn says is sent right after it; where the channel takes it itself, only what is left is seen to.
    prompt: bool = True


class Sender:
    """The way out of one channel in this process."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        platform: Platform,
        news: News,
        phrase: Phrase,
        rules: AllowanceRules | None = None,
        limits: SendLimits | None = None,
    ) -> None:
        self._store = store
        self._platform = platform
        self._news = news
        self._ledger = Ledger(clock, phrase)
        self._rules = rules
        self._limits = limits or SendLimits()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._notes = asyncio.Semaphore(_NOTES_AT_ONCE)
        self._paused_until = 0.0
        self._sweeper: asyncio.Task[None] | None = None
        self._holding = Holding(store, self._limits.claim, _renew)
        self._courier = Courier(store, clock, platform, self._ledger, self._limits.at_once, self._holding.is_lost)
        self.channel = platform.name
        self.trouble: str | None = None

    async def start(self) -> None:
        """Begin to sweep; what a crash has left is sent first."""
        await self._holding.start()
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def stop(self, grace: float = 8.0) -> None:
        """Let what is on its way arrive within `grace` seconds; the rest stays stored."""
        self._paused_until, self._courier.stopping = float("inf"), True
        if self._sweeper is not None:
            self._sweeper.cancel()
        tasks = list(self._running.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *filter(None, [self._sweeper]), return_exceptions=True)
        await self._holding.stop()

    async def claim_in(self, uow: Any, conversation_id: int) -> Any:
        """Claim what was just stored, in the transaction that stores it; None while it is being sent to already."""
        if self._paused or conversation_id in self._running or not self._limits.prompt:
            return None
        return await uow.send_claims.claim_stored(conversation_id, token=new_token(), **self._claim_times())

    def run(self, conversation_id: int, claim: Any) -> None:
        """Send what was claimed by `claim_in`, after its transaction; returns at once."""
        if claim is None:
            if self._limits.prompt:
                self.wake(conversation_id)
        else:
            self._begin(conversation_id, self._work(claim))

    def wake(self, conversation_id: int) -> None:
        """Something was stored for this person; returns at once."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
        elif not self._paused:
            self._begin(conversation_id, self._claim_and_work(conversation_id))

    async def typing(self, user: str) -> None:
        """Show the person that an answer is being written."""
        if not self._paused:
            await self._platform.typing(user)

    def _begin(self, conversation_id: int, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running[conversation_id] = task
        task.add_done_callback(lambda task: self._ended(conversation_id, task))

    def _ended(self, conversation_id: int, task: asyncio.Task[None]) -> None:
        if self._running.get(conversation_id) is task:
            del self._running[conversation_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Sending broke off and is taken up again later", exc_info=error)
        elif conversation_id in self._again and not task.cancelled():
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    @property
    def _paused(self) -> bool:
        return time.monotonic() < self._paused_until

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                if not self._paused:
                    await self._sweep()
            except Exception as error:  # the database may be away; the next sweep sees
                log.warning("Unsent messages could not be looked for: %s", type(error).__name__)
                # Claims ran out while nobody could renew them: those who have them come first when it is back.
                await asyncio.sleep(self._limits.claim / 2)
            await asyncio.sleep(self._limits.sweep)

    async def _sweep(self) -> None:
        async with self._store.reading() as uow:
            due = await uow.send_claims.due(self.channel, real_now())
        for conversation_id in due:
            self.wake(conversation_id)

    async def _claim_and_work(self, conversation_id: int) -> None:
        async with self._store.transaction() as uow:
            claim = await uow.send_claims.claim(conversation_id, token=new_token(), **self._claim_times())
        await self._work(claim)

    def _claim_times(self) -> dict[str, datetime]:
        now = real_now()
        return {"real_now": now, "until": now + timedelta(seconds=self._limits.claim)}

    async def _work(self, claim: Any) -> None:
        """Letter after letter, until nothing is due."""
        if claim is None:
            return
        conversation_id, token = claim.conversation_id, claim.token
        try:
            while claim is not None:
                self._holding.take(conversation_id, token, claim.until)
                if claim.repeated:
                    figures.REPEATED_SENDS.labels(self.channel).inc()
                    log.warning("A send was broken off and is done again: message=%s", claim.messages[0].id)
                letter = self._letter(claim)
                if self._gathers(claim, letter):
                    await patiently(self._waiting_for_more(letter, token))
                    break
                sent = await self._courier.carry(letter, claim.unreachable)
                async with self._notes:
                    claim = await patiently(self._recording(letter, sent, token))
        except TakenOver:
            log.info("A send is left to who claims it next: message=%s", letter.messages[0].id)
        finally:
            self._holding.let_go(conversation_id, token)

    def _gathers(self, claim: Any, letter: Letter) -> bool:
        """Whether an agent has just begun to write where each message counts, and nothing else follows yet."""
        if self._rules is None or not self._rules.gather or claim.held or claim.parts_sent:
            return False
        all_there_is = len(letter.messages) == len(claim.messages)
        return letter.messages[0].sender == "agent" and all_there_is and letter.allowance.left(real_now()) > 0

    def _waiting_for_more(self, letter: Letter, token: str) -> Callable[[], Awaitable[None]]:
        """The row says when it is due, so that a crash loses nothing; what wakes the sender only makes it prompt."""
        gather = self._rules.gather if self._rules else timedelta(0)

        async def wait() -> None:
            async with self._store.transaction() as uow:
                until = real_now() + gather
                first = letter.messages[0].id
                await uow.send_claims.wait_for_more(letter.conversation_id, first, token=token, until=until)
            loop = asyncio.get_running_loop()
            loop.call_later(gather.total_seconds() + 0.05, self.wake, letter.conversation_id)

        return wait

    def _letter(self, claim: Any) -> Letter:
        used = claim.used
        allowance = Allowance(self._rules, used.opened_at, used.used, used.quick_at, used.quick_used)
        return Letter(
            conversation_id=claim.conversation_id,
            channel=claim.channel,
            user=claim.user,
            messages=letters(claim.messages)[0],
            allowance=allowance,
            parts_sent=claim.parts_sent,
            attempts=claim.attempts,
            at=real_now(),
        )

    def _recording(self, letter: Letter, sent: Sent, token: str) -> Callable[[], Awaitable[Any]]:
        """One transaction: what became of the letter, and the claim on what follows."""
        self._pause_for(sent.error)
        used = spent(letter, sent.allowance)

        async def record() -> Any:
            state, following = state_after(letter, sent.error), None
            async with self._store.transaction() as uow:
                # Asked first of all: the conversation is locked before its messages, as everywhere.
                opened = sent.error and await uow.outbox.opened_since(letter.conversation_id, used)
                if state == "waiting" and opened:
                    state = "queued"  # what it would wait for has come meanwhile
                await self._ledger.ended(uow, letter, sent, state)
                await uow.conversations.announce(letter.conversation_id)
                if state == "queued" or self._courier.stopping:
                    await uow.send_claims.put_back(letter.conversation_id, token=token, spent=used)
                else:
                    times = self._claim_times()
                    following = await uow.send_claims.go_on(letter.conversation_id, token=token, spent=used, **times)
            self._tell(letter, sent, state)
            return following

        return record

    def _pause_for(self, error: SendError | None) -> None:
        """A fault of the whole account stops the channel for a while; anything else shows that it works."""
        if isinstance(error, Misconfigured | Exhausted):
            self._paused_until = time.monotonic() + (error.seconds or self._limits.pause_when_misconfigured)
            if self.trouble != error.reason:
                log.error("%s: nothing can be sent: %s", self.channel, error.reason)
            self.trouble = error.reason
        elif error is None:
            self.trouble = None

    def _tell(self, letter: Letter, sent: Sent, state: str) -> None:
        result = "retry" if state == "queued" else state
        figures.SENDS.labels(self.channel, result).inc()
        first = letter.messages[0]
        reason = f" reason={sent.error.reason!r}" if sent.error else ""
        level = logging.INFO if sent.error is None else logging.WARNING
        log.log(level, "%s message=%s channel=%s said=%s%s", result, first.reply_to, self.channel, first.id, reason)
        self._news.tell(letter.conversation_id)


async def _renew(uow: Any, tokens: dict[int, str], until: datetime) -> dict[int, datetime]:
    ours: dict[int, datetime] = await uow.send_claims.hold(tokens, until)
    return ours
