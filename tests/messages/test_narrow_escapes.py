"""What can happen between two steps: a connection that breaks at the commit, words stored meanwhile, a stop."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from bot.business.conversations import Incoming
from bot.messages.allowance import AllowanceRules
from bot.messages.inbox import real_now
from bot.messages.ports import Limits
from bot.messages.sending import Closed, Unreachable
from bot.services.unavailable import StoreUnavailable
from bot.store.engine import Store
from bot.store.outbox import Outbox
from tests.messages.fakes import MessagePath
from tests.messages.test_sender import CHANNEL, SendPath


class Unheard:
    """A store whose next commits are done, but the connection breaks before that is heard."""

    def __init__(self, store: Store, commits: int) -> None:
        self._store = store
        self._left = commits
        self.reading = store.reading

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with self._store.transaction() as uow:
            yield uow
        if self._left:
            self._left -= 1
            raise StoreUnavailable("the connection broke")


async def test_a_turn_whose_commit_was_not_heard_of_is_stored_once(path: MessagePath) -> None:
    delivery = await path.receive("你好")
    assert delivery.claim is not None
    path.router._store = Unheard(path.store, 1)
    path.router.run(delivery.claim)
    await asyncio.sleep(0.6)
    assert [line[:2] for line in await path.transcript()] == [("customer", "你好"), ("bot", "1:你好")]


async def test_trouble_whose_commit_was_not_heard_of_is_told_once(path: MessagePath) -> None:
    path.engine.error = RuntimeError("away")
    delivery = await path.receive("你好")
    assert delivery.claim is not None
    path.router._store = Unheard(path.store, 1)
    path.router.run(delivery.claim)
    await asyncio.sleep(0.6)
    assert [line[0] for line in await path.transcript()] == ["customer", "bot"]


async def test_who_writes_on_and_on_during_an_outage_is_answered_to_every_word(path: MessagePath) -> None:
    path.engine.error = RuntimeError("away")
    for number in range(25):
        await path.say(f"{number}")
    path.engine.error = None
    await path.router.start()
    said = [f"{number + 1}:{number}" for number in range(25)]
    for _ in range(100):
        if [text for _, text, _ in await path.transcript() if text in said] == said:
            return
        await asyncio.sleep(0.1)
    assert [text for _, text, _ in await path.transcript() if text and ":" in text] == said


async def test_what_a_crash_left_of_many_people_is_taken_up_in_one_sweep(path: MessagePath) -> None:
    path.limits = Limits(claim=0.01, sweep=60)
    many = MessagePath(path.store, path.engine, path.limits)

    def answered() -> set[str]:  # on a slow machine a claim so short runs out within its turn
        return {turn.user for turn in path.engine.turns}

    for number in range(120):
        await many.receive("你好", f"user{number}")
    await asyncio.sleep(0.05)
    await many.router.start()
    for _ in range(100):
        if len(answered()) == 120:
            break
        await asyncio.sleep(0.1)
    await many.router.stop()
    assert len(answered()) == 120


async def test_words_are_sent_once_though_somebody_wakes_the_sender_while_they_are_stored(store: Store) -> None:
    path = SendPath(store)
    path.platform.seconds = 0.05
    conversation_id = await path.store_words("您好")
    async with store.reading() as uow:
        conversation = await uow.conversations.get(conversation_id)
    async with store.transaction() as uow:
        claim = await path.router._senders.claim_in(uow, conversation)
        path.sender.wake(conversation_id)
    path.router._senders.run(conversation, claim)
    await path.until_all("sent")
    await path.sender.stop(grace=1)
    assert path.texts() == ["您好"]


async def test_words_refused_just_before_the_person_writes_do_not_wait_for_the_next_time(store: Store) -> None:
    path = SendPath(store, AllowanceRules())
    await path.inbox.take(Incoming(CHANNEL, "li", "在吗"))
    deliver = path.platform.deliver

    async def refused(*given: Any) -> Any:
        path.platform.deliver = deliver  # type: ignore[method-assign]
        await path.inbox.take(Incoming(CHANNEL, "li", "还在吗"))
        raise Closed("quota")

    path.platform.deliver = refused  # type: ignore[method-assign]
    await path.sender.start()
    await path.store_words("车好了")
    await path.until_all("sent")
    await path.sender.stop(grace=1)
    assert path.texts() == ["车好了"]


async def test_a_stop_leaves_the_next_letter_to_the_next_process(store: Store) -> None:
    path = SendPath(store)
    stopping = asyncio.Event()
    deliver = path.platform.deliver

    async def until_stopping(*given: Any) -> Any:
        path.platform.deliver = deliver  # type: ignore[method-assign]
        stopping.set()
        await asyncio.sleep(0.2)
        return await deliver(*given)

    path.platform.deliver = until_stopping  # type: ignore[method-assign]
    await path.sender.start()
    await path.store_words("一", "二", "三", sender="system")
    await asyncio.wait_for(stopping.wait(), 8)
    await path.sender.stop(grace=5)
    await path.until_all("sent", "queued", "queued")
    async with store.reading() as uow:
        assert len(await uow.send_claims.due(CHANNEL, real_now())) == 1


async def test_a_person_can_block_the_bot_while_a_send_to_them_fails(store: Store) -> None:
    path = SendPath(store)
    await path.store_words("您好")
    deliver = path.platform.deliver

    async def refused(*given: Any) -> Any:
        path.platform.deliver = deliver  # type: ignore[method-assign]
        raise Unreachable("blocked")

    path.platform.deliver = refused  # type: ignore[method-assign]
    became, waiting = Outbox.became, asyncio.Event()

    async def slowly(outbox: Outbox, *given: Any, **more: Any) -> None:
        await became(outbox, *given, **more)
        waiting.set()
        await asyncio.sleep(0.3)

    Outbox.became = slowly  # type: ignore[method-assign]
    try:
        await path.sender.start()
        await asyncio.wait_for(waiting.wait(), 5)
        await path.inbox.lost(channel=CHANNEL, user="li", reason="blocked")  # a deadlock would raise
    finally:
        Outbox.became = became  # type: ignore[method-assign]
    await path.until_all("failed")
    await path.sender.stop(grace=1)


async def test_claims_can_be_renewed_while_others_take_in_a_rush(store: Store) -> None:
    path = MessagePath(store, None)  # type: ignore[arg-type]
    first, second = [await path.receive("在吗", user) for user in ("a", "b")]
    tokens = {each.conversation.id: each.claim.token for each in (first, second) if each.claim}

    async def renew() -> set[int]:
        async with store.transaction() as uow:
            return set(await uow.conversations.hold(tokens, real_now()))

    async with store.transaction() as uow:
        values = {"at": path.clock.now(), "token": "x", "until": real_now(), "real_now": real_now()}
        await uow.conversations.open(channel="web", user="b", **values)
        renewing = asyncio.create_task(renew())
        await asyncio.sleep(0.2)
        await uow.conversations.open(channel="web", user="a", **values)
    assert await asyncio.wait_for(renewing, 5) == set(tokens)


async def test_the_trace_of_a_broken_statement_shows_nobodys_words(store: Store) -> None:
    lines = io.StringIO()
    log = logging.getLogger("mishap")
    log.addHandler(logging.StreamHandler(lines))
    words = f"我的电话{13_800_138_000}"
    try:
        async with store.transaction() as uow:
            await uow.connection.execute(sa.text("SELECT :words FROM nowhere"), {"words": words})
    except Exception:
        log.exception("It broke")
    assert "nowhere" in lines.getvalue()
    assert "13800138000" not in lines.getvalue()
