"""Waits for what is said to one customer message, whichever process runs its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.business.conversations import Message, NewMessage
from bot.messages.inbox import Delivery
from bot.messages.ports import Store
from bot.messages.router import Router

_LOOK_EVERY = 0.5


@dataclass(frozen=True)
class Answer:
    """What was said, and who owns the conversation now."""

    words: Sequence[NewMessage | Message]
    owner: str


async def answer_to(store: Store, router: Router, delivery: Delivery, seconds: float) -> Answer | None:
    """Runs the turn if this process has claimed it and waits; None when there is no answer within `seconds`.

    A message delivered before gives the answer stored then, and acts no second time.
    """
    try:
        return await asyncio.wait_for(_wait(store, router, delivery), seconds)
    except asyncio.TimeoutError:
        return None


async def _wait(store: Store, router: Router, delivery: Delivery) -> Answer:
    if not delivery.fresh:
        return await _look_until_stored(store, delivery)
    here = router.expect(delivery.message_id)
    if delivery.claim is not None:
        router.run(delivery.claim)
        elsewhere = None
    else:  # the turn may run in another process
        elsewhere = asyncio.create_task(_look_until_stored(store, delivery))
    tasks: list[asyncio.Future[object]] = [task for task in (here, elsewhere) if task is not None]  # type: ignore[misc]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if here.done():
            answered = here.result()
            return Answer(answered.words, answered.owner)
        assert elsewhere is not None  # noqa: S101 - one of the two is done
        return elsewhere.result()
    finally:
        for task in tasks:
            task.cancel()


async def _look_until_stored(store: Store, delivery: Delivery) -> Answer:
    while True:
        async with store.reading() as uow:
            message = await uow.messages.get(delivery.message_id)
            words = await uow.messages.answers_to(delivery.message_id)
            conversation = await uow.conversations.get(delivery.conversation.id)
        if words or message is None or message.state == "done":
            return Answer(words, conversation.owner if conversation else delivery.conversation.owner)
        await asyncio.sleep(_LOOK_EVERY)
