"""How serious a complaint is, and how it may move on."""

from __future__ import annotations

import pytest

from bot.business.complaints import ComplaintSignals, check_change, complaint_level, signals_in
from bot.business.refusals import NotAllowed


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
