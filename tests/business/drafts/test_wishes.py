"""The wished time over several messages, and which offer is picked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.business.drafts.wishes import TimeChoice, WishedTime, heard_wish, leaves_time_open, past_wish
from tests.business.drafts.hearing import MONDAY, at, heard

OFFER = TimeChoice(offered=(at(23, 10, 30), at(23, 13), at(24, 8, 30)))


@pytest.mark.parametrize(
    ("text", "time", "start"),
    [
        ("明天早上八点半", "明天早上八点半", at(24, 8, 30)),
        ("十点半", "十点半", at(23, 10, 30)),
        ("八点半那个", "八点半", at(24, 8, 30)),
        ("明天那个", "明天", at(24, 8, 30)),
    ],
)
def test_an_exact_hour_or_pointing_picks_an_offer(text: str, time: str, start: object) -> None:
    assert OFFER.hear(heard(text, time=time), asked=True).chosen == start


@pytest.mark.parametrize(
    ("text", "place"), [("第一个", 0), ("最早的", 0), ("最后一个", 2), ("就第二个吧", 1), ("都行", 0), ("3", 2)]
)
def test_an_ordinal_picks_an_offer(text: str, place: int) -> None:
    assert OFFER.hear(heard(text), asked=True).chosen == OFFER.offered[place]


def test_a_part_of_a_day_is_a_wish_even_when_one_offer_lies_in_it() -> None:
    choice = OFFER.hear(heard("明天上午", time="明天上午"), asked=True)
    assert choice.chosen is None
    assert choice.offered == ()
    assert choice.wish is not None
    assert choice.wish.covers(at(24, 9))
    assert not choice.wish.covers(at(24, 14))


def test_a_tapped_offer_counts_by_its_time_also_later() -> None:
    tap = heard("/inform", choice=at(23, 13).isoformat())
    assert OFFER.hear(tap, asked=True).chosen == at(23, 13)
    gone = replace(OFFER, offered=()).hear(tap, asked=False)
    assert gone.chosen is None
    assert gone.wish == WishedTime(at(23, 13), at(23, 13))


@pytest.mark.parametrize("text", ["都不合适", "不行", "换一个", "还有别的时间不", "没空"])
def test_declined_offers_are_not_shown_again(text: str) -> None:
    choice = OFFER.hear(heard(text, "deny"), asked=True)
    assert choice.declined
    assert choice.offered == ()


def test_another_day_keeps_the_chosen_hour_and_another_hour_keeps_the_day() -> None:
    chosen = replace(OFFER, chosen=at(24, 15))
    day = chosen.hear(heard("不对，是后天", "correct_detail", time="后天"), asked=False)
    assert day.wish == WishedTime(at(25, 15), at(25, 15))
    hour = chosen.hear(heard("改成下午四点", "change_booking", time="下午四点"), asked=False)
    assert hour.wish == WishedTime(at(24, 16), at(24, 16))


def test_a_time_gone_by_today_is_heard_as_such_when_a_time_was_asked_for() -> None:
    choice = OFFER.hear(heard("今天上午九点"), asked=True)
    assert choice.wish == WishedTime(at(23, 9), at(23, 9))
    assert past_wish("今天下午三点", heard("").now) is None
    assert past_wish("第一个", heard("").now) is None


def test_the_earliest_is_an_offer_and_not_a_morning() -> None:
    assert OFFER.hear(heard("最早", time="早"), asked=True).chosen == OFFER.offered[0]


def test_at_once_is_too_soon_and_not_past() -> None:
    choice = OFFER.hear(heard("马上过来", time="马上"), asked=True)
    assert choice.wish is not None
    assert choice.wish.start > heard("").now


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("周末下午", [at(28, 13), at(29, 17)], [at(29, 8, 30), at(28, 11)]),
        ("周六十点前", [at(28, 8, 30)], [at(28, 10), at(29, 9)]),
        ("下周上午", [at(30, 9)], [at(30, 13)]),
    ],
)
def test_a_part_of_several_days_is_that_part_of_each(
    text: str, inside: list[datetime], outside: list[datetime]
) -> None:
    wish = heard_wish(text, MONDAY, None, None)
    assert wish is not None
    assert [wish.covers(start) for start in (*inside, *outside)] == [True] * len(inside) + [False] * len(outside)


def test_in_a_long_message_the_time_to_come_is_meant_not_that_of_a_call() -> None:
    text = (
        "我一般周末才有空，周六上午或者周日下午都行，最好是周六上午十点之前，不然我要送孩子上课，车牌是粤BH6688，我姓林，"
        "今天下午五点前给我打电话也行，不过我三点到四点开会不方便接电话，谢谢啦"
    )
    wish = heard_wish(text, MONDAY, None, None)
    assert wish is not None
    assert wish.end == at(28, 10)


@pytest.mark.parametrize(
    ("text", "before", "start"),
    [
        ("换成周一", at(29, 9), at(30, 9)),
        ("周一下午", at(29), at(30, 12)),
        ("换成今天", at(29, 9), at(23, 9)),
        ("周一", at(23, 15), at(23, 15)),
    ],
)
def test_todays_weekday_beside_a_later_visit_is_the_next_one(text: str, before: datetime, start: datetime) -> None:
    wish = heard_wish(text, MONDAY, WishedTime(before, before), before.date())
    assert wish is not None
    assert wish.start == start


@pytest.mark.parametrize(
    ("offered", "day"), [((at(23, 13), at(24, 8)), at(24)), ((at(25, 8), at(25, 13)), at(25)), ((), at(24))]
)
def test_a_part_of_the_day_is_of_the_visits_day_unless_one_day_is_on_offer(
    offered: tuple[datetime, ...], day: datetime
) -> None:
    before = TimeChoice(offered=offered, day=at(24).date())
    wish = before.hear(heard("改到下午", "change_booking", time="下午"), asked=True).wish
    assert wish is not None
    assert wish.start.date() == day.date()


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("最早的", True), ("什么时间都行", True), ("越快越好", True), ("随便", False), ("周六", False)],
)
def test_any_time_is_heard_before_times_are_offered(text: str, is_open: bool) -> None:
    assert leaves_time_open(text) is is_open


@pytest.mark.parametrize(
    "text", ["一点那个吧……不不不 还是第一个早上的", "第二个，哦不，第一个", "一点的 啊不 还是第一个吧"]
)
def test_of_what_is_taken_back_the_last_word_counts(text: str) -> None:
    offered = TimeChoice(offered=(at(24, 8, 30), at(24, 13), at(24, 14)))
    assert offered.hear(heard(text, time="一点"), asked=True).chosen == at(24, 8, 30)


@pytest.mark.parametrize("text", ["小伙子 等等 周三俺要去医院 改周四中不", "哎那天我要去医院 都改到周四行吗"])
def test_a_day_to_move_to_is_not_joined_with_the_day_that_does_not_suit(text: str) -> None:
    wish = TimeChoice().hear(heard(text, "change_booking", time="周四"), asked=False).wish
    assert wish is not None
    assert (wish.start, wish.end) == (at(26), at(27))


def test_the_first_of_another_day_is_no_offer_of_the_days_shown() -> None:
    offered = TimeChoice(offered=(at(23, 10, 30), at(23, 13)))
    choice = offered.hear(heard("后天上午第一个", time="后天上午"), asked=True)
    assert choice.chosen is None
    assert choice.wish is not None
    assert choice.wish.start.date() == at(25).date()
