"""One turn: decides whether the bot speaks at all, guards the dialogue from commands, outlives its failures."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.business.conversations import AGENT, BOT, FETCHED, Conversation, NewMessage, Pending
from bot.business.offered_buttons import decision_in
from bot.dialogue.engine import Engine, Reply, Turn, asked_in
from bot.messages import figures
from bot.messages.inbox import FETCHES, Claim
from bot.messages.meant import meant_by
from bot.messages.misreading import NOTHING_HEARD, misread_in
from bot.messages.overheard import meant_while_waiting, messages_of
from bot.messages.ports import Clock, Limits, Phrasebook, Store, WhileSilent
from bot.messages.wordless import is_answered_with, is_wordless, words_for
from bot.services.decisions import item_asked_about

log = logging.getLogger(__name__)

PLACE_NOTED = "utter_rescue_place_noted"
TROUBLE = "utter_technical_trouble"
SILENCE = "utter_say_it_again"
TOO_LONG = "utter_message_too_long"
EMPTY = "utter_message_empty"
_DOUBLE_TAP = timedelta(seconds=10)
_LATEST = 40


@dataclass(frozen=True)
class Outcome:
    """What a turn gave; with `try_again_in` it failed and is done again after that time.

    `intent` is that of a message overheard, `misread` the one guessed for a message that was not understood.
    """

    words: tuple[NewMessage, ...] = ()
    tracker: str | None = None
    began: datetime | None = None
    failed: bool = False
    try_again_in: timedelta | None = None
    intent: str | None = None
    misread: str | None = None


@dataclass(frozen=True)
class Answered:
    """What a caller who waits for a message's turn is told after the commit."""

    words: tuple[NewMessage, ...]
    owner: str
    failed: bool = False


