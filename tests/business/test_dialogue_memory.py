"""What the dialogue knows when people give a conversation back."""

from __future__ import annotations

import json
from typing import Any

from bot.business.dialogue_memory import given_back, is_booking, told_in_words

OPEN = {
    "slots": {"plate": "粤B12399", "service_kind": "maintenance", "requested_slot": "surname"},
    "events": [{"event": "active_loop", "name": "booking_form", "timestamp": 1.0}],
}


def after(told: dict[str, str], *, settled: bool) -> dict[str, Any]:
    return dict(json.loads(given_back(json.dumps(OPEN), told, settled=settled)))


def test_what_was_told_to_people_is_added_and_the_task_goes_on() -> None:
    state = after({"surname": "张", "plate": "粤B00000"}, settled=False)
    assert state["slots"] == {**OPEN["slots"], "surname": "张"}  # type: ignore[dict-item]
    assert state["events"][1:] == [{"event": "slot", "name": "surname", "value": "张", "timestamp": 1.0}]


def test_a_settled_task_is_left_and_the_person_still_known() -> None:
    state = after({"phone": "13800000001"}, settled=True)
    assert state["slots"] == {"plate": "粤B12399", "phone": "13800000001"}
    assert {"event": "active_loop", "name": None, "timestamp": 1.0} in state["events"]
    assert {"event": "slot", "name": "requested_slot", "value": None, "timestamp": 1.0} in state["events"]


def test_who_was_about_to_book() -> None:
    assert is_booking(json.dumps(OPEN))
    assert not is_booking(json.dumps({**OPEN, "events": [*OPEN["events"], {"event": "active_loop", "name": None}]}))
    assert not is_booking(json.dumps({**OPEN, "events": [{"event": "active_loop", "name": "complaint_form"}]}))
    assert not is_booking(json.dumps({**OPEN, "events": []}))
    assert not is_booking("not json")
    assert not is_booking("[]")


def test_nothing_new_leaves_the_memory_as_it_is() -> None:
    assert given_back(json.dumps(OPEN), {"plate": "粤B12399"}, settled=False) == json.dumps(OPEN)


def test_a_memory_that_cannot_be_read_is_left_alone() -> None:
    assert given_back("not json", {"plate": "粤B12399"}, settled=True) == "not json"
    assert given_back("[]", {}, settled=True) == "[]"


def test_who_it_is_and_which_car_in_the_customers_own_words() -> None:
    told = told_in_words(["粤B12399", "张先生 电话13800000001", "林小姐您好"], agent="林")
    assert told == {"plate": "粤B12399", "phone": "13800000001", "surname": "张", "title": "先生"}
    assert told_in_words(["粤B8K321 尾号8001"])["proof"] == "8001"
    assert told_in_words(["8001"]) == {}
