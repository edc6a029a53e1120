"""Which messages answer the open question, whatever they were taken for."""

from __future__ import annotations

import pytest

from bot.business.drafts.answers import finds_time_unfit, settles
from tests.business.drafts.hearing import heard


@pytest.mark.parametrize(
    ("question", "text", "intent"),
    [
        ("reminder", "一天前提醒我吧", "stop_reminders"),
        ("reminder", "提前两小时", "change_booking"),
        ("reminder", "别提醒了", "stop_reminders"),
        ("loaner", "要代步车", "ask_loaner"),
        ("loaner", "算了吧", "abandon_task"),
        ("confirmed", "好的谢谢", "thank"),
        ("confirmed", "要代步车", "ask_loaner"),
        ("consent", "嗯", "chitchat"),
        ("service_kind", "保养", "ask_maintenance"),
        ("window", "第二个", "fragment"),
        ("window", "都行", "chitchat"),
        ("location", "没注意", "out_of_scope"),
        ("window", "把代步车加上", "ask_loaner"),
        ("surname", "李四", "abuse"),
        ("plate", "我忘了车牌", "ask_privacy"),
        ("frequency", "经常", "request_manager"),
        ("second_booking", "再约一次", "book_service"),
    ],
)
def test_words_that_answer_are_an_answer(question: str, text: str, intent: str) -> None:
    assert settles(question, heard(text, intent, **({"frequency": text} if question == "frequency" else {})))


@pytest.mark.parametrize(
    ("question", "text", "intent"),
    [
        ("loaner", "代步车要钱吗", "ask_loaner"),
        ("reminder", "你们几点下班", "ask_hours"),
        ("service_kind", "保养多少钱", "ask_price"),
        ("window", "算了不约了", "abandon_task"),
        ("window", "修好了吗", "ask_progress"),
        ("confirmed", "转人工", "request_human"),
        ("confirmed", "算了吧", "abandon_task"),
        (None, "好的", "affirm"),
    ],
)
def test_questions_and_other_wishes_are_none(question: str | None, text: str, intent: str) -> None:
    assert not settles(question, heard(text, intent))


def test_a_time_answers_the_question_which_window_also_when_asked() -> None:
    assert settles("window", heard("下午三点可以吗", "ask_availability", time="下午三点"))
    assert not settles("window", heard("周六上班吗", "ask_hours", time="周六"))


@pytest.mark.parametrize("text", "太早了 有点晚 那天没空 时间不合适 来不及".split())
def test_a_time_that_does_not_suit_is_no_grievance(text: str) -> None:
    assert finds_time_unfit(text)


@pytest.mark.parametrize("text", "太晚了你们才回我 早上九点 没空调 不方便留电话 太差了".split())
def test_other_words_find_no_fault_with_the_time(text: str) -> None:
    assert not finds_time_unfit(text)
