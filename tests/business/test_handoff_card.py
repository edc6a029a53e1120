"""What the hand-off card makes of facts and words, by rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.business.handoff_card import (
    ANGRY,
    ANNOYED,
    CALM,
    Mood,
    Situation,
    Told,
    mood_of,
    reason_of,
    suggestion_of,
    told_in,
)
from bot.business.symptoms import Symptoms
from tests.conftest import ZONE

AT = datetime(2026, 11, 24, 9, tzinfo=ZONE)
BOOKING = Told(task="booking")
SQUEAL = Told(symptoms=Symptoms(noise=("吱吱响",)))

SITUATIONS: list[tuple[Situation, str]] = [
    (Situation(), "hello"),
    (Situation(mood=ANGRY), "angry"),
    (Situation(mood=ANNOYED), "hello"),
    (Situation(urgency="danger", mood=ANGRY, complaint=True), "danger"),
    (Situation(rescue=True), "danger"),
    (Situation(rescued=True, complaint=True), "rescued"),
    (Situation(told=Told(safety=True), overdue=True), "safety"),
    (Situation(overdue=True), "overdue"),
    (Situation(overdue=True, mood=ANGRY), "overdue_angry"),
    (Situation(complaint=True, overdue=True), "complaint"),
    (Situation(complaint=True, mood=ANGRY), "complaint_angry"),
    (Situation(reason="wants_manager"), "manager"),
    (Situation(reason="wants_manager", phone=True), "manager_calls"),
    (Situation(reason="wants_manager", phone=True, superior=True), "superior"),
    (Situation(told=BOOKING), "booking"),
    (Situation(told=BOOKING, mood=ANGRY), "booking_angry"),
    (Situation(told=replace(BOOKING, start=AT)), "booking_at"),
    (Situation(told=replace(BOOKING, start=AT), mood=ANGRY), "booking_at_angry"),
    (Situation(told=Told(task="change")), "change"),
    (Situation(told=Told(task="cancel")), "change"),
    (Situation(told=SQUEAL), "symptom"),
    (Situation(proposal=True), "proposal"),
    (Situation(late_answer=True, ready=True), "waited"),
    (Situation(ready=True), "ready"),
    (Situation(parts=True), "parts"),
    (Situation(told=BOOKING, booked=True), "booked"),
    (Situation(taken_over=True, overdue=True), "taken_over"),
    (Situation(spoken=True), "next_more"),
    (Situation(spoken=True, asked=True), "next_checking"),
    (Situation(spoken=True, overdue=True), "next_checking"),
    (Situation(spoken=True, complaint=True, mood=ANGRY), "next_complaint"),
    (Situation(complaint=True, offered=True, mood=ANGRY), "solution"),
    (Situation(complaint=True, offered=True, accepted=True), "accepted"),
    (Situation(spoken=True, complaint=True, offered=True), "next_solution"),
    (Situation(spoken=True, complaint=True, offered=True, accepted=True), "next_accepted"),
    (Situation(spoken=True, told=SQUEAL), "next_booking"),
    (Situation(spoken=True, told=replace(BOOKING, start=AT)), "next_booking_at"),
    (Situation(spoken=True, told=replace(BOOKING, start=AT), booked=True), "next_booked"),
    (Situation(spoken=True, told=Told(safety=True)), "next_rescue_ask"),
    (Situation(spoken=True, rescue=True, unplaced=True), "next_rescue_ask"),
    (Situation(spoken=True, rescue=True), "next_rescue"),
    (Situation(spoken=True, rescued=True, told=SQUEAL), "next_rescued"),
    (Situation(spoken=True, rescued=True, booked=True), "next_booked"),
    (Situation(spoken=True, rescue=True, arranged=True), "next_rescue_arranged"),
]


@pytest.mark.parametrize(("situation", "suggested"), SITUATIONS)
def test_the_suggestion_fits_the_situation(situation: Situation, suggested: str) -> None:
    assert suggestion_of(situation) == f"utter_suggest_{suggested}"


@pytest.mark.parametrize("mood", [CALM, ANGRY])
def test_whose_complaint_it_is_not_says_that_it_is_noted_and_promises_nothing_of_their_own(mood: str) -> None:
    for reason in ("", "wants_manager"):
        now = Situation(others_complaint=True, mood=mood, reason=reason, superior=True)
        assert suggestion_of(now) == "utter_suggest_complaint_owner"


MOODS: list[tuple[dict[str, Any], list[str], Mood]] = [
    ({}, ["约个保养", "粤B12345"], Mood()),
    ({}, ["我的车怎么还没修好"], Mood(ANNOYED, ("我的车怎么还没修好",))),
    ({}, ["你好", "气死我了，修了三次"], Mood(ANGRY, ("气死我了，修了三次",), ("repeated",))),
    ({"angry": True}, ["转人工"], Mood(ANGRY, (), ("angry",))),
    ({"soothed": True}, ["转人工"], Mood(ANNOYED, (), ("soothed",))),
    ({"complaint_signals": ["angry", "media"]}, ["我要曝光"], Mood(ANGRY, (), ("angry", "media"))),
    ({}, ["叫你们经理来"], Mood(ANNOYED, (), ("wants_superior",))),
    ({}, ["??"], Mood(ANNOYED, ("??",))),
    ({}, ["你们太没有诚意 我要投诉！！"], Mood(ANGRY, ("你们太没有诚意 我要投诉！！",), ())),
    ({}, ["气死我了" + "好" * 80], Mood(ANGRY, ("气死我了" + "好" * 56 + "…",), ())),
]


@pytest.mark.parametrize(("facts", "said", "mood"), MOODS)
def test_the_mood_says_what_it_rests_on(facts: dict[str, Any], said: list[str], mood: Mood) -> None:
    assert mood_of(facts, said) == mood


def test_an_open_complaint_is_a_sign_of_annoyance() -> None:
    assert mood_of({}, ["你好"], complaining=True) == Mood(ANNOYED, (), ("complaint",))
    assert mood_of({}, []).state == CALM


def test_the_newest_words_stand_first_and_at_most_three() -> None:
    mood = mood_of({}, ["垃圾", "骗子", "什么态度", "差评"])
    assert mood.said == ("差评", "什么态度", "骗子")


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ("wants_person", "wants_person"),
        ("wants_manager", "wants_manager"),
        ("rescue R-1001", "rescue"),
        ("agent", "agent"),
        ("from the API", "other"),
        ("", "other"),
    ],
)
def test_a_reason_has_a_code(stored: str, code: str) -> None:
    assert reason_of(stored) == code


def test_facts_are_read_as_the_dialogue_stores_them() -> None:
    facts = {
        "task": "booking_form",
        "service_kind": "repair",
        "problem": ["异响"],
        "noise": ["吱吱响", "吱吱响"],
        "plate": "粤B12345",
        "surname": "张",
        "title": "先生",
        "phone": "13800000001",
        "mileage": 38500,
        "window": {"start": "2026-11-24T09:00:00+08:00", "end": "2026-11-24T10:00:00+08:00", "bay": 1, "technician": 1},
        "wish": ["2026-11-25T00:00:00+08:00", "2026-11-26T00:00:00+08:00"],
        "urgent": True,
    }
    told = told_in(facts)
    assert (told.task, told.service_kind, told.mileage, told.safety) == ("booking", "repair", "38500", True)
    assert told.symptoms == Symptoms(problem=("异响",), noise=("吱吱响",))
    assert (told.start, told.held) == (AT, True)


def test_a_wish_is_shown_while_no_window_is_held() -> None:
    told = told_in({"wish": ["2026-11-24T09:00:00+08:00", "2026-11-24T12:00:00+08:00"]})
    assert (told.start, told.held) == (AT, False)


def test_what_was_told_for_a_task_laid_aside_counts() -> None:
    facts = {
        "suspended_form": "booking_form",
        "suspended_facts": {"service_kind": "repair", "plate": "粤B12345", "noise": ["吱吱响"]},
        "plate": "粤B99999",
    }
    told = told_in(facts)
    assert (told.task, told.service_kind, told.plate) == ("booking", "repair", "粤B99999")
    assert told.symptoms.noise == ("吱吱响",)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"problem": 3, "window": "soon", "wish": ["x", "y"], "mileage": None, "suspended_facts": "?"},
        {"wish": ["2026-11-24T09:00:00", "2026-11-24T10:00:00"]},
        {"complaint_contact": "chat", "task": "unknown_form", "plate": {"a": 1}},
    ],
)
def test_facts_that_make_no_sense_are_left_out(facts: dict[str, Any]) -> None:
    assert told_in(facts).is_empty
