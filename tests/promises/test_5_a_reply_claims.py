"""Promise 5: an agent's reply claims the conversation, wherever it is written, and once."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest

from tests.desk.desks import at_desk
from tests.promises.scenes import Copies, api_post, asked, desk_post, handoffs_of, key_of, owner_of, said, write


async def test_a_reply_at_the_desk_claims_what_waits(copies: Copies) -> None:
    await asked(copies.one)
    key = await key_of(copies.one)
    async with at_desk(copies.other, "adviser") as zhou:
        answer = await desk_post(zhou, key, "reply", text="您好，我是小周", once="a-click-0001")
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert await owner_of(copies.one) == ("agent", "小周")
    assert await said(copies.one) == [("agent", "您好，我是小周")]


async def test_a_reply_by_the_api_claims_what_waits(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    assert (await api_post(copies.other, number, "reply", agent="小周", text="您好")).status_code == HTTPStatus.CREATED
    assert await owner_of(copies.one) == ("agent", "小周")


async def test_a_reply_to_what_the_bot_leads_takes_it_over(copies: Copies) -> None:
    await write(copies.one, "您好")
    key = await key_of(copies.one)
    async with at_desk(copies.other, "adviser") as zhou:
        await desk_post(zhou, key, "reply", text="我来帮您", once="a-click-0001")
    assert await owner_of(copies.one) == ("agent", "小周")
    assert list((await write(copies.one, "好的")).words) == []


async def test_two_agents_answer_at_once_and_only_the_winners_words_go_out(copies: Copies) -> None:
    await asked(copies.one)
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as zhou, at_desk(copies.other, "supervisor") as wang:
        answers = await asyncio.gather(
            desk_post(zhou, key, "reply", text="小周的话", once="a-click-0001"),
            desk_post(wang, key, "reply", text="主管的话", once="a-click-0002"),
        )
    _, agent = await owner_of(copies.one)
    assert await said(copies.one) == [("agent", "小周的话" if agent == "小周" else "主管的话")]
    refused = next(answer for answer in answers if answer.status_code != HTTPStatus.NO_CONTENT)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert f"{agent} 已经接手" in refused.text


@pytest.mark.parametrize("times", [2, 5])
async def test_a_double_click_at_both_copies_says_it_once(copies: Copies, times: int) -> None:
    await asked(copies.one)
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as here, at_desk(copies.other, "adviser") as there:
        await asyncio.gather(
            *(desk_post((here, there)[at % 2], key, "reply", text="您好", once="a-click-0001") for at in range(times))
        )
    assert await said(copies.one) == [("agent", "您好")]
    assert [each.owner for each in await handoffs_of(copies.one)] == ["小周"]
