"""A letter costs as few WeChat messages as it can, and is cut in the same places whenever its sending goes on."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.business.conversations import Message
from bot.channels.wechat_parts import draw, in_two
from bot.channels.wechat_splitting import cut, halves, size, sound, tail
from bot.channels.wechat_template import reminder_template
from bot.environment.reading import UnusableSetting
from bot.messages.allowance import Allowance, AllowanceRules
from bot.messages.sending import Letter, Part

AT = datetime(2026, 11, 20, 4, tzinfo=timezone.utc)
CHOICES = ({"title": "预约到店", "payload": "/a"}, {"title": "查进度", "payload": "/b"})
FULL = Allowance(AllowanceRules(), AT)


def message(key: int, text: str | None, *buttons: dict[str, Any], **more: Any) -> Message:
    return Message(key, 1, "bot", text, "queued", AT, buttons=buttons, reply_to=1, **more)


def letter(*messages: Message, used: int = 0, parts_sent: int = 0, at: datetime = AT) -> Letter:
    return Letter(1, "wechat", "oAnn", messages, replace(FULL, used=used), parts_sent, at=at)


def drawn(given: Letter, largest: int = 2000) -> list[Part]:
    return draw(given, lambda name, **_: f"<{name}>", largest)


def text_of(part: Part) -> str:
    return str(part.payload["text"]["content"])


def test_three_texts_of_a_turn_are_one_message_with_blank_lines_between_them() -> None:
    parts = drawn(letter(message(1, "您好。"), message(2, "已为您预约。"), message(3, "周五见。")))
    assert [text_of(part) for part in parts] == ["您好。\n\n已为您预约。\n\n周五见。"]


def test_choices_are_a_menu_below_all_the_words_of_the_turn() -> None:
    (part,) = drawn(letter(message(1, "您好。"), message(7, "需要什么？", *CHOICES), message(8, "我在。")))
    menu = {"id": "7:0", "content": "预约到店"}, {"id": "7:1", "content": "查进度"}
    assert part.payload == {
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": "您好。\n\n需要什么？\n\n我在。", "list": list(menu)},
    }
    assert part.numbered == ()


@pytest.mark.parametrize(("used", "kind"), [(0, "msgmenu"), (1, "msgmenu"), (2, "text"), (3, "text"), (4, "text")])
def test_with_two_or_fewer_left_beside_the_reserve_choices_are_a_numbered_list(used: int, kind: str) -> None:
    (part,) = drawn(letter(message(7, "需要什么？", *CHOICES), used=used))
    assert part.payload["msgtype"] == kind
    if kind == "text":
        assert text_of(part) == "需要什么？\n1. 预约到店\n2. 查进度\n<utter_choose_number>"
        assert part.numbered == (7,)


def test_what_the_parts_before_a_menu_take_counts_as_gone() -> None:
    parts = drawn(letter(message(1, "长。" * 500), message(7, "需要什么？", *CHOICES)))
    assert [part.payload["msgtype"] for part in parts] == ["text", "msgmenu"]
    parts = drawn(letter(message(1, "长。" * 900), message(7, "需要什么？", *CHOICES)))
    assert [part.payload["msgtype"] for part in parts] == ["text", "text", "text"]


def test_a_menu_without_limits_stays_a_menu() -> None:
    free = replace(letter(message(7, "需要什么？", *CHOICES)), allowance=Allowance())
    assert drawn(free)[0].payload["msgtype"] == "msgmenu"


def test_several_questions_of_one_turn_are_numbered_through_below_their_own_texts() -> None:
    more = {"title": "人工", "payload": "/c"}
    (part,) = drawn(letter(message(1, "甲？", *CHOICES), message(2, "乙？", more)))
    assert text_of(part) == "甲？\n1. 预约到店\n2. 查进度\n\n乙？\n3. 人工\n<utter_choose_number>"
    assert part.numbered == (1, 2)


def test_scores_in_a_list_keep_their_own_numbers() -> None:
    scores = ({"title": "10分 很满意", "payload": "/a"}, {"title": "3分 不满意", "payload": "/b"})
    (part,) = drawn(letter(message(7, "请打个分。", *scores), used=3))
    assert text_of(part) == "请打个分。\n10分 很满意\n3分 不满意\n<utter_choose_number>"


def test_a_menu_without_words_has_no_empty_head() -> None:
    (part,) = drawn(letter(message(7, None, *CHOICES)))
    assert "head_content" not in part.payload["msgmenu"]


def test_a_block_of_its_own_kind_is_drawn_by_its_title_and_text() -> None:
    (part,) = drawn(letter(message(1, None, custom={"kind": "card", "title": "保养套餐", "text": "含机油"})))
    assert text_of(part) == "保养套餐\n含机油"
    assert drawn(letter(message(1, None, custom={"kind": "card"}))) == []


def test_control_characters_are_taken_out_and_halves_of_characters_made_visible() -> None:
    (part,) = drawn(letter(message(1, "您\x00好\x1b[31m\r\n再\u2028见\ud83d")))
    assert text_of(part) == "您好[31m\n再见\ufffd"


def test_line_breaks_in_a_title_become_blanks() -> None:
    (part,) = drawn(letter(message(7, "？", {"title": " 周五\n上午 ", "payload": "/a"})))
    assert part.payload["msgmenu"]["list"][0]["content"] == "周五 上午"


def test_too_long_texts_are_cut_at_sentence_ends() -> None:
    text = "您好，这里是售后服务。" * 200
    parts = drawn(letter(message(1, text)))
    assert all(size(text_of(part)) <= 2000 and text_of(part).endswith("。") for part in parts)
    assert "".join(text_of(part) for part in parts) == text
    assert len(parts) == -(-size(text) // 2000)


def test_without_sentence_ends_commas_serve_and_without_these_characters() -> None:
    assert all(piece.endswith("，") for piece in cut("一二三四五六七，" * 100, 300)[:-1])
    assert cut("好" * 100, 200) == ["好" * 66, "好" * 34]


def test_nothing_drawn_as_one_character_is_torn() -> None:
    family = "👨‍👩‍👧‍👦"
    pieces = cut(family * 40, 200)
    assert "".join(pieces) == family * 40
    assert all(piece.count(family) * len(family) == len(piece) for piece in pieces)


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert cut("他说：“好。”然后就走了，再没有回来过。", 24)[0].endswith("。”")


def test_every_way_of_cutting_keeps_all_words_and_the_size() -> None:
    chance = random.Random(7)
    for _ in range(300):
        text = sound("".join(chance.choice("车辆保养，。！？\n ab.é👍🏽") for _ in range(chance.randrange(1, 400))))
        largest = chance.randrange(40, 300)
        pieces = cut(text, largest)
        assert all(0 < size(piece) <= largest for piece in pieces)
        assert "".join("".join(pieces).split()) == "".join(text.split())
        first, second = halves(text) if text else ("", "")
        assert "".join((first + second).split()) == "".join(text.split())
        assert size(tail(text, largest)[1]) <= largest


def test_more_words_behind_do_not_change_what_was_cut_before() -> None:
    chance = random.Random(11)
    for _ in range(200):
        text = sound("".join(chance.choice("车辆保养，。！？\n ab") for _ in range(chance.randrange(100, 500))))
        more = text + "\n\n" + "".join(chance.choice("再见，。") for _ in range(50))
        before = cut(text, 200)
        assert cut(more, 200)[: len(before) - 1] == before[:-1]


def test_a_letter_that_goes_on_is_cut_in_the_same_places_whatever_is_left_by_then() -> None:
    messages = message(1, "长。" * 900), message(7, "需要什么？", *CHOICES)
    first = drawn(letter(*messages))
    for used in range(5):
        for hours in (0, 1, 50):
            again = drawn(letter(*messages, used=used, parts_sent=2, at=AT + timedelta(hours=hours)))
            assert [part.payload for part in again[:-1]] == [part.payload for part in first[:-1]]
            assert len(again) == len(first)


def test_choices_that_no_longer_fit_take_the_last_sentences_with_them() -> None:
    parts = drawn(letter(message(7, "一句话就是这样。" * 8, *CHOICES)), largest=220)
    head = parts[1].payload["msgmenu"]["head_content"]
    assert len(parts) == 2
    assert head.endswith("。")
    assert size(head) + size("预约到店查进度") <= 220
    assert text_of(parts[0]) + head == "一句话就是这样。" * 8


def test_more_choices_than_fit_into_one_message_are_a_numbered_list_over_several() -> None:
    many = tuple({"title": f"十一月二十日上午第{number}个时段", "payload": "/x"} for number in range(30))
    parts = drawn(letter(message(7, "选时间：", *many)), largest=400)
    assert all(part.numbered == (7,) and size(text_of(part)) <= 400 for part in parts)
    assert "\n".join(text_of(part) for part in parts).count("时段") == 30


def test_a_part_that_is_still_too_long_goes_in_two_the_choices_with_the_second() -> None:
    (part,) = drawn(letter(message(7, "第一句。第二句。第三句。第四句。", *CHOICES)))
    first, second = in_two(part.payload)
    assert first == {"msgtype": "text", "text": {"content": "第一句。第二句。"}}
    assert second["msgmenu"]["head_content"] == "第三句。第四句。"
    assert second["msgmenu"]["list"] == part.payload["msgmenu"]["list"]
    assert in_two({"msgtype": "text", "text": {"content": "好"}}) == [{"msgtype": "text", "text": {"content": "好"}}]


def test_a_template_takes_the_fields_it_is_told() -> None:
    template = reminder_template("Tm1:character_string1=number,time2=time,car_number3=plate,thing4=service")
    custom = {"number": "A7", "start": "2026-11-23T09:00:00+08:00", "service": "一" * 30}
    assert template is not None
    body = template.body("oAnn", message(1, "提醒", custom=custom))
    assert body == {
        "touser": "oAnn",
        "template_id": "Tm1",
        "data": {
            "character_string1": {"value": "A7"},
            "time2": {"value": "2026-11-23 09:00"},
            "car_number3": {"value": "-"},
            "thing4": {"value": "一" * 20},
        },
    }


def test_a_template_named_by_its_id_alone_has_the_old_keywords() -> None:
    template = reminder_template("Tm1")
    assert template is not None
    assert template.fields == {"keyword1": "number", "keyword2": "time", "keyword3": "plate", "keyword4": "service"}
    assert reminder_template(None) is None


@pytest.mark.parametrize("setting", [":a=number", "Tm1:a=colour", "Tm1:number", "Tm1:=number"])
def test_a_template_setting_that_makes_no_sense_is_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(UnusableSetting, match="WECHAT_TEMPLATE_REMINDER"):
        reminder_template(setting)
