"""A dialogue that repeats what it hears, a clock that stands still, and a message path made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.business.conversations import Conversation, Pending
from bot.dialogue.engine import Parsed, Reply, Turn, TurnResult
from bot.messages.inbox import Delivery, Inbox
from bot.messages.news import News
from bot.messages.ports import Limits
from bot.messages.router import Answered, Router
from bot.messages.turns import Turns
from bot.services.notices import Said
from bot.store.engine import Store

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=timezone(timedelta(hours=8)))


class StandingClock:
    """Business time that only moves when told."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


class EchoEngine:
    """Answers with the text it was given; remembers in the tracker how many turns of a person there were, or what
    it is told to remember."""

    name = "echo"

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.running: set[str] = set()
        self.most_at_once = 0
        self.seconds = 0.0
        self.error: Exception | None = None
        self.during: Callable[[Turn], Awaitable[None]] | None = None
        self.buttons: list[dict[str, Any]] = []
        self.speaks = True
        self.memory: str | None = None

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def turn(self, turn: Turn) -> TurnResult:
        assert turn.sender_id not in self.running, "two turns of one person at once"
        self.running.add(turn.sender_id)
        self.most_at_once = max(self.most_at_once, len(self.running))
        try:
            self.turns.append(turn)
            await asyncio.sleep(self.seconds)
            if self.error is not None:
                raise self.error
            if self.during is not None:
                await self.during(turn)
            count = 1 if self.memory is not None else int(turn.tracker or 0) + 1
            words = [Reply(f"{count}:{turn.text}", self.buttons)] if self.speaks else []
            return TurnResult(words, str(count) if self.memory is None else self.memory)
        finally:
            self.running.discard(turn.sender_id)

    async def parse(self, text: str) -> Parsed:
        return Parsed("greet", 1.0, [])


class NamedPhrases:
    """Every response reads as its name; the welcome has a button."""

    def __call__(self, name: str, **values: Any) -> str:
        return f"<{name}>"

    def buttons(self, name: str, **values: Any) -> list[dict[str, str]]:
        return [{"title": "预约到店", "payload": "/book_service"}] if name == "utter_wechat_welcome" else []


class MessagePath:
    """Inbox and router over one store, as one process has them."""

    def __init__(self, store: Store, engine: EchoEngine, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(sweep=0.05)
        self.clock = StandingClock()
        self.news = News()
        self.silent: list[str] = []
        self.place_waited_for = False
        self.engine = engine
        self.store = store
        turns = Turns(engine, store, self.clock, NamedPhrases(), self._while_silent, self.limits)
        self.router = Router(store, self.clock, turns, self.news, self.limits)
        self.inbox = Inbox(store, self.clock, self.limits.claim)

    async def _while_silent(
        self, uow: Any, now: datetime, conversation: Conversation, message: Pending, intent: str | None
    ) -> Said | None:
        self.silent.append(message.text)
        return () if self.place_waited_for else None

    async def receive(self, text: str, user: str = "li", platform_id: str | None = None) -> Delivery:
        return await self.inbox.receive(channel="web", user=user, text=text, platform_id=platform_id)

    async def say(self, text: str, user: str = "li", platform_id: str | None = None) -> Answered:
        """One message and what was said to it."""
        delivery = await self.receive(text, user, platform_id)
        future = self.router.expect(delivery.message_id)
        if delivery.claim is not None:
            self.router.run(delivery.claim)
        return await asyncio.wait_for(future, 5)

    async def transcript(self, user: str = "li") -> list[tuple[str, str | None, str]]:
        """Sender, text and state of all the person's messages."""
        async with self.store.reading() as uow:
            conversation = await uow.conversations.find("web", user)
            assert conversation is not None
            messages = await uow.messages.after(conversation.id)
        return [(message.sender, message.text, message.state) for message in messages]
