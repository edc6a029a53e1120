"""Plays a conversation against the whole bot: stored message, router, trained model, actions, store."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.engine import Engine
from bot.messages.answers import answer_to
from bot.messages.inbox import Delivery
from bot.services.demo import fill_demo
from bot.settings import Settings, read_settings
from bot.wiring import ROOT, Bot

_ANSWER_SECONDS = 60.0
_VALUE = re.compile(r"\\\{\w+\\\}")


@dataclass
class Heard:
    """What the customer got for one message: texts, buttons, the names of the responses, who owns the conversation.

    `told`: the names of what the system said in the conversation while people own it.
    """

    texts: list[str]
    buttons: list[dict[str, Any]]
    names: list[str]
    owner: str
    told: list[str] = field(default_factory=list)

    def payload(self, title: str) -> str:
        """The payload of the button with that title."""
        payloads = [button["payload"] for button in self.buttons if title in button["title"]]
        assert payloads, f"no button {title} in {[button['title'] for button in self.buttons]}"
        return str(payloads[0])


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
        names = await self._names(user, str(delivery.message_id), texts)
        return Heard(texts, buttons, names, answer.owner, await self._told(delivery))

    async def _told(self, delivery: Delivery) -> list[str]:
        async with self.bot.store.reading() as uow:
            since = await uow.messages.after(delivery.conversation.id, delivery.message_id)
        return [self._named(each.text or "") for each in since if each.sender == "system" and each.reply_to is None]

    async def _names(self, user: str, message_id: str, texts: Sequence[str]) -> list[str]:
        """The names of the responses: as the dialogue remembers them, by their words where it has no memory of it."""
        names: list[str] = []
        answers_it = False
        for event in (await self.memory(user)).get("events", ()):
            if event.get("event") == "user":
                names = []
                answers_it = (event.get("metadata") or {}).get("message_id") == message_id
            elif event.get("event") == "bot":
                names.append((event.get("metadata") or {}).get("utter_action") or "")
        if answers_it and len(names) == len(texts):
            return names
        return [self._named(text) for text in texts]

    def _named(self, text: str) -> str:
        return next((name for pattern, name in _patterns() if pattern.fullmatch(text)), "")

    async def memory(self, user: str = "driver") -> dict[str, Any]:
        """The stored state of the dialogue: slots and events; empty when there is none."""
        async with self.bot.store.reading() as uow:
            state = await uow.trackers.get(f"{self.channel}:{user}")
        return dict(json.loads(state)) if state else {}

    async def slots(self, user: str = "driver") -> dict[str, Any]:
        """What the dialogue has in mind."""
        return dict((await self.memory(user)).get("slots", {}))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """A pattern of the words of each response of domain.yml."""
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    texts = [(name, str(variant["text"]).strip()) for name, variants in responses.items() for variant in variants]
    return [(re.compile(_VALUE.sub(".*", re.escape(text)), re.DOTALL), name) for name, text in texts]


def settings_for(database_url: str, clock: datetime, directory: Path) -> Settings:
    """The settings of a bot under test; nothing of the developer's own environment counts."""
    environ = {
        "BOT_DATABASE_URL": database_url,
        "BOT_CLOCK": clock.isoformat(),
        "BOT_DEMO": "1",
        "BOT_WORKER": "0",  # what falls due is done when a test says so
        "BOT_API_TOKEN": "test-token-of-the-api-000000000000",
        "BOT_SECRET_KEY": "test-secret-key-00000000000000000000",
    }
    return read_settings(environ, directory)


async def open_player(settings: Settings, engine: Engine | None = None) -> Player:
    """A started bot with the demo dealership."""
    bot = Bot(settings, engine)
    if engine is not None and hasattr(engine, "bot"):
        engine.bot = bot
    await bot.start()
    async with bot.store.transaction() as uow:
        await fill_demo(uow, bot.clock.now())
    return Player(bot)
