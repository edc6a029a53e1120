"""What is known of a fault, and what is asked next."""

from __future__ import annotations

from bot.business.symptoms import Symptoms, next_question


def asked_one_by_one(symptoms: Symptoms) -> list[str]:
    asked: list[str] = []
    while question := next_question(symptoms, asked):
        asked.append(question)
    return asked


def test_nothing_is_asked_when_everything_was_said() -> None:
    told = Symptoms(("抖动",), ("方向盘",), ("嗡嗡响",), ("每次",), ("高速时",))
    assert next_question(told) is None


def test_a_vague_fault_is_asked_about_openly_first() -> None:
    assert asked_one_by_one(Symptoms(problem=("有点问题",))) == ["problem", "location", "situation"]


def test_a_sound_is_asked_about_more_closely() -> None:
    assert asked_one_by_one(Symptoms(("异响",), (), ("异响",))) == ["location", "noise", "situation"]


def test_which_sound_is_not_asked_of_a_silent_fault() -> None:
    assert "noise" not in asked_one_by_one(Symptoms(problem=("漏油",)))


def test_never_more_than_three_questions_and_none_twice() -> None:
    asked = asked_one_by_one(Symptoms())
    assert len(asked) == len(set(asked)) == 3


def test_an_answer_not_known_is_not_asked_again() -> None:
    assert next_question(Symptoms(problem=("漏油",)), asked=("location",)) == "situation"


def test_merging_keeps_every_span_once_in_order() -> None:
    first = Symptoms(problem=("异响",), noise=("异响",))
    both = first.merge(Symptoms(problem=("抖动", "异响"), location=("底盘",)))
    assert both.problem == ("异响", "抖动")
    assert both.location == ("底盘",)
    assert Symptoms.of(both.as_lists()) == both
