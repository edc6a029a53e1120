"""Plays a conversation against the whole bot: stored message, router, trained model, actions, store."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.business.conversations import NewMessage
from bot.dialogue.engine import Engine
from bot.messages.answers import answer_to
from bot.services.demo import fill_demo
from bot.settings import Settings, read_settings
from bot.wiring import Bot

_ANSWER_SECONDS = 60.0


@dataclass
class Heard:
    """What the customer got for one message: texts, buttons, the names of the responses, who owns the conversation."""

    texts: list[str]
    buttons: list[dict[str, Any]]
    names: list[str]
    owner: str

    def payload(self, title: str) -> str:
        """The payload of the button with that title."""
        return next(button["payload"] for button in self.buttons if title in button["title"])


@dataclass
class Player:
    """One bot on a database of its own with the demo dealership, and the people who write to it."""

    bot: Bot
    channel: str = "rest"
    _numbers: Any = field(default_factory=count)

    async def say(self, text: str, user: str = "driver") -> Heard:
        """Sends a message and waits for the turn."""
        context = self.bot.context
        platform_id = f"{user}-{next(self._numbers)}"
        delivery = await context.inbox.receive(channel=self.channel, user=user, text=text, platform_id=platform_id)
        answer = await answer_to(self.bot.store, context.router, delivery, _ANSWER_SECONDS)
        assert answer is not None, f"no answer to {text!r}"
        buttons = [dict(button) for words in answer.words for button in words.buttons]
        texts = [words.text or "" for words in answer.words]
        return Heard(texts, buttons, await self._names(user) if answer.words else [], answer.owner)

    async def _names(self, user: str) -> list[str]:
        async with self.bot.store.reading() as uow:
            state = await uow.trackers.get(f"{self.channel}:{user}")
        names: list[str] = []
        for event in json.loads(state)["events"] if state else []:
            if event.get("event") == "user":
                names = []
            elif event.get("event") == "bot":
                names.append((event.get("metadata") or {}).get("utter_action") or "")
        return names

    async def slots(self, user: str = "driver") -> dict[str, Any]:
        """What the dialogue has in mind."""
        async with self.bot.store.reading() as uow:
            state = await uow.trackers.get(f"{self.channel}:{user}")
        return dict(json.loads(state)["slots"]) if state else {}

    async def agent_says(self, user: str, text: str) -> NewMessage | None:
        """Kept for tests of the hand-off."""
        raise AssertionError("use the API in tests of the hand-off")


def settings_for(database_url: str, clock: datetime, directory: Path) -> Settings:
    """The settings of a bot under test; nothing of the developer's own environment counts."""
    environ = {
        "BOT_DATABASE_URL": database_url,
        "BOT_CLOCK": clock.isoformat(),
        "BOT_DEMO": "1",
        "BOT_API_TOKEN": "test-token-of-the-api-000000000000",
        "BOT_SECRET_KEY": "test-secret-key-00000000000000000000",
    }
    return read_settings(environ, directory)


async def open_player(settings: Settings, engine: Engine | None = None) -> Player:
    """A started bot with the demo dealership."""
    bot = Bot(settings, engine)
    await bot.start()
    async with bot.store.transaction() as uow:
        await fill_demo(uow, bot.clock.now())
    return Player(bot)
