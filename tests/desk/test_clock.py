"""The clock of a promise as the desk shows it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.business.deadlines import PROMISES, ClockFace
from bot.desk.pages import environment
from bot.desk.words import FOLDER, speaker

TEMPLATE = "{% from '_clock.html' import deadline_clock, times_clock with context %}{{ deadline_clock(face) }}"


def drawn(now: datetime, face: ClockFace | None, language: str = "zh") -> str:
    known = {"now": now, "language": language, "_": speaker(language), "face": face}
    return environment().from_string(TEMPLATE).render(**known).strip()


def face(now: datetime, state: str, minutes: int) -> ClockFace:
    due = now - timedelta(minutes=minutes) if state == "late" else now + timedelta(minutes=minutes)
    return ClockFace("answer", state, minutes, due - timedelta(minutes=15), due)


@pytest.mark.parametrize(
    ("state", "minutes", "chinese", "english"),
    [
        ("ok", 12, "还剩 12 分钟", "12 min left"),
        ("warn", 60, "还剩 1 小时", "1 h left"),
        ("late", 8, "已超时 8 分钟", "8 min late"),
        ("late", 125, "已超时 2 小时 5 分钟", "2 h 5 min late"),
        ("ok", 1440, "还剩 1 天", "1 d left"),
        ("ok", 3000, "还剩 2 天 2 小时", "2 d 2 h left"),
    ],
)
def test_a_clock_says_what_is_left_or_how_late_it_is(
    now: datetime, state: str, minutes: int, chinese: str, english: str
) -> None:
    for language, words in (("zh", chinese), ("en", english)):
        html = drawn(now, face(now, state, minutes), language)
        assert f'class="clock {state}"' in html
        assert re.search(r">([^<]*)</time>", html)[1] == words  # type: ignore[index]


def test_the_browser_finds_the_times_it_needs(now: datetime) -> None:
    html = drawn(now, face(now, "ok", 30))
    assert f'datetime="{(now + timedelta(minutes=30)).isoformat()}"' in html
    assert f'data-warn="{(now + timedelta(minutes=15)).isoformat()}"' in html
    assert f'data-now="{now.isoformat()}"' in html
    assert 'title="人工答复 · 09:30"' in html


def test_without_a_promise_there_is_no_clock(now: datetime) -> None:
    assert drawn(now, None) == ""


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(12.0, "还剩 12 分钟"), (11.2, "还剩 12 分钟"), (-8.9, "已超时 8 分钟"), (0, "已超时 1 分钟")],
)
def test_a_line_of_the_queue_counts_as_the_other_clocks_do(now: datetime, minutes: float, words: str) -> None:
    source = "{% from '_clock.html' import times_clock with context %}{{ times_clock(due, none) }}"
    known = {"now": now, "language": "zh", "_": speaker("zh"), "due": now + timedelta(minutes=minutes)}
    assert f">{words}</time>" in environment().from_string(source).render(**known)


def test_every_promise_has_a_name_and_every_word_an_english_one(now: datetime) -> None:
    source = (Path(FOLDER).parent / "templates" / "_clock.html").read_text(encoding="utf-8")
    with (FOLDER / "en" / "clock.po").open("rb") as file:
        english = {str(each.id): str(each.string) for each in read_po(file)}
    for words in re.findall(r'_\("([^"]+)"\)', source):
        assert english.get(words), words
    begun = set(re.findall(r'"([a-z_0-9]+)": _\(', source))
    assert {"acknowledgement", "answer", "danger_handoff", "online_booking", "promised_time", "next_update"} <= begun
    assert {name for name in PROMISES if name.startswith(("complaint", "rescue_a", "rescue_n", "media_r"))} <= begun
