"""How words look at Telegram."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.business.conversations import Message
from bot.channels.telegram_parts import Questions, drawn, questions, split, units
from bot.dialogue.phrases import Phrases
from bot.messages.allowance import Allowance
from bot.messages.sending import Letter
from bot.wiring import ROOT
from tests.messages.fakes import NOON

ASKED = Questions("我的手机号", "我的位置", frozenset({"电话？"}), frozenset({"在哪？"}))


def said(text: str | None, key: int = 5, **more: Any) -> Message:
    return Message(key, 1, "bot", text, "queued", NOON, **more)


def letter(*messages: Message) -> Letter:
    return Letter(1, "telegram", "7", messages, Allowance())


def only(message: Message) -> Any:
    (part,) = drawn(letter(message), ASKED, 4096)
    return part.payload


def test_a_turn_is_one_part_where_it_fits_and_the_same_letter_gives_the_same_parts() -> None:
    said_twice = letter(said("一"), said("二", 6))
    assert [part.payload.text for part in drawn(said_twice, ASKED, 4096)] == ["一\n\n二"]
    assert drawn(said_twice, ASKED, 4096) == drawn(said_twice, ASKED, 4096)
    assert [part.payload.text for part in drawn(said_twice, ASKED, 3)] == ["一", "二"]


def test_a_part_ends_with_buttons_and_an_agents_lines_stay_apart() -> None:
    buttons = ({"title": "好", "payload": "/affirm"},)
    parts = drawn(letter(said("一"), said("二", 6, buttons=buttons), said("三", 7)), ASKED, 4096)
    assert [part.payload.text for part in parts] == ["一\n\n二", "三"]
    assert [part.payload.reply_markup is not None for part in parts] == [True, False]
    lines = [replace(said(text), sender="agent", agent="小周") for text in ("您好", "车修好了")]
    assert [part.payload.text for part in drawn(letter(*lines), ASKED, 4096)] == ["您好", "车修好了"]


def test_long_text_is_cut_at_sentence_ends_and_buttons_come_last() -> None:
    text = "这是一句话。" * 900
    parts = drawn(letter(said(text, buttons=({"title": "好", "payload": "/affirm"},))), ASKED, 4096)
    assert [part.payload.text[-1] for part in parts] == ["。", "。"]
    assert "".join(part.payload.text for part in parts) == text
    assert [part.payload.reply_markup is not None for part in parts] == [False, True]


@pytest.mark.parametrize("text", ["啊" * 5000, "😀" * 3000, "a" * 4097, "甲，" * 3000, " \n" * 3000 + "完"])
def test_pieces_keep_to_the_limit_and_lose_nothing(text: str) -> None:
    pieces = list(split(text, 4096))
    assert all(0 < units(piece) <= 4096 for piece in pieces)
    assert "".join(pieces) == text.strip()


def test_limit_counts_as_telegram_does() -> None:
    assert [units(text) for text in ("啊", "😀", "a")] == [1, 2, 1]
    assert [units(piece) for piece in split("😀" * 51, 101)] == [100, 2]


def test_buttons_name_message_and_place_whatever_their_payload() -> None:
    buttons = ({"title": "明天 9:00", "payload": "/inform" + "x" * 99}, {"title": "后天", "payload": "/b"})
    markup = only(said("哪天？", 10**17, buttons=buttons)).reply_markup
    assert markup == {
        "inline_keyboard": [
            [
                {"text": "明天 9:00", "callback_data": f"{10**17}:0"},
                {"text": "后天", "callback_data": f"{10**17}:1"},
            ]
        ]
    }


def test_long_titles_stand_alone_and_empty_ones_are_left_out() -> None:
    buttons = (
        {"title": ""},
        {"title": "11月21日（周六）上午9:00"},
        {"title": "换一个"},
        {"title": "地图", "url": "https://a.b"},
    )
    rows = only(said("哪天？", buttons=buttons)).reply_markup["inline_keyboard"]
    assert [[key["text"] for key in row] for row in rows] == [["11月21日（周六）上午9:00"], ["换一个"], ["地图"]]
    assert (rows[1][0]["callback_data"], rows[2][0]["url"]) == ("5:2", "https://a.b")


@pytest.mark.parametrize("slot", ["phone", "proof", "complaint_contact"])
def test_question_for_the_phone_has_a_key_that_shares_it(slot: str) -> None:
    assert only(said("电话是？", asks=slot)).reply_markup == {
        "keyboard": [[{"text": "我的手机号", "request_contact": True}]],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }
    assert only(said("哪里响？", asks="location")).reply_markup is None


def test_questions_of_the_rescue_are_known_by_their_words() -> None:
    assert only(said("电话？")).reply_markup["keyboard"] == [[{"text": "我的手机号", "request_contact": True}]]
    assert only(said("在哪？")).reply_markup["keyboard"] == [[{"text": "我的位置", "request_location": True}]]
    real = questions(Phrases(ROOT / "domain.yml"))
    assert (len(real.phone_texts), len(real.place_texts)) == (2, 2)
    assert len(real.phone_texts & real.place_texts) == 1


def test_blocks_are_drawn_as_text() -> None:
    assert only(said(None, custom={"title": "您的爱车可以取了"})).text == "您的爱车可以取了"
    assert only(said(None, buttons=({"title": "好"}, {"title": "不"}))).text == "好 / 不"
    assert drawn(letter(said(None, custom={"kind": "x"})), ASKED, 4096) == []
