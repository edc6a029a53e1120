"""Work wished for beside the kind of visit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.business.drafts.booking import BookingDraft
from bot.business.drafts.further import further_note, further_work, without_dropped
from tests.business.drafts.hearing import at, heard

MAINTENANCE = BookingDraft(service_kind="maintenance", plate="粤B8K321", known=True)


@pytest.mark.parametrize(
    ("text", "kind", "further"),
    [
        ("保养，再换两条轮胎", "maintenance", ["换两条轮胎"]),
        ("我想做个保养顺便检查下刹车", "maintenance", ["检查下刹车"]),
        ("换轮胎，还要做个保养", "tyre", ["做个保养"]),
        ("做个保养和四轮定位，顺便洗个车", "maintenance", ["四轮定位", "洗个车"]),
        ("保养+换刹车片", "maintenance", ["换刹车片"]),
        ("做保養，順便補個胎", "maintenance", ["补个胎"]),
        ("我想再做个保养", "maintenance", []),
        ("换机油，机滤也要换", "maintenance", []),
        ("和上次一样做保养", "maintenance", []),
        ("保养，再便宜点", "maintenance", []),
        ("还要修几天", "repair", []),
        ("再换个时间，再加个提醒", "maintenance", []),
        ("还要做什么？", "maintenance", []),
    ],
)
def test_what_is_to_be_done_beside_the_visit_is_found_in_the_customers_words(
    text: str, kind: str, further: list[str]
) -> None:
    assert list(further_work(text, kind)) == further


@pytest.mark.parametrize(
    ("text", "intent", "kind", "further"),
    [
        ("想做个保养，再换两条轮胎", "book_tyre", "maintenance", ("换两条轮胎",)),
        ("约个保养 顺便换两条轮胎", "book_maintenance", "maintenance", ("换两条轮胎",)),
        ("换两条轮胎，再做个保养", "book_tyre", "maintenance", ("换两条轮胎",)),
        ("保养 换两条轮胎", "book_tyre", "maintenance", ("换两条轮胎",)),
        ("保养 再换雨刮 洗车", "book_maintenance", "maintenance", ("换雨刮", "洗车")),
        ("想修一下车，顺便做个保养", "book_repair", "repair", ("做个保养",)),
        ("我上次保养没多久，想换轮胎", "book_tyre", "tyre", ()),
    ],
)
def test_the_longest_work_is_the_kind_of_the_visit(
    text: str, intent: str, kind: str, further: tuple[str, ...]
) -> None:
    begun = BookingDraft().hear(heard(text, intent, answers=False), None)
    assert (begun.service_kind, begun.further) == (kind, further)


def test_a_fault_is_what_brings_the_car_and_maintenance_comes_beside_it() -> None:
    begun = BookingDraft().hear(heard("空调不凉了，顺便做个保养", "book_maintenance", problem="不凉"), None)
    assert (begun.service_kind, begun.further) == ("repair", ("做个保养",))


def test_what_takes_the_place_of_the_kind_does_not_come_beside_it() -> None:
    changed = replace(MAINTENANCE, chosen=at(24, 15)).hear(heard("不是保养，是换轮胎", "book_tyre"), "confirmed")
    assert (changed.service_kind, changed.further) == ("tyre", ())


def test_what_comes_beside_the_visit_does_not_change_its_kind() -> None:
    asked = replace(MAINTENANCE, chosen=at(24, 15), loaner="none", reminder="24")
    added = asked.hear(heard("再换两条轮胎", "book_tyre"), "confirmed")
    assert (added.service_kind, added.further) == ("maintenance", ("换两条轮胎",))
    assert added.notes == ("utter_further_noted",)
    assert added.next_question() == "confirmed"


def test_further_work_that_is_not_wanted_any_more_is_forgotten_alone() -> None:
    both = replace(MAINTENANCE, further=("换两条轮胎", "洗个车"))
    assert both.hear(heard("轮胎不换了", "correct_detail"), "loaner").further == ("洗个车",)
    assert both.hear(heard("不用", "deny"), "loaner").further == both.further
    assert without_dropped(("换个雨刮",), "雨刮先不换") == ()


@pytest.mark.parametrize(
    ("text", "intent"),
    [("雨刮也换一下", "return_goods"), ("刹车油也换了吧", "approve_extra"), ("再换个雨刮", "correct_detail")],
)
def test_work_is_added_whatever_the_message_was_taken_for(text: str, intent: str) -> None:
    asked = replace(MAINTENANCE, chosen=at(24, 15), loaner="none", reminder="24")
    assert asked.hears_work(heard(text, intent))
    added = asked.hear(heard(text, intent), "confirmed")
    assert (added.service_kind, len(added.further), added.confirmed) == ("maintenance", 1, None)


@pytest.mark.parametrize(
    ("text", "intent", "question", "loaner"),
    [("不用，雨刮顺便换下", "deny", "loaner", "none"), ("要代步车 再把雨刮换了", "ask_loaner", "loaner", "loaner")],
)
def test_the_answer_beside_the_work_counts(text: str, intent: str, question: str, loaner: str) -> None:
    answered = replace(MAINTENANCE, chosen=at(24, 15)).hear(heard(text, intent), question)
    assert (answered.loaner, answered.further) == (loaner, ("换雨刮",))


def test_work_alone_answers_no_question() -> None:
    asked = replace(MAINTENANCE, chosen=at(24, 15))
    assert asked.hear(heard("刹车油也换了吧", "approve_extra"), "loaner").loaner is None
    assert replace(asked, further=("换雨刮",)).hear(heard("雨刮不换了", "decline_extra"), "loaner").loaner is None


def test_the_same_work_told_again_takes_the_place_of_what_was_told() -> None:
    asked = replace(MAINTENANCE, further=("换两条轮胎",))
    assert asked.hear(heard("轮胎也换四条吧", "inform"), "loaner").further == ("轮胎也换四条",)


def test_nothing_else_is_a_yes_to_what_was_read_back() -> None:
    asked = replace(MAINTENANCE, chosen=at(24, 15), loaner="none", reminder="24")
    assert asked.hear(heard("没有别的了", "deny"), "confirmed").confirmed is True


@pytest.mark.parametrize("text", ["轮胎还是别换了 等到时候看", "不用雨刮"])
def test_what_is_not_wanted_is_not_what_the_visit_is_for(text: str) -> None:
    asked = replace(MAINTENANCE, chosen=at(24, 15), loaner="none", reminder="24")
    assert asked.hear(heard(text, "correct_detail"), "confirmed").service_kind == "maintenance"


def test_when_the_main_work_is_dropped_what_remains_is_what_the_visit_is_for() -> None:
    both = replace(MAINTENANCE, chosen=at(24, 15), loaner="none", reminder="24", further=("换两条轮胎",))
    assert both.hears_work(heard("保养不用了，就换轮胎", "ask_maintenance"))
    after = both.hear(heard("保养不用了，就换轮胎", "correct_detail"), "confirmed")
    assert (after.service_kind, after.further) == ("tyre", ())
    more = both.hear(heard("保养不用了，就换轮胎，顺便洗个车", "correct_detail"), "confirmed")
    assert (more.service_kind, more.further) == ("tyre", ("洗个车",))


def test_who_declines_a_courtesy_car_declines_no_time_and_withholds_no_name() -> None:
    offered = replace(MAINTENANCE, offered=(at(24, 9), at(24, 11)))
    message = heard("不用代步车", "deny")
    assert offered.hear(message, "window").offered == offered.offered
    assert BookingDraft(service_kind="maintenance").hear(message, "surname").surname is None


def test_a_question_in_between_adds_nothing() -> None:
    asked = heard("顺便检查一下要钱吗", "ask_price", answers=False)
    assert MAINTENANCE.hear(asked, "window").further == ()


def test_the_adviser_reads_it_in_the_note() -> None:
    assert further_note(("换两条轮胎", "洗个车")) == "另外：换两条轮胎、洗个车"
    assert further_note(()) == ""
