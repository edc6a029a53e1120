"""Promise 8: reopening does not loop (with the real dialogue: tests/conversations/test_release.py)."""

from __future__ import annotations

import asyncio

from tests.promises.scenes import Copies, api_post, asked, asks, handoffs_of, owner_of, write


async def test_what_was_written_while_people_had_it_hands_over_nothing_after_the_release(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    for bot in copies.bots:
        await write(bot, "转人工！")
    copies.during(asks(copies.one))  # whatever the dialogue hears now would ask for a person
    await api_post(copies.other, number, "release", agent="小周")
    for bot in copies.bots:
        await bot.context.router.sweep()
    await asyncio.sleep(0.3)
    assert await owner_of(copies.one) == ("bot", None)
    assert [each.status for each in await handoffs_of(copies.one)] == ["released"]


async def test_asking_again_after_the_release_makes_one_new_request(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await api_post(copies.other, number, "release", agent="小周")
    copies.during(asks(copies.one))
    await write(copies.other, "转人工")
    await write(copies.one, "转人工")
    assert [each.status for each in await handoffs_of(copies.one)] == ["released", "waiting"]


async def test_release_and_a_message_at_the_same_moment_end_in_one_of_both_orders(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await api_post(copies.one, number, "claim", agent="小周")
    answer, _ = await asyncio.gather(write(copies.one, "好的"), api_post(copies.other, number, "release", agent="小周"))
    assert await owner_of(copies.one) == ("bot", None)
    assert [each.text for each in answer.words] in ([], ["1:好的"])
    assert len(await handoffs_of(copies.one)) == 1
