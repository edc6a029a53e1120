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
        ("做保養，順便補個胎", "maintenance", ["補個胎"]),
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
        ("换两条轮胎，再做个保养", "book_tyre", "tyre", ("做个保养",)),
        ("想修一下车，顺便做个保养", "book_repair", "repair", ("做个保养",)),
        ("我上次保养没多久，想换轮胎", "book_tyre", "tyre", ()),
    ],
)
def test_what_is_said_first_is_the_kind_of_the_visit(
    text: str, intent: str, kind: str, further: tuple[str, ...]
) -> None:
    begun = BookingDraft().hear(heard(text, intent, answers=False), None)
    assert (begun.service_kind, begun.further) == (kind, further)


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


def test_a_question_in_between_adds_nothing() -> None:
    asked = heard("顺便检查一下要钱吗", "ask_price", answers=False)
    assert MAINTENANCE.hear(asked, "window").further == ()


def test_the_adviser_reads_it_in_the_note() -> None:
    assert further_note(("换两条轮胎", "洗个车")) == "另外：换两条轮胎、洗个车"
    assert further_note(()) == ""
