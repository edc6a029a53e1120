"""Promise 2: after hand-off the bot says nothing until released, even for messages in flight (DESIGN §5 Hand-off)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.dialogue.engine import Turn
from bot.services import handoffs
from tests.promises.scenes import Copies, api_post, asked, asks, owner_of, said, write


async def bots_words(copies: Copies) -> list[str]:
    return [text for sender, text in await said(copies.one) if sender == "bot"]


async def test_the_turn_under_way_when_an_agent_steps_in_at_the_other_copy_says_nothing(copies: Copies) -> None:
    await write(copies.one, "您好")
    number = (await asked(copies.one)).id
    await api_post(copies.one, number, "release", agent="小周")

    async def step_in(_: Turn) -> None:
        async with copies.other.store.transaction() as uow:
            conversation = await uow.conversations.find("web", "li")
            assert conversation is not None
            now = copies.other.clock.now()
            await handoffs.take_over(uow, now, conversation_id=conversation.id, agent="小周")

    copies.during(step_in)
    answer = await write(copies.one, "查进度")
    assert (list(answer.words), answer.owner) == ([], "agent")
    assert await bots_words(copies) == ["1:您好"]


async def test_the_turn_that_asked_for_a_person_is_heard_also_when_an_agent_is_very_quick(copies: Copies) -> None:
    async def ask_and_claim(turn: Turn) -> None:
        await asks(copies.one)(turn)
        async with copies.other.store.transaction() as uow:
            conversation = await uow.conversations.find("web", "li")
            assert conversation is not None
            open_one = await uow.handoffs.open_of(conversation.id)
            await handoffs.claim(uow, copies.other.clock.now(), handoff_id=open_one.id, agent="小周")

    copies.during(ask_and_claim)
    answer = await write(copies.one, "转人工")
    assert ([each.text for each in answer.words], answer.owner) == (["1:转人工"], "agent")


async def test_what_comes_in_during_the_turn_that_hands_over_is_left_to_people(copies: Copies) -> None:
    async def ask_slowly(turn: Turn) -> None:
        await asyncio.sleep(0.4)
        await asks(copies.one)(turn)

    copies.during(ask_slowly)
    first = asyncio.create_task(write(copies.one, "转人工"))
    await asyncio.sleep(0.15)
    later = await asyncio.gather(*(write(copies.bots[each % 2], f"还有{each}") for each in range(4)))
    await first
    assert [list(each.words) for each in later] == [[]] * 4
    assert await bots_words(copies) == ["1:转人工"]
    assert await owner_of(copies.one) == ("queue", None)


async def test_messages_that_come_in_while_it_is_claimed_wake_no_bot(copies: Copies) -> None:
    await write(copies.one, "您好")
    number = (await asked(copies.one)).id
    texts = [f"消息{each}" for each in range(6)]
    results = await asyncio.gather(
        *(write(copies.bots[at % 2], text) for at, text in enumerate(texts[:3])),
        api_post(copies.other, number, "claim", agent="小周"),
        *(write(copies.bots[at % 2], text) for at, text in enumerate(texts[3:])),
    )
    assert results[3].status_code == 200
    assert await bots_words(copies) == ["1:您好"]
    kept = [text for sender, text in await said(copies.one) if sender == "customer"]
    assert sorted(kept[1:]) == sorted(texts), "the agent sees every one"


@pytest.mark.parametrize("claimed", [False, True], ids=["waiting", "claimed"])
async def test_the_dialogue_hears_nothing_while_people_own_it(copies: Copies, claimed: bool) -> None:
    number = (await asked(copies.one)).id
    if claimed:
        await api_post(copies.one, number, "claim", agent="小周")
    for bot in copies.bots:
        await write(bot, "保养多少钱")
    assert [engine.turns for engine in copies.engines] == [[], []]


async def test_after_the_release_the_bot_answers_what_is_written_then_and_nothing_before(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await write(copies.one, "有人吗 我想改时间")
    await api_post(copies.other, number, "reply", agent="小周", text="改好了")
    await write(copies.other, "谢谢")
    await api_post(copies.one, number, "release", agent="小周")
    answer = await write(copies.other, "再约个保养")
    assert [each.text for each in answer.words] == ["1:再约个保养"]
    assert await bots_words(copies) == ["1:再约个保养"]


async def test_a_turn_that_was_begun_before_a_crash_and_done_again_after_the_hand_off_says_nothing(
    copies: Copies,
) -> None:
    """The first copy dies in the middle; people take over; the message is swept up by the other copy."""
    await write(copies.one, "您好")
    context = copies.one.context
    delivery = await context.inbox.receive(channel="web", user="li", text="查进度")
    assert delivery.claim is not None, "the copy had the turn in hand; nobody runs it now"
    number = (await asked(copies.other)).id
    await api_post(copies.other, number, "claim", agent="小周")
    async with copies.other.store.transaction() as uow:
        past = delivery.claim.until - timedelta(hours=1)
        await uow.conversations.hold({delivery.conversation.id: delivery.claim.token}, past)
    await copies.other.context.router.sweep()
    for _ in range(100):
        async with copies.one.store.reading() as uow:
            message = await uow.messages.get(delivery.message_id)
        if message is not None and message.state == "done":
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("the message was not swept up")
    assert await bots_words(copies) == ["1:您好"]