class Turns:
    """Takes claimed messages through the dialogue."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        clock: Clock,
        phrase: Phrasebook,
        while_silent: WhileSilent,
        limits: Limits | None = None,
    ) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._phrase = phrase
        self._limits = limits or Limits()
        self._places = asyncio.Semaphore(self._limits.turns_at_once)
        self._while_silent = while_silent

    async def take(self, claim: Claim) -> Outcome:
        """What the message comes to; never raises because of the dialogue."""
        message = claim.pending
        if claim.conversation.owner != BOT and not brings_the_rest(message):
            return Outcome(intent=await meant_while_waiting(self._engine, claim))
        if brings_the_rest(message) or await self._is_answered_album(claim) or await self._is_second_tap(claim):
            return Outcome()
        if message.kind == "location" and await self._is_waited_for(claim):
            return self._own_words(PLACE_NOTED, message)
        if is_wordless(message):
            return await self._acknowledge(claim)
        if not message.text.strip():
            return self._own_words(EMPTY, message)
        if len(message.text) > self._limits.message:
            return self._own_words(TOO_LONG, message)
        async with self._places:
            return await self._ask(claim)

    async def _ask(self, claim: Claim) -> Outcome:
        began = self._clock.now()
        try:
            turn = await self._turn(claim, began)
            with figures.SECONDS.labels(turn.channel).time():
                result = await asyncio.wait_for(self._engine.turn(turn), self._limits.turn)
        except Exception as error:
            figures.FAILED.inc()
            log.error(
                "turn failed message=%s channel=%s: %s",
                claim.pending.message_id,
                claim.conversation.channel,
                _told(error),
            )
            return self.trouble(claim.pending)
        words = [_said(reply, claim.pending.message_id) for reply in result.replies]
        left = result.tracker or await self._stored_tracker(claim)
        misread = misread_in(left) if words or turn.text.startswith("/") else NOTHING_HEARD
        # The bot is never silent while the conversation is its own.
        words = words or list(self._own_words(SILENCE, claim.pending).words)
        if claim.conversation.channel not in FETCHED:
            words[-1] = replace(words[-1], asks=asked_in(left))
        return Outcome(tuple(words), result.tracker, began, misread=misread)

    async def overhear(self, uow: Any, claim: Claim, outcome: Outcome) -> tuple[NewMessage, ...]:
        """What is said to a message that people are to answer; only once the bot speaks again an answer to it."""
        conversation, message = claim.conversation, claim.pending
        said = await self._while_silent(uow, self._clock.now(), conversation, message, outcome.intent)
        after = await uow.conversations.get(conversation.id) if said else None
        answers = after is not None and after.owner == BOT
        return messages_of(said or (), self._phrase, message.message_id if answers else None)

    async def _acknowledge(self, claim: Claim) -> Outcome:
        """What is said to something without words; nothing when it was said to others that came with it."""
        message = claim.pending
        async with self._store.reading() as uow:
            latest = await uow.messages.latest(claim.conversation.id, _LATEST)
        if is_answered_with(message, latest):
            return Outcome()
        asked = asked_in(message.tracker or await self._stored_tracker(claim))
        return Outcome(tuple(words_for(message, asked, latest, self._phrase)))

    async def _is_answered_album(self, claim: Claim) -> bool:
        """Whether the message belongs to an album of which a picture was answered before."""
        group = (claim.pending.details or {}).get("group")
        if group is None:
            return False
        async with self._store.reading() as uow:
            answered: bool = await uow.turns.album_answered(claim.conversation.id, group, claim.pending.message_id)
        return answered

    async def _is_second_tap(self, claim: Claim) -> bool:
        """Whether the same button was tapped a moment ago; that tap was answered."""
        message = claim.pending
        tapped = (message.details or {}).get("tapped")
        if tapped is None or message.previous_at is None or message.time - message.previous_at > _DOUBLE_TAP:
            return False
        async with self._store.reading() as uow:
            before: str | None = await uow.turns.tapped_before(claim.conversation.id, message.message_id)
        return bool(before == tapped)

    async def _is_waited_for(self, claim: Claim) -> bool:
        """Whether the shared place is where help is to come; it is noted there then."""
        try:
            async with self._store.transaction() as uow:
                now = self._clock.now()
                return await self._while_silent(uow, now, claim.conversation, claim.pending, None) is not None
        except Exception as error:  # the place itself is stored with the message
            log.error("place not noted message=%s: %s", claim.pending.message_id, _told(error))
            return False

    async def _stored_tracker(self, claim: Claim) -> str | None:
        """What a remote engine has stored by itself."""
        async with self._store.reading() as uow:
            tracker: str | None = await uow.trackers.get(claim.conversation.key)
        return tracker

    async def _turn(self, claim: Claim, now: datetime) -> Turn:
        conversation, message = claim.conversation, claim.pending
        async with self._store.reading() as uow:
            offered = await uow.messages.offered_buttons(conversation.id)
            asked = any(decision_in(payload) for payload in offered.payloads)
            item_of = await item_asked_about(uow, conversation, message.message_id) if asked else None
        silent = (message.time - message.previous_at) // timedelta(minutes=1) if message.previous_at else 0
        return Turn(
            channel=conversation.channel,
            user=conversation.user,
            message_id=str(message.message_id),
            text=message.command or meant_by(message.text, offered),
            now=now,
            silent_minutes=max(0, silent),
            item_of=item_of,
            tracker=message.tracker,
        )

    def _own_words(self, name: str, message: Pending) -> Outcome:
        return Outcome((NewMessage("bot", self._phrase(name), reply_to=message.message_id),))

    def trouble(self, message: Pending) -> Outcome:
        """Of a turn that failed: told to the customer once, and tried again, ever more seldom, until given up."""
        if message.attempts + 1 >= self._limits.tries:
            return Outcome(failed=True)
        words = self._own_words(TROUBLE, message).words if message.attempts == 0 else ()
        pause = timedelta(seconds=min(300.0, self._limits.sweep * 2**message.attempts))
        return Outcome(words, failed=True, try_again_in=pause)


def brings_the_rest(message: Pending) -> bool:
    """Whether the inbox has found the message to be no more than the word that unsaid answers waited for."""
    return bool((message.details or {}).get(FETCHES))


async def may_speak(uow: Any, conversation: Conversation, owner: str, outcome: Outcome) -> bool:
    """Whether the bot's words may still be said when people may have taken over during the turn (DESIGN §5, 2 and 3).

    `owner` is the owner now. A hand-off asked for in this very turn is announced by its words; when people took
    the conversation over for another reason, the words are dropped.
    """
    if owner == BOT or not outcome.words:
        return True
    if owner != AGENT:
        return conversation.owner == BOT
    asked: datetime | None = await uow.conversations.asked_for_person_at(conversation.id)
    return asked is not None and outcome.began is not None and asked >= outcome.began


def _said(reply: Reply, message_id: int) -> NewMessage:
    return NewMessage("bot", reply.text, tuple(reply.buttons), reply.custom, reply_to=message_id)


def _told(error: Exception) -> str:
    """The error for the log: its kind and place, no words of a customer."""
    kind, cause = type(error).__name__, error.__cause__
    return f"{kind} caused by {type(cause).__name__}" if cause else kind
