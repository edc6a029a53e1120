"""Two copies of the bot on one database, a customer who writes, agents who act, and looks at what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.business.handoffs import Handoff
from bot.dialogue.engine import Turn
from bot.dialogue.phrases import Phrases
from bot.messages.answers import Answer, answer_to
from bot.services import handoffs
from bot.services.handoffs import HandoffReceipt
from bot.store import tables
from bot.wiring import ROOT, Bot
from bot.worker import Worker
from tests.messages.fakes import EchoEngine
from tests.running import AUTHORIZED, client_of
from tests.services.dealership import rows

LI = "li"
CHANNEL = "web"


@dataclass
class Copies:
    """Both copies; `engines` are their dialogues, which echo and do what `during` says in the middle of a turn."""

    bots: list[Bot]
    engines: list[EchoEngine] = field(default_factory=list)

    @property
    def one(self) -> Bot:
        return self.bots[0]

    @property
    def other(self) -> Bot:
        return self.bots[1]

    def during(self, act: Callable[[Turn], Awaitable[None]] | None) -> None:
        """What happens while the dialogue computes, whichever copy runs the turn."""
        for engine in self.engines:
            engine.during = act

    async def advance(self, minutes: int) -> None:
        """Both copies' clocks move."""
        await self.one.clock.advance(minutes)
        await self.other.clock.advance(0)

    async def work(self) -> dict[str, int]:
        """What both workers do, the one after the other: how many rows of each kind were done."""
        done = [await worker_of(bot).run_once() for bot in self.bots]
        return {kind: sum(each[kind] for each in done) for kind in done[0]}


def worker_of(bot: Bot) -> Worker:
    return Worker(bot.store, bot.clock, Phrases(ROOT / "domain.yml"))


async def write(bot: Bot, text: str, user: str = LI) -> Answer:
    """A message of the customer that this copy takes in, and what is said to it."""
    context = bot.context
    delivery = await context.inbox.receive(channel=CHANNEL, user=user, text=text)
    answer = await answer_to(bot.store, context.router, delivery, 10)
    assert answer is not None, f"no answer to {text!r}"
    return answer


async def asked(bot: Bot, user: str = LI, urgency: str = "normal", **facts: Any) -> HandoffReceipt:
    """The customer asks for a person."""
    async with bot.store.transaction() as uow:
        return await handoffs.request_handoff(
            uow, bot.clock.now(), channel=CHANNEL, user=user, reason="wants_person", urgency=urgency, facts=facts
        )


def asks(bot: Bot, user: str = LI, urgency: str = "normal") -> Callable[[Turn], Awaitable[None]]:
    """A dialogue that asks for a person in the middle of its turn."""

    async def during(_: Turn) -> None:
        await asked(bot, user, urgency)

    return during


async def owner_of(bot: Bot, user: str = LI) -> tuple[str, str | None]:
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.find(CHANNEL, user)
    assert conversation is not None
    return conversation.owner, conversation.agent


async def key_of(bot: Bot, user: str = LI) -> int:
    """The id of the person's conversation."""
    async with bot.store.reading() as uow:
        conversation = await uow.conversations.find(CHANNEL, user)
    assert conversation is not None
    return conversation.id


async def said(bot: Bot, user: str = LI) -> list[tuple[str, str]]:
    """Sender and text of all that was said in the conversation, in order."""
    key = await key_of(bot, user)
    async with bot.store.reading() as uow:
        return [(each.sender, each.text) for each in await uow.messages.after(key)]


async def handoffs_of(bot: Bot, user: str = LI) -> list[Handoff]:
    """All hand-offs of the person, the first one first."""
    key = await key_of(bot, user)
    async with bot.store.reading() as uow:
        found = await uow.handoffs.page(plate=None, phone=None, status=None, after=0, limit=100)
    return [each for each in found if each.conversation_id == key]


async def notices(bot: Bot, target: str = "desk") -> list[str]:
    """The kinds of what agents were told, in order."""
    async with bot.store.reading() as uow:
        found = [row for row in await rows(uow, tables.desk_notices) if row.target == target]
    return [row.kind for row in sorted(found, key=lambda row: row.id)]


async def audited(bot: Bot, action: str) -> list[tuple[str, str, str | None]]:
    """Kind, actor and detail of each such line of the audit log."""
    async with bot.store.reading() as uow:
        found = [row for row in await rows(uow, tables.audit_log) if row.action == action]
    return [(row.subject_kind, row.actor, row.detail) for row in found]


async def desk_post(client: httpx.AsyncClient, key: int, action: str, **fields: str) -> httpx.Response:
    return await client.post(f"/desk/conversations/{key}/{action}", data=fields)


async def api_post(bot: Bot, handoff_id: int, action: str, **fields: str) -> httpx.Response:
    async with client_of(bot, headers=AUTHORIZED) as client:
        return await client.post(f"/api/v1/handoffs/{handoff_id}/{action}", json=fields)
