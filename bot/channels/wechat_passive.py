"""Answers inside the platform's own request, for accounts that may not send by themselves (PLATFORMS: passive reply).

WeChat waits five seconds, then repeats the push, three times in all. So a push whose turn is not done in time is held
until WeChat hangs up; the repeated one brings the answer; the last one says that it takes longer, and the answer
waits for whatever the person writes next. A push that is held never takes the words: nobody may be listening.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from wechatpy.replies import TextReply

from bot.business.conversations import IMAGE, Message
from bot.channels.channel import Intake
from bot.channels.wechat_messages import CHANNEL
from bot.channels.wechat_parts import draw
from bot.channels.wechat_splitting import size, sound
from bot.environment.platforms import WechatSettings
from bot.messages import figures
from bot.messages.allowance import Allowance, AllowanceRules
from bot.messages.inbox import Delivery, new_token, real_now
from bot.messages.ledger import MORE_WAITS, refusal
from bot.messages.sending import Letter, letters
from bot.services.unavailable import StoreUnavailable

LATER = "utter_passive_later"
REASON = "passive"
_BETWEEN = "\n\n"
_MOMENT = timedelta(seconds=5)
# With nothing left to send by itself, choices are drawn as a numbered list.
_NOTHING = Allowance(AllowanceRules(size=0, quick_size=0, reserve=0))


@dataclass(frozen=True)
class PassiveLimits:
    """Times in seconds; the platform makes `tries`, each cut off after `cut`."""

    tries: int = 3
    cut: float = 6.0
    late: float = 0.3
    look: float = 0.02
    ask: float = 0.2
    # Pushes of one message that come this close together were sent at once, not because the first was lost.
    at_once: float = 0.4


@dataclass(frozen=True)
class Asked:
    """A push that waits for its reply: when it came (monotonic), whether the platform has hung up."""

    began: float
    gone: Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class _Chosen:
    """What fits into one reply: its text, the letters that it ends, and how far the one goes that does not fit."""

    text: str
    ended: tuple[Letter, ...] = ()
    numbered: tuple[int, ...] = ()
    broken: tuple[Letter, int] | None = None
    refused: tuple[Letter, ...] = ()


class Passive:
    """Finds the reply to a push whose message is stored."""

    def __init__(self, settings: WechatSettings, intake: Intake, limits: PassiveLimits | None = None) -> None:
        self._seconds = settings.passive_seconds
        self._most = settings.text_bytes
        self._intake = intake
        self._limits = limits or PassiveLimits()

    async def reply(self, delivery: Delivery, asked: Asked) -> str | None:
        """The reply's text; None when nothing is to be said. Returns late when it is better to be asked again."""
        try:
            return await self._reply(delivery, asked)
        except StoreUnavailable:
            await self._hold(asked)
            return self._intake.phrase(LATER)

    async def _reply(self, delivery: Delivery, asked: Asked) -> str | None:
        tries = 1
        if not delivery.fresh:
            tries, lost = await self._asked_again(delivery)
            if lost:
                return lost
        left = asked.began + self._seconds - time.monotonic()
        answered = await self._answered(delivery.message_id, max(0.0, left))
        if answered or tries >= self._limits.tries:
            words, in_time = await self._words(delivery, asked)
            if in_time:
                later = None if answered else self._intake.phrase(LATER)
                return _joined(words, later, self._most) or words or None
        await self._hold(asked)
        return self._intake.phrase(LATER)

    async def _answered(self, message_id: int, seconds: float) -> bool:
        """Whether the message's turn ends within `seconds`, in this process or another."""
        here, stored = self._intake.router.expect(message_id), asyncio.create_task(self._is_done(message_id))
        try:
            both: set[asyncio.Future[Any]] = {here, stored}
            done, _ = await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
            return bool(done)
        finally:
            here.cancel()
            stored.cancel()

    async def _is_done(self, message_id: int) -> None:
        while True:
            async with self._intake.store.reading() as uow:
                message = await uow.messages.get(message_id)
                words = await uow.messages.answers_to(message_id)
            if words or message is None or message.state == "done":
                return
            await asyncio.sleep(self._limits.ask)

    async def _asked_again(self, delivery: Delivery) -> tuple[int, str]:
        """How often the push has come, and what was said to it before and must have been lost on the way."""
        before = real_now()
        async with self._intake.store.transaction() as uow:
            message = await uow.messages.get(delivery.message_id)
            if message is None or self._intake.clock.now() - message.time < timedelta(seconds=self._seconds / 2):
                before -= timedelta(seconds=self._limits.at_once)  # else the platform has hung up and asks again
            tries: int = await uow.messages.delivered_again(delivery.message_id)
            said = await uow.outbox.sent_as(delivery.conversation.id, _name(delivery), before)
        return tries, self._choose(self._letters(delivery, said, 0)).text if said else ""

    async def _hold(self, asked: Asked) -> None:
        """Say nothing until the platform has hung up."""
        for _ in range(int((asked.began + self._limits.cut - time.monotonic()) * 10)):
            if await asked.gone():
                return
            await asyncio.sleep(0.1)

    async def _words(self, delivery: Delivery, asked: Asked) -> tuple[str, bool]:
        """What is unsaid and fits, noted as sent; False when it came too late, and it is unsaid again then."""
        token = new_token()
        while True:
            if await asked.gone() or self._late(asked):
                return "", False
            chosen = await self._take(delivery, token)
            if chosen is not None:
                break
            await asyncio.sleep(self._limits.look)
        if self._late(asked) or await asked.gone():
            await self._take_back(chosen)
            return "", False
        figures.SENDS.labels(CHANNEL, "sent").inc(len(chosen.ended))
        return chosen.text, True

    def _late(self, asked: Asked) -> bool:
        return time.monotonic() > asked.began + self._seconds + self._limits.late

    async def _take(self, delivery: Delivery, token: str) -> _Chosen | None:
        """What is queued or waits and fits, noted as sent before it leaves; None while somebody else is at it."""
        key, now = delivery.conversation.id, real_now()
        async with self._intake.store.transaction() as uow:
            if not await uow.send_claims.is_free(key, token=token, real_now=now):
                return None
            await uow.outbox.wake_waiting(key)
            claim = await uow.send_claims.claim(key, token=token, until=now + _MOMENT, real_now=now)
            if claim is None:
                return _Chosen("")
            chosen = self._choose(self._letters(delivery, claim.messages, claim.parts_sent))
            await self._note(uow, delivery, claim, chosen)
            await uow.send_claims.let_go(key, token)
            await uow.conversations.announce(key)
        return chosen

    def _letters(self, delivery: Delivery, messages: Sequence[Message], parts_sent: int) -> list[Letter]:
        person = delivery.conversation
        return [
            Letter(person.id, CHANNEL, person.user, group, _NOTHING, 0 if place else parts_sent, at=real_now())
            for place, group in enumerate(letters(messages))
        ]

    def _choose(self, unsaid: Sequence[Letter]) -> _Chosen:
        """As much as fits, in order; when something is left, the reply ends with a word about it."""
        more = self._intake.phrase(MORE_WAITS)
        room = self._most - size(_BETWEEN + more)
        text, numbered = "", list[int]()
        ended, refused = list[Letter](), list[Letter]()
        for letter in unsaid:
            if refusal(letter, None, self._intake.clock.now()) is not None or letter.messages[0].kind == IMAGE:
                refused.append(letter)
                continue
            parts = draw(letter, self._intake.phrase, room)
            for count, part in enumerate(parts[letter.parts_sent :], letter.parts_sent):
                longer = _joined(text, part.payload["text"]["content"], room)
                if longer is None:
                    broken = (letter, count)
                    return _Chosen(text + _BETWEEN + more, tuple(ended), tuple(numbered), broken, tuple(refused))
                text = longer
                numbered += part.numbered
            ended.append(letter)
        return _Chosen(text, tuple(ended), tuple(numbered), None, tuple(refused))

    async def _note(self, uow: Any, delivery: Delivery, claim: Any, chosen: _Chosen) -> None:
        """Sent is what the reply says; the rest waits for the person's next word."""
        now, done, refused = real_now(), _ids(chosen.ended), _ids(chosen.refused)
        rest = [message.id for message in claim.messages if message.id not in {*done, *refused}]
        for ids, state, why in ((done, "sent", None), (refused, "failed", "too late"), (rest, "waiting", REASON)):
            if ids:
                name = _name(delivery) if state == "sent" else None
                await uow.outbox.became(ids, state, at=now, error=why, sent_id=name)
        if chosen.numbered:
            await uow.outbox.numbered(chosen.numbered)
        if chosen.broken:
            await uow.outbox.part_sent(chosen.broken[0].messages[0].id, chosen.broken[1])

    async def _take_back(self, chosen: _Chosen) -> None:
        async with self._intake.store.transaction() as uow:
            await uow.outbox.became(_ids(chosen.ended), "waiting", at=real_now(), error=REASON)
            if chosen.broken:
                letter = chosen.broken[0]
                await uow.outbox.part_sent(letter.messages[0].id, letter.parts_sent)


def rendered(text: str, user: str, account: str) -> str:
    """The XML of a reply with this text; nothing in the text can end its element."""
    harmless = sound(text).replace("]]>", "]]]]><![CDATA[>")
    xml: str = TextReply(source=account, target=user, content=harmless, time=int(time.time())).render()
    return xml


def _name(delivery: Delivery) -> str:
    """Under which the words of the reply to this message are noted."""
    return f"reply to {delivery.message_id}"


def _ids(letters: Sequence[Letter]) -> list[int]:
    return [message.id for letter in letters for message in letter.messages]


def _joined(text: str, more: str | None, most: int) -> str | None:
    """Both, or None when they are longer than `most` bytes; of nothing and something, the something."""
    joined = _BETWEEN.join(filter(None, (text, more)))
    return joined if size(joined) <= most else None
