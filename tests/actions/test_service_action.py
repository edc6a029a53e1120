"""Every action answers once a message, within its time, and is never silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

import actions
from actions.service_action import TECHNICAL_TROUBLE, ServiceAction
from bot.business.refusals import AlreadyBooked, IdentityMismatch
from bot.store.engine import Store

NOW = "2026-03-10T09:00:00+08:00"


class ActionDo(ServiceAction):
    """Does what the test wants and counts."""

    what: ClassVar[Callable[..., Any]]
    called = 0

    def __init__(self, name: str = "action_do") -> None:
        self._name = name

    def name(self) -> str:
        return self._name

    async def act(self, uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        self.called += 1
        return await self.what(uow, dispatcher, tracker, now)


def make(what: Callable[..., Any], name: str = "action_do") -> ActionDo:
    action = ActionDo(name)
    action.what = what  # type: ignore[misc]
    return action


def tracker_with(*events: dict[str, Any], loop: str | None = None, **slots: Any) -> Tracker:
    metadata = {"message_id": "7", "channel": "web", "user": "u", "now": NOW, "silent_minutes": 0}
    message = {"text": "您好", "intent": {"name": "greet"}, "entities": [], "metadata": metadata}
    heard = [{"event": "user", "text": "您好"}, *events]
    return Tracker("web:u", slots, message, heard, False, None, {"name": loop} if loop else {}, "action_listen")


@pytest.fixture(autouse=True)
async def _services(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(store=store, clock=None, settings=SimpleNamespace(action_seconds=2))

    async def services() -> Any:
        return found

    monkeypatch.setattr(actions, "services", services)


async def answer_of(action: ServiceAction, tracker: Tracker) -> tuple[list[Any], list[dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    return await action.run(dispatcher, tracker, {}), dispatcher.messages


async def _keeps_a_memory(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
    await uow.trackers.save("kept", "{}", now)
    dispatcher.utter_message(response="utter_done", number="A-1")
    return [SlotSet("number", "A-1")]


async def test_a_message_handled_twice_acts_once_and_hears_the_same(store: Store) -> None:
    action = make(_keeps_a_memory)
    first = await answer_of(action, tracker_with())
    assert await answer_of(action, tracker_with()) == first
    assert action.called == 1
    assert first[1][0]["response"] == "utter_done"


async def test_the_second_run_in_one_turn_acts_again(store: Store) -> None:
    async def says(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        return []

    action = make(says)
    await answer_of(action, tracker_with())
    await answer_of(action, tracker_with({"event": "action", "name": "action_do"}))
    assert action.called == 2


async def test_a_refusal_is_said_and_nothing_is_kept(store: Store) -> None:
    async def refuses(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        await _keeps_a_memory(uow, dispatcher, tracker, now)
        raise AlreadyBooked("A-9")

    events, messages = await answer_of(make(refuses), tracker_with())
    assert [(said["response"], said["number"]) for said in messages] == [("utter_already_booked", "A-9")]
    assert events == []
    async with store.reading() as uow:
        assert await uow.trackers.get("kept") is None


async def test_a_counted_try_is_kept_and_counted_once_when_the_message_comes_again(store: Store) -> None:
    async def mismatches(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        await _keeps_a_memory(uow, dispatcher, tracker, now)
        raise IdentityMismatch(2)

    action = make(mismatches)
    first = await answer_of(action, tracker_with())
    assert await answer_of(action, tracker_with()) == first
    assert action.called == 1
    async with store.reading() as uow:
        assert await uow.trackers.get("kept") == "{}"


async def test_a_crash_is_an_apology_and_its_words_are_not_logged(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def crashes(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        dispatcher.utter_message(text="half a sentence")
        raise RuntimeError("13800138001")

    events, messages = await answer_of(make(crashes), tracker_with())
    assert [said["response"] for said in messages] == [TECHNICAL_TROUBLE]
    assert events == []
    assert "RuntimeError" in caplog.text
    assert "13800138001" not in caplog.text


async def test_an_action_that_takes_too_long_is_an_apology_and_nothing_is_kept(store: Store) -> None:
    async def sleeps(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        await _keeps_a_memory(uow, dispatcher, tracker, now)
        await asyncio.sleep(5)

    _, messages = await answer_of(make(sleeps), tracker_with())
    assert [said["response"] for said in messages] == [TECHNICAL_TROUBLE]
    async with store.reading() as uow:
        assert await uow.trackers.get("kept") is None


async def test_a_form_that_gives_way_is_let_go(store: Store) -> None:
    async def rejects(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        raise ActionExecutionRejection("booking_form")

    with pytest.raises(ActionExecutionRejection):
        await answer_of(make(rejects, "validate_booking_form"), tracker_with(loop="booking_form"))


async def test_a_form_whose_check_crashes_takes_the_value_back_and_asks_again(store: Store) -> None:
    async def crashes(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        raise RuntimeError

    ran = {"event": "action", "name": "booking_form"}
    candidate = {"event": "slot", "name": "plate", "value": "粤B12345"}
    tracker = tracker_with(ran, candidate, loop="booking_form", requested_slot="plate", plate="粤B12345")
    events, _ = await answer_of(make(crashes, "validate_booking_form"), tracker)
    assert [(event["name"], event["value"]) for event in events] == [
        ("plate", None),
        ("plate", None),
        ("requested_slot", "plate"),
    ]


async def test_a_form_that_crashes_when_it_begins_is_left_without_submitting(store: Store) -> None:
    async def crashes(uow: Any, dispatcher: Any, tracker: Any, now: Any) -> Any:
        raise RuntimeError

    begun = {"event": "active_loop", "name": "booking_form"}
    events, _ = await answer_of(make(crashes, "validate_booking_form"), tracker_with(begun, loop="booking_form"))
    assert [event["event"] for event in events] == ["active_loop", "slot", "followup"]
