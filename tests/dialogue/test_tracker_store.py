"""Stock Rasa's conversations survive in the dealer's tables, cut to what the next turn needs."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue import snapshot, tracker_store
from bot.dialogue.tracker_store import StoredTrackers
from bot.store.engine import Store

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [greet, book]
slots:
  plate: {type: text, mappings: [{type: custom}]}
  note: {type: text, mappings: [{type: custom}]}
  asked: {type: any, initial_value: 0, mappings: [{type: custom}]}
forms:
  booking_form: {required_slots: [plate]}
actions: [action_do]
"""
)


def user(intent: str, text: str = "您好") -> UserUttered:
    ranking = [{"name": intent, "confidence": 1.0}] * 10
    return UserUttered(
        text, {"name": intent}, [], {"text": text, "intent": {"name": intent}, "intent_ranking": ranking}
    )


def a_turn(number: int) -> list[Event]:
    return [user("greet"), ActionExecuted("action_do"), SlotSet("asked", number), ActionExecuted("action_listen")]


def conversation(turns: int, domain: Domain = DOMAIN) -> DialogueStateTracker:
    began: list[Event] = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
    form = [
        user("book"),
        ActionExecuted("booking_form"),
        ActiveLoop("booking_form"),
        SlotSet("requested_slot", "plate"),
    ]
    events = [*began, *form, SlotSet("note", "左前"), ActionExecuted("action_listen")]
    for number in range(turns):
        events += a_turn(number)
    return DialogueStateTracker.from_events("web:u", events, domain.slots)


@pytest.fixture
def trackers(store: Store, monkeypatch: pytest.MonkeyPatch) -> StoredTrackers:
    async def found() -> Any:
        return store

    monkeypatch.setattr(tracker_store, "_store", found)
    return StoredTrackers(DOMAIN)


@pytest.mark.parametrize("turns", [0, 1, 3, 4, 5, 40])
async def test_slots_form_and_question_are_those_before(trackers: StoredTrackers, turns: int) -> None:
    before = conversation(turns)
    await trackers.save(before)
    after = await trackers.retrieve("web:u")
    assert after is not None
    assert after.current_slot_values() == before.current_slot_values()
    assert after.active_loop_name == "booking_form"
    assert after.latest_action_name == "action_listen"
    assert after.latest_message == before.latest_message


async def test_saving_again_and_again_changes_nothing_but_the_turns(trackers: StoredTrackers) -> None:
    sizes = []
    tracker: DialogueStateTracker | None = conversation(10)
    for number in range(30):
        assert tracker is not None
        for event in a_turn(number):
            tracker.update(event)
        await trackers.save(tracker)
        tracker = await trackers.retrieve("web:u")
        assert tracker is not None
        assert tracker.get_slot("note") == "左前"
        assert tracker.get_slot("requested_slot") == "plate"
        assert tracker.active_loop_name == "booking_form"
        sizes.append(len(tracker.events))
    assert len(set(sizes[5:])) == 1


async def test_policies_see_the_states_of_the_last_turns_as_they_were() -> None:
    before = conversation(30)
    after = snapshot.load(DialogueStateTracker("web:u", DOMAIN.slots), snapshot.dump(before))
    seen = 2 * snapshot.KEPT_TURNS
    assert after.past_states(DOMAIN)[-seen:] == before.past_states(DOMAIN)[-seen:]


async def test_after_a_restart_nothing_said_before_is_kept() -> None:
    tracker = conversation(2)
    for event in [AllSlotsReset(), Restarted(), ActionExecuted("action_session_start"), SessionStarted()]:
        tracker.update(event)
    kept = snapshot.dump(tracker)
    assert "您好" not in kept
    assert "左前" not in kept


async def test_an_unknown_conversation_is_none(trackers: StoredTrackers) -> None:
    assert await trackers.retrieve("web:nobody") is None


async def test_deleting_a_conversation_deletes_its_memory(trackers: StoredTrackers, store: Store) -> None:
    await trackers.save(conversation(2))
    async with store.transaction() as uow:
        await uow.trackers.delete("web:u")
    assert await trackers.retrieve("web:u") is None
    assert list(await trackers.keys()) == []


async def test_a_turn_while_the_database_is_away_does_not_overwrite_the_conversation(
    trackers: StoredTrackers, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trackers.save(conversation(2))
    stock = FailSafeTrackerStore(trackers)

    async def away() -> Any:
        raise ConnectionError

    async def back() -> Any:
        return store

    monkeypatch.setattr(tracker_store, "_store", away)
    assert await stock.retrieve("web:u") is None
    monkeypatch.setattr(tracker_store, "_store", back)
    await stock.save(DialogueStateTracker.from_events("web:u", a_turn(0), DOMAIN.slots))
    found = await trackers.retrieve("web:u")
    assert found is not None
    assert found.get_slot("note") == "左前"
