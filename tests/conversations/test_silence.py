"""While people own the conversation the bot is silent, whatever is tapped, typed or sent (DESIGN §5 Hand-off 2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.business.conversations import Incoming
from bot.dialogue.phrases import Phrases
from bot.messages.answers import answer_to
from bot.services import handoffs
from bot.services.rescues import update_rescue
from bot.store import tables
from bot.wiring import ROOT
from bot.worker import Worker
from tests.conftest import ZONE
from tests.conversations.player import Heard, Player
from tests.services.dealership import rows

MONDAY = datetime(2026, 11, 23, 9, 10, tzinfo=ZONE)
AGENT = "林顾问"


async def claimed(player: Player) -> None:
    """An agent has the conversation."""
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        await handoffs.claim(uow, player.bot.clock.now(), handoff_id=handoff.id, agent=AGENT)


async def said_by_customer(player: Player) -> list[str]:
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        return [each.text or "" for each in await uow.messages.after(conversation.id) if each.sender == "customer"]


async def proposal_status(player: Player) -> str:
    async with player.bot.store.reading() as uow:
        order = await uow.work_orders.find("WO-1002")
        (proposal,) = await uow.work_orders.proposals(order.id)
        return str(proposal.status)


@pytest.mark.parametrize(
    "text",
    [
        "第一个",
        "1",
        "确认预约",
        '/inform{"choice":"2026-11-23T10:30:00+08:00"}',
        "/affirm",
        "/restart",
        "/request_human",
        "/EXTERNAL_released",
        "随便",
        "等一下",
        "5分",
        '/rate_service{"score":"3"}',
        "能不能不换",
    ],
)
@pytest.mark.parametrize("in_hand", [False, True])
async def test_old_buttons_and_typed_commands_reach_the_agent_as_words(
    text: str, in_hand: bool, new_player: Any
) -> None:
    player = await new_player(MONDAY)
    await player.say("粤B8K321约保养，李女士13800138001")
    assert (await player.say("转人工")).owner == "queue"
    if in_hand:
        await claimed(player)
    before = await player.slots()
    heard: Heard = await player.say(text)
    assert heard.texts == []
    assert heard.owner == ("agent" if in_hand else "queue")
    assert (await said_by_customer(player))[-1] == text
    assert await player.slots() == before


@pytest.mark.parametrize("kind", ["image", "voice", "location", "unknown"])
async def test_what_has_no_words_is_kept_for_the_agent(kind: str, new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("约个保养")
    assert (await player.say("转人工")).owner == "queue"
    await claimed(player)
    context = player.bot.context
    text = "位置" if kind == "location" else ""
    delivery = await context.inbox.take(Incoming("rest", "driver", text, platform_id=f"thing-{kind}", kind=kind))
    answer = await answer_to(player.bot.store, context.router, delivery, 30.0)
    assert answer is not None
    assert (list(answer.words), answer.owner) == ([], "agent")
    async with player.bot.store.reading() as uow:
        assert (await uow.messages.get(delivery.message_id)).kind == kind


@pytest.mark.parametrize(("title", "status"), [("同意", "agreed"), ("这次先不做", "declined")])
@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("in_hand", [False, True])
async def test_the_button_of_an_extra_item_is_recorded_silently(
    title: str, status: str, typed: bool, in_hand: bool, new_player: Any
) -> None:
    player = await new_player(MONDAY)
    shown = await player.say("我的车修到哪了 粤B66D88 9002")
    payload = shown.payload(title)
    assert (await player.say("你们几点关门")).owner == "bot"
    assert (await player.say("转人工")).owner == "queue"
    if in_hand:
        await claimed(player)
    heard = await player.say(payload if not typed else title)
    assert heard.texts == []
    assert heard.owner != "bot"
    expected = "waiting" if typed else status  # a title counts only where nothing was said since
    assert await proposal_status(player) == expected
    assert bool(heard.told) == (expected == status)


async def test_a_score_tapped_while_people_speak_again_is_words_for_them(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await player.say("转人工")
    await claimed(player)
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        now = player.bot.clock.now()
        await handoffs.reply(uow, now, handoff_id=handoff.id, agent=AGENT, text="发票已经补寄。")
        await handoffs.resolve(uow, now, handoff_id=handoff.id, agent=AGENT, reason="已解答")
    await Worker(player.bot.store, player.bot.clock, Phrases(ROOT / "domain.yml")).ask_opinions()
    assert (await player.say("转人工")).owner == "queue"
    heard = await player.say('/rate_service{"score":"3"}')
    assert (heard.texts, heard.owner) == ([], "queue")
    async with player.bot.store.reading() as uow:
        assert [row.score for row in await rows(uow, tables.surveys)] == [None]


async def in_danger(player: Player) -> None:
    """Towing was promised and the conversation given back."""
    await player.say("刹车踩下去软趴趴的差点撞上")
    assert (await player.say("人工 快点 我在路边不敢开")).owner == "queue"
    await claimed(player)
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        await handoffs.reply(uow, now, handoff_id=handoff.id, agent=AGENT, text="拖车20分钟到。")
        await handoffs.release(uow, now, handoff_id=handoff.id, agent=AGENT)


async def adviser(player: Player, minutes_ago: int) -> None:
    """The adviser was last seen at the desk so many minutes ago."""
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        key = await uow.agents.add(now, login="lin", name=AGENT, role="adviser", password_hash="-", language="zh")
        await uow.agents.change(key, now, seen_at=now)
    await player.bot.clock.advance(minutes_ago)


async def test_who_waits_for_help_is_back_with_the_adviser_who_promised_it(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await in_danger(player)
    await adviser(player, minutes_ago=5)
    heard = await player.say("拖车咋还没来")
    assert heard.names == ["utter_back_to_adviser"]
    assert heard.owner == "agent"
    async with player.bot.store.reading() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        running = await uow.deadlines.running_in([conversation.id])
        facts = await uow.handoffs.facts(handoff.id)
    assert (handoff.owner, handoff.urgency) == (AGENT, "danger")
    assert "danger_handoff" in {each.kind for each in running}
    assert facts.get("urgent")


async def test_an_adviser_who_has_left_is_not_waited_for(new_player: Any) -> None:
    player = await new_player(MONDAY)
    await adviser(player, minutes_ago=0)
    await in_danger(player)
    await player.bot.clock.advance(20)
    heard = await player.say("师傅到哪了")
    assert heard.names == ["utter_help_asked_after", "utter_handed_over_next"]
    assert heard.owner == "queue"


async def test_news_of_help_that_is_arranged_comes_first_and_then_a_person(new_player: Any) -> None:
    player = await new_player(MONDAY)
    assert (await player.say("我车在宝安大道抛锚了 13800000001")).owner == "queue"
    await claimed(player)
    now = player.bot.clock.now()
    async with player.bot.store.transaction() as uow:
        conversation = await uow.conversations.find("rest", "driver")
        handoff = await uow.handoffs.open_of(conversation.id)
        await update_rescue(uow, now, number="R-1001", status="arranged", by=AGENT)
        await handoffs.release(uow, now, handoff_id=handoff.id, agent=AGENT)
    first = await player.say("拖车咋还没来")
    assert (first.names, first.owner) == (["utter_rescue_arranged"], "bot")
    second = await player.say("师傅到哪了")
    assert second.owner == "queue"
    assert "utter_handed_over_next" in second.names
