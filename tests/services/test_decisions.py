"""An extra item decided by its button while people own the conversation."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.business.conversations import Conversation
from bot.dialogue.phrases import Phrases
from bot.messages.saying import say
from bot.services.handoffs import reply, request_handoff
from bot.services.identity import bind_account
from bot.services.stage_news import tell_stage_news
from bot.services.waiting import Overheard, overhear
from bot.store import tables
from bot.store.engine import Store
from bot.wiring import ROOT
from tests.services.dealership import WANG, fill, rows

AGREE, DECLINE = '/approve_extra{"plate":"粤B66D88"}', '/decline_extra{"plate":"粤B66D88"}'


async def _served(store: Store, now: datetime) -> Conversation:
    """Mr Wang, whom an agent serves, is asked about the brake pads."""
    who = {"channel": "web", "user": "wang"}
    async with store.transaction() as uow:
        keys = await fill(uow, now)
        conversation = await uow.conversations.ensure("web", "wang", now)
        await bind_account(uow, now, **who, customer_id=keys.wang)
        receipt = await request_handoff(uow, now, **who, reason="asked")
        await reply(uow, now, handoff_id=receipt.id, agent="小周", text="您好")
        for notice in await tell_stage_news(uow, now, "WO-2") or ():
            await say(uow, now, Phrases(ROOT / "domain.yml"), notice)
        found = await uow.conversations.get(conversation.id)
    assert found is not None
    return found


async def _hear(
    store: Store, now: datetime, conversation: Conversation, text: str, command: str | None = None
) -> list[str]:
    async with store.transaction() as uow:
        said = await overhear(uow, now, conversation, Overheard(text, command=command))
    assert all(notice.sender == "system" for notice in said or ())
    return [part for notice in said or () for part in notice.parts]


async def _status(store: Store) -> str:
    async with store.reading() as uow:
        (proposal,) = await rows(uow, tables.proposals)
    return str(proposal.status)


@pytest.mark.parametrize(
    ("text", "command", "response", "status"),
    [
        (AGREE, None, "utter_proposal_agreed", "agreed"),
        ("同意", AGREE, "utter_proposal_agreed", "agreed"),
        ("同意", None, "utter_proposal_agreed", "agreed"),
        (DECLINE, None, "utter_proposal_declined", "declined"),
    ],
)
async def test_a_button_decides_with_the_consent_recorded_and_a_second_tap_does_nothing(
    store: Store, now: datetime, text: str, command: str | None, response: str, status: str
) -> None:
    me = await _served(store, now)
    assert await _hear(store, now, me, text, command) == [response]
    assert await _hear(store, now, me, text, command) == []
    async with store.reading() as uow:
        (consent,) = await rows(uow, tables.consents)
        order = await uow.work_orders.by_number("WO-2")
    assert (consent.channel, consent.user, consent.given) == ("web", "wang", status == "agreed")
    assert (await _status(store), order and order.stage) == (status, "in_repair")


async def test_a_word_decides_nothing_once_the_agent_has_asked_something_else(store: Store, now: datetime) -> None:
    me = await _served(store, now)
    async with store.transaction() as uow:
        handoff = await uow.handoffs.open_of(me.id)
        assert handoff is not None
        await reply(uow, now, handoff_id=handoff.id, agent="小周", text="明天给您回电，可以吗？")
    assert await _hear(store, now, me, "同意") == []
    assert await _status(store) == "waiting"


@pytest.mark.parametrize("text", [AGREE.replace(WANG, "粤B8K321"), "/approve_extra", "好的", "换吧"])
async def test_another_cars_button_and_free_words_decide_nothing(store: Store, now: datetime, text: str) -> None:
    me = await _served(store, now)
    assert await _hear(store, now, me, text) == []
    assert await _status(store) == "waiting"
