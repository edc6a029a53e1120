"""What a request for a person tells the agents, by the customer's own words."""

from __future__ import annotations

from datetime import datetime

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.people import ActionHandOver
from bot.services.handoffs import owed_call_backs
from bot.store.engine import Store
from tests.services.dealership import fill


def asking(text: str) -> Tracker:
    """The dialogue at the moment when somebody asks for a person."""
    latest = {"text": text, "intent": {"name": "request_human", "confidence": 1.0}, "entities": [], "metadata": {}}
    return Tracker("web:u1", {}, latest, [], False, None, {}, "action_listen")


@pytest.mark.parametrize(("text", "owed"), [("转人工，给我回个电话", 1), ("转人工", 0)])
async def test_who_asks_for_a_person_to_call_is_owed_a_call(store: Store, now: datetime, text: str, owed: int) -> None:
    async with store.transaction() as uow:
        await fill(uow, now)
        await uow.conversations.ensure("web", "u1", now)
        await ActionHandOver().act(uow, CollectingDispatcher(), asking(text), now)
        assert len(await owed_call_backs(uow)) == owed
