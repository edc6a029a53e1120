"""Which buttons count as the last ones."""

from __future__ import annotations

from typing import Any

from bot.business.offered_buttons import Offer, carry_numbers, offered_in, rating_payload

AGREE, CONSENT = {"title": "同意", "payload": "/approve_extra"}, {"title": "同意", "payload": "/affirm"}
LATER = {"title": "下次", "payload": "/decline_extra"}


def turn(key: int, *buttons: dict[str, Any], numbered: bool = False) -> Offer:
    return Offer(key, buttons, numbered)


def unasked(*buttons: dict[str, Any], numbered: bool = False) -> Offer:
    return Offer(None, buttons, numbered)


def test_what_was_said_unasked_since_the_last_turn_counts_with_it() -> None:
    offered = offered_in([unasked(AGREE, LATER, numbered=True), turn(2), turn(1, CONSENT)])
    assert offered.titles == {"同意": "/approve_extra", "下次": "/decline_extra"}
    assert offered.numbered == ("/approve_extra", "/decline_extra")
    assert offered.payloads == {"/approve_extra", "/decline_extra", "/affirm"}


def test_a_later_turn_takes_the_place_of_what_was_said_unasked() -> None:
    offered = offered_in([turn(2, LATER), unasked(AGREE, numbered=True), turn(1)])
    assert (offered.titles, offered.numbered) == ({"下次": "/decline_extra"}, ("/decline_extra",))
    assert "/approve_extra" in offered.payloads


def test_a_title_of_two_meanings_and_a_number_of_two_lists_decide_nothing() -> None:
    offered = offered_in([unasked(AGREE, LATER, numbered=True), turn(1, CONSENT, numbered=True)])
    assert (offered.titles, offered.numbered) == ({"下次": "/decline_extra"}, ())


def test_messages_of_one_turn_are_one_list_also_with_something_between_them() -> None:
    offered = offered_in([turn(1, LATER, numbered=True), unasked(), turn(1, AGREE, numbered=True)])
    assert offered.numbered == ("/approve_extra", "/decline_extra")


def test_numbers_count_for_the_buttons_at_the_end_of_the_turn_however_they_were_drawn() -> None:
    assert offered_in([turn(1, AGREE, LATER), turn(1)]).numbered == ("/approve_extra", "/decline_extra")
    assert offered_in([turn(1, LATER), turn(1, CONSENT, AGREE)]).numbered == ("/decline_extra",)
    assert offered_in([turn(1), turn(1, AGREE, LATER)]).numbered == ()


def test_a_number_decides_nothing_between_a_turns_buttons_and_those_of_something_unasked() -> None:
    assert offered_in([unasked(AGREE, LATER), turn(1, CONSENT)]).numbered == ()
    assert offered_in([unasked(AGREE, LATER), turn(1)]).numbered == ("/approve_extra", "/decline_extra")


def test_before_the_first_turn_the_newest_unasked_message_counts() -> None:
    assert offered_in([unasked(LATER), unasked(AGREE)]).titles == {"下次": "/decline_extra"}
    assert offered_in([]).payloads == frozenset()


def test_scores_are_known_by_their_own_numbers_and_never_by_their_places() -> None:
    ten, three = (("10分 很满意", 10), ("3分 不满意", 3))
    scores = [{"title": title, "payload": rating_payload(score)} for title, score in (ten, three)]
    offered = offered_in([unasked(*scores, numbered=True), turn(1, CONSENT)])
    assert (offered.rates, offered.numbered) == (True, ())
    assert offered.titles["3分 不满意"] == '/rate_service{"score":"3"}'
    assert not offered_in([turn(2), unasked(*scores), turn(1)]).rates, "something else was said since"


def test_titles_with_numbers_of_their_own_are_all_scores() -> None:
    assert carry_numbers(["10分 很满意", "8分"])
    assert not carry_numbers(["11月23日（周一）09:00"])
    assert not carry_numbers(["10分 很满意", "跳过"])
    assert not carry_numbers([])
