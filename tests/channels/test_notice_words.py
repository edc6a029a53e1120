"""Every kind of notice has its words: in the agents' group, on the desk's pages in both languages, in the guides."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.business.desk_notices import CLAIMED, CLOSED, KINDS, WAITING, DeskNotice
from bot.business.handoffs import Handoff
from bot.business.notice_words import WORDS
from bot.channels import group_rate
from bot.channels.group_rate import GroupRate
from bot.channels.telegram_group_updates import GroupReply
from bot.channels.telegram_group_words import Told, drawn
from bot.desk.alert_words import TITLES
from bot.desk.words import english

ROOT = Path(__file__).parents[2]
TOLD = KINDS - {CLAIMED, CLOSED}
NOON = datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=8)))


def test_group_and_pages_have_words_for_every_kind() -> None:
    assert set(WORDS) == set(TITLES) == TOLD
    assert [words for words in TITLES.values() if words not in english()] == []


@pytest.mark.parametrize("name", ["notifications.md", "notifications.zh-CN.md"])
def test_guides_name_every_kind(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []


def told(kind: str = WAITING, *, number: int = 12, facts: dict[str, Any] | None = None, **more: Any) -> Told:
    notice = DeskNotice(1, "telegram", kind, "normal", 31, number, NOON)
    given = {"status": "waiting", "owner": None, "urgency": "normal", "requested_at": NOON, **more}
    handoff = Handoff(id=number, conversation_id=31, channel="wechat", user="o1", reason="wants_person", **given)
    return Told((notice,), handoff, facts)


def test_message_shows_what_it_is_about_and_nothing_that_could_be_a_number() -> None:
    facts = {
        "car_model": "Model 3",
        "problem": ["刹车异响", "电话13800138001", "粤B·8K 321的车", "138 0013 8001"],
        "noise": "吱\n吱",
        "plate": "粤B8K321",
        "surname": "李",
    }
    text, _ = drawn([told(facts=facts)], None)
    first = ["🔵 #12 · 顾客在等人工", "微信 · 要求人工", "等待自 12:00", "已知：Model 3 · 刹车异响 · 吱 吱"]
    assert text.split("\n")[:4] == first


def test_request_of_another_day_names_the_day() -> None:
    assert "等待自 11月18日 12:00" in drawn([told(requested_at=NOON - timedelta(days=2))], None)[0]


@pytest.mark.parametrize("url", ["http://localhost:8080/desk", "http://bot/desk"])
def test_desk_without_a_public_name_gets_no_button_because_telegram_refuses_such(url: str) -> None:
    _, keyboard = drawn([told()], url)
    assert [button["text"] for row in keyboard["inline_keyboard"] for button in row] == ["接手"]


def test_ten_conversations_of_the_longest_kind_fit_one_message() -> None:
    facts = {"problem": ["异" * 100]}
    text, _ = drawn([told("call_back_owed", number=10**9 + each, facts=facts) for each in range(10)], None)
    assert len(text) < 4096


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ("#12 您好", 12, "您好"),
        ("＃13，您好", 13, "您好"),
        ("#99 您好", None, "#99 您好"),
        ("您好 #12", None, "您好 #12"),
        ("#12", 12, ""),
    ],
)
def test_number_in_front_says_whom_the_words_are_for(text: str, number: int | None, words: str) -> None:
    assert GroupReply(1, 2, (12, 13), text).addressed == (number, words)


def test_number_in_front_of_an_answer_to_one_conversation_need_not_be_there() -> None:
    assert GroupReply(1, 2, (12,), "3 点可以吗").addressed == (12, "3 点可以吗")


def test_rate_keeps_a_part_back_and_frees_it_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(group_rate.time, "monotonic", lambda: now[0])
    rate = GroupRate(20)
    for _ in range(15):
        rate.spend()
    assert (rate.room, rate.is_tight, rate.gathered) == (5, True, False)
    now[0] += 6
    assert rate.gathered
    rate.wait(30)
    assert rate.room == 0
    now[0] += 30
    assert rate.room == 5
    now[0] += 30
    assert (rate.room, rate.is_tight) == (20, False)


def test_rate_counts_what_another_copy_has_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    rate = GroupRate(20)
    rate.remember([NOON - timedelta(seconds=each) for each in range(10)], NOON)
    assert rate.room == 10
