"""Conversations to work on in a browser: customers of any channel who wait, and what became of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.business.conversations import MediaRef, Message
from bot.business.handoffs import Handoff
from bot.messages.inbox import real_now
from bot.services import handoffs
from bot.store.engine import Store
from bot.store.tables import conversations
from tests.browser.desk.conftest import in_store
from tests.messages.fakes import NOON
from tests.running import Served


def waits(served: Served, channel: str = "wechat", user: str = "oAnn", text: str = "刹车有异响") -> int:
    """A customer who asked for a person and has just written; the conversation."""

    async def ask(store: Store) -> int:
        async with store.transaction() as uow:
            conversation = await uow.conversations.ensure(channel, user, NOON)
            said = await uow.messages.receive(conversation.id, text=text, platform_id="m1", time=NOON)
            await uow.turns.mark_done(conversation.id, said)
            await uow.connection.execute(
                sa.update(conversations).where(conversations.c.id == conversation.id).values(quota_from=real_now())
            )
            await handoffs.request_handoff(uow, NOON, channel=channel, user=user, reason="asked")
        return int(conversation.id)

    found: int = in_store(served, ask)
    return found


def change_conversation(served: Served, key: int, **values: Any) -> None:
    """Columns of the conversation as they are from now on."""

    async def change(store: Store) -> None:
        async with store.transaction() as uow:
            await uow.connection.execute(sa.update(conversations).where(conversations.c.id == key).values(**values))

    in_store(served, change)


def agents_words(served: Served, key: int) -> list[Message]:
    """What agents wrote to the customer."""

    async def read(store: Store) -> list[Message]:
        async with store.reading() as uow:
            return [each for each in await uow.messages.after(key, limit=1000) if each.sender == "agent"]

    found: list[Message] = in_store(served, read)
    return found


def handoff_of(served: Served, key: int) -> Handoff | None:
    """The open hand-off."""

    async def read(store: Store) -> Handoff | None:
        async with store.reading() as uow:
            found: Handoff | None = await uow.handoffs.open_of(key)
            return found

    found: Handoff | None = in_store(served, read)
    return found


def colleague(served: Served, key: int, act: str, agent: str = "小吴", **more: str) -> None:
    """A colleague claims, releases or resolves meanwhile."""

    async def do(store: Store) -> None:
        async with store.transaction() as uow:
            handoff = await uow.handoffs.open_of(key)
            if act != "claim":
                await handoffs.take(uow, NOON, handoff_id=handoff.id, agent=agent)
            await getattr(handoffs, act)(uow, NOON, handoff_id=handoff.id, agent=agent, **more)

    in_store(served, do)


def customer_sent_too_large(served: Served, key: int) -> None:
    """The customer's picture that was larger than is kept."""

    async def send(store: Store) -> None:
        async with store.transaction() as uow:
            said = await uow.messages.receive(key, text="", platform_id="m2", time=NOON, kind="image")
            await uow.turns.mark_done(key, said)
            await uow.media.give_up(await uow.media.add(said, MediaRef("image", "f1")), "refused", "too large")

    in_store(served, send)
