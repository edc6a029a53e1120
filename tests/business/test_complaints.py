"""How serious a complaint is, and how it may move on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.business.complaints import (
    Complaint,
    ComplaintSignals,
    calls_for_person,
    calls_for_superior,
    check_change,
    complaint_level,
    signals_in,
    tells_grievance,
    urges_on,
)
from bot.business.refusals import NotAllowed

NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("signals", "level"),
    [
        (ComplaintSignals(), 1),
        (ComplaintSignals(angry=True), 2),
        (ComplaintSignals(repeated=True), 2),
        (ComplaintSignals(wants_superior=True), 2),
        (ComplaintSignals(safety=True), 3),
        (ComplaintSignals(media=True), 3),
        (ComplaintSignals(legal=True), 3),
        (ComplaintSignals(vip=True, angry=True), 3),
    ],
)
def test_the_most_serious_signal_sets_the_level(signals: ComplaintSignals, level: int) -> None:
    assert complaint_level(signals) == level


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("洗车没洗干净", set()),
        ("再不解决我就发抖音曝光你们", {"media"}),
        ("我已经找律师了", {"legal"}),
        ("我要打12315", {"legal"}),
        ("车牌粤B12345，电话13512345678，车修坏了", set()),
        ("同一个毛病修了三次还是没修好", {"repeated"}),
        ("叫你们经理出来", {"wants_superior"}),
        ("又坏了,不处理我找记者,叫你们领导来", {"repeated", "media", "wants_superior"}),
    ],
)
def test_words_give_signals_away(text: str, told: set[str]) -> None:
    found = signals_in(text)
    assert {name for name in ComplaintSignals.__dataclass_fields__ if getattr(found, name)} == told


@pytest.mark.parametrize(("before", "after"), [("open", "answered"), ("answered", "open"), ("closed", "open")])
def test_a_complaint_may_be_answered_and_reopened(before: str, after: str) -> None:
    check_change(before, after, customer_agreed=False)


@pytest.mark.parametrize("before", ["open", "answered"])
def test_a_complaint_is_closed_only_with_the_customers_agreement(before: str) -> None:
    check_change(before, "closed", customer_agreed=True)
    with pytest.raises(NotAllowed):
        check_change(before, "closed", customer_agreed=False)


def complaint(**more: Any) -> Complaint:
    nobody = dict.fromkeys(("plate", "phone", "customer_id", "wish", "solution"))
    times = dict.fromkeys(("next_update_at", "answered_at", "agreed_at", "closed_at"))
    fixed = {"id": 1, "number": "C-1", "level": 1, "text": "等太久", "channel": "web", "user": "u", "signals": {}}
    given = {"status": "open", "owner": "服务顾问", "created_at": NOON, "deadline": NOON + timedelta(hours=24)}
    return Complaint(**{**nobody, **times, **fixed, **given, **more})


@pytest.mark.parametrize(
    ("status", "news", "solution", "what", "hours"),
    [
        ("open", None, None, "deadline", 24),
        ("open", 1, None, "news", 1),
        ("open", 30, None, "deadline", 24),
        ("answered", None, 48, "solution", 48),
        ("answered", 2, 48, "news", 2),
        ("answered", None, None, "deadline", 24),
    ],
)
def test_what_is_owed_first_is_what_counts(
    status: str, news: int | None, solution: int | None, what: str, hours: int
) -> None:
    after = {name: NOON + timedelta(hours=each) if each else None for name, each in (("n", news), ("s", solution))}
    due = complaint(status=status, next_update_at=after["n"], solution_due_at=after["s"]).due
    assert (due.what, due.at) == (what, NOON + timedelta(hours=hours))


@pytest.mark.parametrize(("hours", "state"), [(0, "ok"), (19.9, "ok"), (20, "warn"), (23.9, "warn"), (24, "late")])
def test_the_clock_warns_before_it_is_late(hours: float, state: str) -> None:
    assert complaint().due.state(NOON + timedelta(hours=hours)) == state


@pytest.mark.parametrize(("owner", "after"), [("服务顾问", "林顾问"), ("", "林顾问"), ("何顾问", "何顾问")])
def test_the_first_by_name_stays_responsible(owner: str, after: str) -> None:
    assert complaint(owner=owner).owner_after("林顾问") == after


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        ("叫你们总经理来", True),
        ("我要投诉你们乱收费，找你们领导", True),
        ("把你们店长喊来", True),
        ("我要见你们老板", True),
        ("我要投诉你们经理", False),
        ("让你们主管给我打电话", False),
        ("上次找你们经理也没用", False),
        ("叫你们总经理来，上次保养完就漏油", True),
        ("你们经理态度很差", False),
    ],
)
def test_only_who_calls_for_a_superior_now_gets_a_person_at_once(text: str, at_once: bool) -> None:
    assert calls_for_superior(text) is at_once


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        ("我要投诉！转人工", True),
        ("太气人了，给我转接人工", True),
        ("投诉，给我接真人", True),
        ("叫你们总经理来", True),
        ("投诉你们人工费太贵", False),
        ("我要投诉，先不转人工", False),
    ],
)
def test_who_complains_and_asks_for_people_gets_them_at_once(text: str, at_once: bool) -> None:
    assert calls_for_person(text) is at_once


@pytest.mark.parametrize(
    ("text", "complains"),
    [
        ("找你们经理，修了三次都没修好", True),
        ("我要投诉，找你们领导", True),
        ("叫你们总经理来，我要找律师", True),
        ("找你们经理", False),
        ("找你们经理，我想谈一下团购保养", False),
    ],
)
def test_a_wish_for_a_superior_is_told_from_a_grievance(text: str, complains: bool) -> None:
    assert tells_grievance(text) is complains


@pytest.mark.parametrize(
    ("text", "urges"),
    [
        ("你们到底管不管", True),
        ("投诉了都没人理我", True),
        ("说好的答复呢，一直不处理", True),
        ("我要投诉", False),
        ("我要投诉，每次来都等很久", False),
        ("没人管，车又坏了", False),
        ("你好", False),
    ],
)
def test_who_urges_on_what_was_told_before_is_told_from_a_new_grievance(text: str, urges: bool) -> None:
    assert urges_on(text) is urges
