"""Promise 1: exactly one owner at any time: bot, queue, or a named agent (DESIGN §5 Hand-off)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import httpx

from tests.desk.desks import NAMES, at_desk
from tests.promises.scenes import Copies, api_post, asked, desk_post, handoffs_of, key_of, owner_of, write

_DONE = (HTTPStatus.OK, HTTPStatus.CREATED)


async def test_two_agents_at_two_copies_claim_at_once_one_wins_and_the_other_is_told_who(copies: Copies) -> None:
    await asked(copies.one)
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as zhou, at_desk(copies.other, "supervisor") as wang:
        answers = await asyncio.gather(desk_post(zhou, key, "claim"), desk_post(wang, key, "claim"))
    owner, agent = await owner_of(copies.one)
    names = [NAMES["adviser"], NAMES["supervisor"]]
    won = names.index(agent or "")
    assert owner == "agent"
    assert [answer.status_code for answer in answers] == (
        [HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT] if won == 0 else [HTTPStatus.CONFLICT, HTTPStatus.NO_CONTENT]
    )
    assert f"{agent} 已经接手了这位客户" in answers[1 - won].text


async def test_many_claims_and_replies_at_once_leave_one_owner_and_only_their_words(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    names = [f"agent {each}" for each in range(8)]

    async def attempt(at: int, name: str) -> httpx.Response:
        if at % 4 < 2:
            return await api_post(copies.bots[at % 2], number, "claim", agent=name)
        return await api_post(copies.bots[at % 2], number, "reply", agent=name, text="您好")

    answers = await asyncio.gather(*(attempt(at, name) for at, name in enumerate(names)))
    won = [name for name, answer in zip(names, answers, strict=True) if answer.status_code in _DONE]
    assert len(won) == 1
    assert await owner_of(copies.other) == ("agent", won[0])
    lost = [answer.json() for answer in answers if answer.status_code not in _DONE]
    assert {each["owner"] for each in lost} == {won[0]}


async def test_a_customer_who_asks_at_both_copies_at_once_has_one_request(copies: Copies) -> None:
    await write(copies.one, "您好")
    await asyncio.gather(*(asked(copies.bots[each % 2]) for each in range(8)))
    assert [each.status for each in await handoffs_of(copies.one)] == ["waiting"]
    assert await owner_of(copies.one) == ("queue", None)


async def test_release_and_resolve_at_once_end_it_once(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    await api_post(copies.one, number, "claim", agent="小周")
    answers = await asyncio.gather(
        api_post(copies.one, number, "release", agent="小周"),
        api_post(copies.other, number, "resolve", agent="小周", reason="已答复"),
        api_post(copies.one, number, "reply", agent="小王", text="我来"),
    )
    assert sorted(answer.status_code for answer in answers) == [HTTPStatus.OK, HTTPStatus.CONFLICT, HTTPStatus.CONFLICT]
    assert await owner_of(copies.other) == ("bot", None)


async def test_what_the_conversation_and_its_request_say_never_differs(copies: Copies) -> None:
    number = (await asked(copies.one)).id
    key = await key_of(copies.one)
    async with at_desk(copies.one, "adviser") as zhou, at_desk(copies.other, "supervisor") as wang:
        steps = [
            (zhou, "claim", {}, ("agent", "小周")),
            (wang, "take", {}, ("agent", "王主管")),
            (wang, "transfer", {"to": "agent:小周"}, ("agent", "小周")),
            (zhou, "transfer", {"to": "team:前台"}, ("queue", None)),
            (wang, "reply", {"text": "您好", "once": "a-click-0001"}, ("agent", "王主管")),
            (wang, "release", {}, ("bot", None)),
            (zhou, "claim", {}, ("agent", "小周")),
            (zhou, "resolve", {"reason": "已答复"}, ("bot", None)),
        ]
        for client, action, fields, expected in steps:
            assert (await desk_post(client, key, action, **fields)).status_code == HTTPStatus.NO_CONTENT, action
            assert await owner_of(copies.one) == expected, action
            last = (await handoffs_of(copies.other))[-1]
            of_request = {"waiting": ("queue", None), "claimed": ("agent", last.owner)}
            assert of_request.get(last.status, ("bot", None)) == expected, action
    assert number != last.id, "taking it from the bot later is a request of its own"
