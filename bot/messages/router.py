"""Runs the turns: one at a time and in order for each person, different people in parallel, one commit a turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.business.conversations import BOT, NewMessage, Pending, state_when_stored
from bot.messages import figures
from bot.messages.holding import Holding
from bot.messages.inbox import Claim, new_token, real_now
from bot.messages.news import News
from bot.messages.ports import Clock, Limits, Store
from bot.messages.senders import Senders
from bot.messages.turns import Answered, Outcome, Turns, may_speak
from bot.services.unavailable import StoreUnavailable

log = logging.getLogger(__name__)

_COMMIT_PAUSES = (0.2, 1.0, 3.0)
# More do not get through the database faster; they would only stand before the messages that come in.
_COMMITS_AT_ONCE = 4
_SWEPT_AT_ONCE = 50


class ClaimLost(Exception):
    """Another router has taken over after the claim ran out; what this one has worked out is thrown away."""


class Router:
    """Turns of claimed conversations in this process; sweeps up what a crash has left."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        turns: Turns,
        news: News,
        limits: Limits | None = None,
        senders: Senders | None = None,
    ) -> None:
        self._store = store
        self._senders = senders or Senders()
        self._clock = clock
        self._turns = turns
        self._news = news
        self._limits = limits or Limits()
        self._commits = asyncio.Semaphore(_COMMITS_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, list[asyncio.Future[Answered]]] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._holding = Holding(store, self._limits.claim, _renew)

    async def start(self) -> None:
        """Begin to sweep; what was left by a crash is picked up at once."""
        await self._holding.start()
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def stop(self, grace: float = 10.0) -> None:
        """Let the running turns end within `grace` seconds; what is not ended stays stored for the next process."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, *filter(None, [self._sweeper]), return_exceptions=True)
        await self._holding.stop()

    def run(self, claim: Claim) -> None:
        """Work on the conversation until nothing waits; returns at once."""
        task = asyncio.create_task(self._work(claim))
        self._running.add(task)
        task.add_done_callback(self._ended)
        figures.RUNNING.set(len(self._running))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        figures.RUNNING.set(len(self._running))

    def expect(self, message_id: int) -> asyncio.Future[Answered]:
        """Resolved by this process's turn for the message; ask before `run`."""
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(message_id, []).append(future)
        future.add_done_callback(lambda future: self._forget(message_id, future))
        return future

    def _forget(self, message_id: int, future: asyncio.Future[Answered]) -> None:
        """Somebody waits no longer; others may."""
        others = [each for each in self._waiting.pop(message_id, []) if each is not future]
        if others:
            self._waiting[message_id] = others

    async def sweep(self) -> int:
        """Take on every conversation with a message nobody works on; how many there were."""
        async with self._store.reading() as uow:
            left = await uow.conversations.left_over(real_now(), _SWEPT_AT_ONCE)
        for conversation_id in left:
            claim = await self._claim(conversation_id)
            if claim is not None:
                self.run(claim)
        return len(left)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                while await self.sweep() >= _SWEPT_AT_ONCE:
                    pass  # after a crash there may be many
            except Exception as error:  # the database may be away; the next sweep sees
                log.warning("Left-over messages could not be looked for: %s", type(error).__name__)
                # Claims ran out while nobody could renew them: those who have them come first when it is back.
                await asyncio.sleep(self._limits.claim / 2)
            await asyncio.sleep(self._limits.sweep)

    async def _claim(self, conversation_id: int) -> Claim | None:
        token, real = new_token(), real_now()
        until = real + timedelta(seconds=self._limits.claim)
        async with self._store.transaction() as uow:
            conversation = await uow.conversations.claim(conversation_id, token=token, until=until, real_now=real)
            if conversation is None:
                return None
            pending = await uow.turns.next_turn(conversation.id, conversation.key)
            if pending is None:
                await uow.conversations.give_back(conversation.id, token=token)
                return None
        return Claim(conversation, token, until, pending)

    async def _work(self, claim: Claim) -> None:
        next_claim: Claim | None = claim
        try:
            while next_claim is not None:
                self._holding.take(claim.conversation.id, claim.token, next_claim.until)
                outcome = await self._turns.take(next_claim)
                next_claim = await self._commit_patiently(next_claim, outcome)
        except ClaimLost:
            figures.LOST.inc()
            log.info("A conversation was taken over by another process")
        except Exception:
            # The claim runs out and a sweep does the message again; actions give their recorded answers then.
            log.exception("A turn could not be completed; it will be done again")
        finally:
            self._holding.let_go(claim.conversation.id, claim.token)

    async def _commit_patiently(self, claim: Claim, outcome: Outcome) -> Claim | None:
        for pause in _COMMIT_PAUSES:
            try:
                async with self._commits:
                    return await self._commit(claim, outcome)
            except ClaimLost:
                raise
            except Exception as error:
                log.warning("A turn could not be stored, trying again: %s", type(error).__name__)
                await asyncio.sleep(pause)
        try:
            return await self._commit(claim, outcome)
        except (ClaimLost, StoreUnavailable):
            raise
        except Exception:  # it will never be stored: else this message would be worked on for ever
            log.exception("What a turn gave cannot be stored: message=%s", claim.pending.message_id)
            return await self._commit(claim, self._turns.trouble(claim.pending))

    async def _commit(self, claim: Claim, outcome: Outcome) -> Claim | None:
        """One transaction: claim, message, dialogue state and words; then tell those who wait."""
        conversation, message, now = claim.conversation, claim.pending, self._clock.now()
        until = real_now() + timedelta(seconds=self._limits.claim)
        following: Pending | None = None
        async with self._store.transaction() as uow:
            ended = await uow.conversations.finish(
                conversation.id,
                token=claim.token,
                done=message.message_id,
                attempts=message.attempts,
                at=now,
                until=until,
            )
            if ended is None:
                raise ClaimLost
            words: Sequence[NewMessage] = ()
            if await may_speak(uow, conversation, ended.owner, outcome):
                words = outcome.words
            sends = None
            if ended.was_open:
                words, sends = await self._keep(uow, claim, outcome, words)
            if ended.waits:
                following = await uow.turns.next_turn(conversation.id, conversation.key, message.message_id)
        if words:
            self._senders.run(conversation, sends)
        figures.SAID.labels(conversation.channel).inc(len(words))
        log.info("turn message=%s channel=%s words=%s", message.message_id, conversation.channel, len(words))
        owner, agent = _owner_after(words, ended)
        answered = words if owner == BOT or outcome.words else ()  # a webhook's caller hears nothing of the rest
        self._tell(claim, Answered(tuple(answered), owner, outcome.failed))
        if following is None:
            return None
        return Claim(claim.conversation.owned_by(owner, agent), claim.token, until, following)

    async def _keep(
        self, uow: Any, claim: Claim, outcome: Outcome, words: Sequence[NewMessage]
    ) -> tuple[Sequence[NewMessage], Any]:
        """What the turn gave and said, with what is said to a message overheard; the claim on sending it."""
        conversation = claim.conversation
        words = [*words, *await self._store_outcome(uow, claim, outcome)]
        if words and claim.pending.attempts:  # the apology for the try that failed is needed no more
            await uow.outbox.withdraw_answers(claim.pending.message_id)
        state = state_when_stored(conversation.channel)
        await uow.messages.say(conversation.id, words, state=state, time=self._clock.now())
        await uow.conversations.announce(conversation.id)
        return words, await self._senders.claim_in(uow, conversation) if words else None

    async def _store_outcome(self, uow: Any, claim: Claim, outcome: Outcome) -> Sequence[NewMessage]:
        conversation, message = claim.conversation, claim.pending
        if outcome.try_again_in is not None:
            real = real_now()
            await uow.turns.try_again(message.message_id, real + outcome.try_again_in, real)
            return ()
        await uow.turns.mark_done(conversation.id, message.message_id)
        if outcome.misread is not None:
            await uow.turns.mark_misread(message.message_id, outcome.misread)
        if outcome.tracker is not None:
            await uow.trackers.save(conversation.key, outcome.tracker, self._clock.now())
        return () if conversation.owner == BOT else await self._turns.overhear(uow, claim, outcome)

    def _tell(self, claim: Claim, answered: Answered) -> None:
        for future in self._waiting.pop(claim.pending.message_id, []):
            if not future.done():
                future.set_result(answered)
        self._news.tell(claim.conversation.id)


def _owner_after(words: Sequence[NewMessage], ended: Any) -> tuple[str, str | None]:
    """Who owns the conversation: the bot again when the request was withdrawn, and what was overheard answered."""
    withdrawn = any(word.sender == "system" and word.reply_to is not None for word in words)
    return (BOT, None) if withdrawn else (ended.owner, ended.agent)


async def _renew(uow: Any, tokens: dict[int, str], until: datetime) -> dict[int, datetime]:
    ours: dict[int, datetime] = await uow.conversations.hold(tokens, until)
    return ours
