"""A complaint whose solution the customer has heard is told of as such, and what they answer reaches its file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.staff import Agent
from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.services.complaint_closing import close_complaint, record_yes
from bot.services.complaint_files import complaint_dossier
from bot.services.complaint_work import offer_solution
from bot.store import tables
from tests.conftest import ZONE
from tests.conversations.player import Player
from tests.known_settings import ROOT
from tests.services.dealership import rows

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
LIN = Agent(1, "lin", "林经理", "manager")
SOLUTION = "免费重新喷漆，并送一次保养"


NUMBER = "C-1002"  # the demo dealership has one complaint


async def answered(player: Player, due_in: timedelta, then: str = "") -> None:
    """The customer complains; the solution is sent to the chat, which is given back to the bot."""
    await player.say("你们技师把我车漆刮花了还不承认 我要投诉")
    await player.say("13877776666")
    now = player.bot.clock.now()
    phrase = Phrases(ROOT / "domain.yml")
    async with player.bot.store.transaction() as uow:
        await offer_solution(uow, now, number=NUMBER, agent=LIN, solution=SOLUTION, due_at=now + due_in, phrase=phrase)
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        if then:
            later = now + timedelta(seconds=30)
            await handoffs.reply(uow, later, handoff_id=handoff.id, agent=LIN.name, text=then)
        await handoffs.release(uow, now, handoff_id=handoff.id, agent=LIN.name)


@pytest.mark.parametrize(
    ("due_in", "said"),
    [(timedelta(days=2), "utter_complaint_solution_by"), (timedelta(minutes=10), "utter_complaint_solution_late")],
)
async def test_how_it_stands(due_in: timedelta, said: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, due_in)
    await player.bot.clock.advance(60)
    heard = await player.say("我的投诉怎么样了")
    assert heard.names == [said]
    assert LIN.name in heard.texts[0]


@pytest.mark.parametrize(
    ("text", "said", "owner"),
    [
        ("同意", "utter_solution_accepted", "bot"),
        ("不行", "utter_solution_refused", "queue"),
        ("就这？打发叫花子呢", "utter_solution_refused", "queue"),
        ("我不同意", "utter_solution_refused", "queue"),
        ("没意见", "utter_solution_accepted", "bot"),
    ],
)
async def test_an_answer_given_to_the_bot_is_one_to_the_solution_and_in_the_file(
    text: str, said: str, owner: str, new_player: Any
) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2))
    heard = await player.say(text)
    async with player.bot.store.transaction() as uow:
        file = await complaint_dossier(uow, player.bot.clock.now(), number=NUMBER, actor=LIN.name)
    assert heard.names[0] == said
    assert heard.owner == owner
    assert [each.text for each in file.answers] == [text]


@pytest.mark.parametrize("text", ["随便吧", "你们看着办吧"])
async def test_whoever_leaves_it_to_us_has_not_agreed(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2))
    assert "utter_solution_accepted" not in (await player.say(text)).names


async def test_a_yes_to_the_agents_next_words_is_none_to_the_solution(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2), then="您明早十点来取车可以吗？")
    assert "utter_solution_accepted" not in (await player.say("好的")).names


async def test_a_refusal_that_complains_is_added_to_the_complaint(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2))
    heard = await player.say("这个方案太敷衍了，漆还是花的，我要投诉")
    async with player.bot.store.transaction() as uow:
        numbers = [row.number for row in await rows(uow, tables.complaints) if row.user == "driver"]
    assert (heard.owner, numbers) == ("queue", [NUMBER])


async def test_later_words_are_no_answer_to_the_solution(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2))
    await player.say("你们几点下班")
    assert "utter_solution_accepted" not in (await player.say("好的")).names


async def test_a_closed_complaint_is_told_of_without_proof(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2))
    async with player.bot.store.transaction() as uow:
        now = player.bot.clock.now()
        await record_yes(uow, now, number=NUMBER, agent=LIN, way="phone", note="10:20 电话")
        await close_complaint(uow, now, number=NUMBER, agent=LIN)
    assert (await player.say("我的投诉怎么样了")).names == ["utter_complaint_is_closed"]
