"""A customer asked between the turns how satisfied they are answers in their own words, or with something else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.dialogue.phrases import Phrases
from bot.services import handoffs
from bot.store import tables
from bot.wiring import ROOT
from bot.worker import Worker
from tests.conftest import ZONE
from tests.conversations import manners
from tests.conversations.player import Heard, Player
from tests.services.dealership import rows

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)


async def settled(player: Player) -> None:
    """An agent has settled the driver's matter."""
    heard = await player.say("转人工")
    assert heard.owner == "queue"
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        await handoffs.reply(uow, now, handoff_id=handoff.id, agent="林顾问", text="发票已经补寄给您了。")
        await handoffs.resolve(uow, now, handoff_id=handoff.id, agent="林顾问", reason="已解决")


async def asked(player: Player) -> list[dict[str, Any]]:
    """An agent has settled the driver's matter, who is asked for a score; the buttons they see."""
    await settled(player)
    return await invited(player)


async def invited(player: Player) -> list[dict[str, Any]]:
    """The question for a score has come; the buttons under it."""
    await Worker(player.bot.store, player.bot.clock, Phrases(ROOT / "domain.yml")).ask_opinions()
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        question = (await uow.messages.latest(conversation.id, 1))[0]
    assert "林顾问" in (question.text or "")
    return list(question.buttons)


async def answered(player: Player) -> list[tuple[int | None, str | None]]:
    """Score and comment of every question."""
    async with player.bot.store.reading() as uow:
        return [(row.score, row.comment) for row in await rows(uow, tables.surveys)]


async def complaints(player: Player) -> list[Any]:
    async with player.bot.store.reading() as uow:
        return [row for row in await rows(uow, tables.complaints) if row.user == "driver"]


async def say(player: Player, text: str) -> Heard:
    heard = await player.say(text)
    assert not manners.faults_of(heard, [text]), heard.texts
    return heard


@pytest.mark.parametrize(
    ("text", "score"),
    [("9", 9), ("8分", 8), ("1", 1), ("10", 10), ("挺好的", 10), ("满意", 8), ("打七分", 7), ("很差", 1)],
)
async def test_a_number_or_a_word_is_the_score_while_it_is_asked_for(text: str, score: int, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await asked(player)
    heard = await say(player, text)
    low = score <= 6
    assert heard.names == (
        ["utter_rating_low", "utter_ask_opinion_form_grievance"]
        if low
        else ["utter_rating_thanks", "utter_ask_opinion_form_opinion"]
    )
    assert await answered(player) == [(score, None)]
    assert len(await complaints(player)) == low


@pytest.mark.parametrize("typed", [False, True])
async def test_a_button_is_the_score_tapped_or_typed(typed: bool, new_player: Any) -> None:
    player = await new_player(MONDAY)
    button = (await asked(player))[1]
    await say(player, button["title"] if typed else button["payload"])
    assert await answered(player) == [(8, None)]


@pytest.mark.parametrize(
    "text", ["师傅很耐心，就是洗车没洗干净", "等得有点久", "价格再便宜点就更好了", "环境不错", "没什么，都挺好"]
)
async def test_what_follows_a_good_score_is_the_comment(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await asked(player)
    await say(player, "8")
    assert (await say(player, text)).names == ["utter_opinion_noted"]
    assert await answered(player) == [(8, text)]
    assert not await complaints(player)


@pytest.mark.parametrize("text", ["没有", "没有了", "不用了", "谢谢"])
async def test_no_comment_is_fine(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await asked(player)
    await say(player, "9")
    assert (await say(player, text)).names[0] in ("utter_opinion_none", "utter_opinion_noted")
    assert (await say(player, "你好")).names == ["utter_greet"]


@pytest.mark.parametrize("text", ["空调还是不凉，跟没修一样", "态度太差了，没人理我", "等了三个小时"])
async def test_what_follows_a_low_score_goes_to_the_complaint(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await asked(player)
    await say(player, "3")
    heard = await say(player, text)
    assert "utter_complaint_added" in heard.names
    (complaint,) = await complaints(player)
    assert (complaint.wish, complaint.kind) == (text, "survey")


@pytest.mark.parametrize("text", ["8分，就是等得有点久", "整体还不错，师傅讲解很清楚，就是等得时间有点长，给个8分吧"])
async def test_a_score_with_its_reason_needs_no_other_question(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await asked(player)
    heard = await say(player, text)
    assert heard.names == ["utter_rating_thanks", "utter_opinion_noted"]
    assert await answered(player) == [(8, text)]


@pytest.mark.parametrize(
    ("wish", "response"),
    [
        ("转人工", "utter_handed_over_next"),
        ("我想预约保养", "utter_ask_identity_plate_surname_phone"),
        ("几点关门？", "utter_hours_open"),
        ("查一下进度", "utter_ask_plate"),
        ("你好", "utter_greet"),
    ],
)
@pytest.mark.parametrize("rated_first", [False, True])
async def test_another_wish_is_answered_and_the_survey_is_forgotten(
    wish: str, response: str, rated_first: bool, new_player: Any
) -> None:
    player = await new_player(MONDAY)
    await asked(player)
    if rated_first:
        await say(player, "9")
    heard = await say(player, wish)
    assert response in heard.names
    assert not [name for name in heard.names if "rating" in name or "opinion" in name]
    heard = await say(player, "8")
    assert not [name for name in heard.names if "rating" in name or "opinion" in name]
    assert await answered(player) == [(9 if rated_first else None, None)]


async def test_in_the_middle_of_a_booking_the_score_is_taken_and_the_booking_goes_on(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await settled(player)
    await say(player, "约个保养 粤B12399 张先生 13800000001")
    await invited(player)
    heard = await say(player, "9")
    assert heard.names[0] == "utter_rating_thanks"
    assert heard.names[1].startswith("utter_ask_booking_form_car_model")
    assert await answered(player) == [(9, None)]


@pytest.mark.parametrize(
    ("text", "score", "comment"),
    [
        ("5分 就是机器人太笨", 5, "5分 就是机器人太笨"),
        ("给你们8分", 8, None),
    ],
)
async def test_who_is_quicker_than_the_question_is_heard_and_not_asked_again(
    text: str, score: int, comment: str | None, new_player: Any
) -> None:
    player = await new_player(MONDAY)
    await settled(player)
    heard = await say(player, text)
    assert heard.names[0] == ("utter_rating_low" if score <= 6 else "utter_rating_thanks")
    assert await answered(player) == [(score, comment)]
    await Worker(player.bot.store, player.bot.clock, Phrases(ROOT / "domain.yml")).ask_opinions()
    assert await answered(player) == [(score, comment)]


@pytest.mark.parametrize("text", ["好的谢谢", "十分钟后到"])
async def test_what_may_mean_something_else_is_no_score_before_the_question(text: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await settled(player)
    await say(player, text)
    assert not [score for score, _ in await answered(player) if score]


async def test_a_number_is_no_score_when_none_was_asked_for(new_player: Any) -> None:
    player = await new_player(MONDAY)
    heard = await say(player, "8")
    assert not [name for name in heard.names if "rating" in name or "opinion" in name]


@pytest.mark.parametrize(
    ("text", "response"), [("我给你们打9分", "utter_you_are_welcome"), ("最多给你们3分", "utter_opinion_welcome")]
)
async def test_a_score_nobody_asked_for_is_thanked_for(text: str, response: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    assert (await say(player, text)).names == [response]
    assert await answered(player) == []
