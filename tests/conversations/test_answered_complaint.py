"""A complaint whose solution the customer has heard is told of as such, and what they answer reaches its file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.business.staff import Agent
from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.services.complaint_files import complaint_dossier
from bot.services.complaint_work import offer_solution
from tests.conftest import ZONE
from tests.conversations.player import Player
from tests.known_settings import ROOT

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
LIN = Agent(1, "lin", "林顾问", "supervisor")
SOLUTION = "免费重新喷漆，并送一次保养"


NUMBER = "C-1002"  # the demo dealership has one complaint


async def answered(player: Player, due_in: timedelta) -> None:
    """The customer complains; the solution is sent to the chat, which is given back to the bot."""
    await player.say("你们技师把我车漆刮花了还不承认 我要投诉")
    await player.say("13877776666")
    now = player.bot.clock.now()
    phrase = Phrases(ROOT / "domain.yml")
    async with player.bot.store.transaction() as uow:
        await offer_solution(uow, now, number=NUMBER, agent=LIN, solution=SOLUTION, due_at=now + due_in, phrase=phrase)
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
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


async def test_a_yes_given_to_the_bot_is_in_the_file(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await answered(player, timedelta(days=2))
    await player.say("同意")
    async with player.bot.store.transaction() as uow:
        file = await complaint_dossier(uow, player.bot.clock.now(), number=NUMBER, actor=LIN.name)
    assert [each.text for each in file.answers] == ["同意"]
