"""Promise 3: the customer always hears that a person was asked, the place in the queue or the opening hours."""

from __future__ import annotations

import asyncio

import pytest

from bot.dialogue.engine import EngineUnavailable, Turn
from tests.promises.scenes import CHANNEL, LI, Copies, api_post, asked, asks, said, write

NIGHT = 12 * 60


async def heard(copies: Copies, user: str = LI) -> list[str]:
    return [text for sender, text in await said(copies.one, user) if sender in ("bot", "system")]


@pytest.mark.parametrize(("ahead", "words"), [(0, "第一位"), (1, "前面还有1位"), (3, "前面还有3位")])
async def test_the_place_in_the_queue_is_the_same_at_every_copy(copies: Copies, ahead: int, words: str) -> None:
    for number in range(ahead):
        await asked(copies.bots[number % 2], f"earlier{number}")
    receipt = await asked(copies.one)
    assert (receipt.position, receipt.open_now) == (ahead + 1, True)
    await write(copies.other, "有人吗")
    assert words in (await heard(copies))[-1]


async def test_who_is_in_danger_stands_before_all_others(copies: Copies) -> None:
    first, danger = await asked(copies.one, "wang"), await asked(copies.other, LI, "danger")
    assert (first.position, danger.position) == (1, 1)
    await write(copies.one, "还要等多久", "wang")
    assert "前面还有1位" in (await heard(copies, "wang"))[-1]


async def test_at_night_the_opening_hours_are_told(copies: Copies) -> None:
    await copies.advance(NIGHT)
    receipt = await asked(copies.one)
    assert not receipt.open_now
    await write(copies.other, "什么时候有人")
    assert f"{receipt.next_opening:%H:%M}" in (await heard(copies))[-1]


async def test_the_words_of_the_turn_that_hands_over_are_said_though_people_own_it_by_then(copies: Copies) -> None:
    copies.during(asks(copies.one))
    answer = await write(copies.one, "转人工")
    assert ([each.text for each in answer.words], answer.owner) == (["1:转人工"], "queue")


async def test_a_customer_whose_turn_broke_off_after_the_request_hears_of_it_all_the_same(copies: Copies) -> None:
    """The dialogue dies right after it has asked for a person; the message is taken up again."""
    broken: list[str] = []

    async def ask_and_die(turn: Turn) -> None:
        if not broken:
            broken.append(turn.text)
            await asks(copies.one)(turn)
            raise EngineUnavailable("killed")

    copies.during(ask_and_die)
    await write(copies.one, "气死我了")
    for _ in range(200):
        if any("第一位" in words for words in await heard(copies)):
            break
        await asyncio.sleep(0.1)
    words = await heard(copies)
    assert sum("第一位" in each for each in words) == 1, words
    await write(copies.other, "好的")
    assert await heard(copies) == words, "once is enough"


async def test_a_request_left_by_a_copy_that_was_killed_is_told_by_the_other(copies: Copies) -> None:
    """The copy had stored the request and dies before its turn is committed: nobody has said anything yet."""
    await write(copies.one, "您好")
    delivery = await copies.one.context.inbox.receive(channel=CHANNEL, user=LI, text="你们太过分了")
    assert delivery.claim is not None
    await asked(copies.one)
    async with copies.one.store.transaction() as uow:
        await uow.conversations.give_back(delivery.conversation.id, token=delivery.claim.token)
    await copies.other.context.router.sweep()
    for _ in range(100):
        if len(await heard(copies)) > 1:
            break
        await asyncio.sleep(0.05)
    assert [("第一位" in words) for words in await heard(copies)] == [False, True]


async def test_once_an_agent_has_it_no_program_speaks_of_queues(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await api_post(copies.one, number, "claim", agent="小周")
    await write(copies.other, "有人吗")
    assert await heard(copies) == []
