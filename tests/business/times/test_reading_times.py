"""Wished times are read as one window towards the future; what is no wish gives nothing."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from bot.business.times import TimeReading, read_time
from tests.machine import slowness

CHINA = timezone(timedelta(hours=8))
TABLE = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))


def moment(text: str, year: int) -> datetime:
    full = text if text[:2] == "20" and text[4] == "-" else f"{year}-{text}"
    return datetime.strptime(full, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


def wished() -> list[tuple[datetime, str, datetime, datetime]]:
    cases = []
    for block in TABLE:
        now = moment(str(block["now"])[:16], 2026)
        for text, window in block["wishes"].items():
            first, _, last = window.partition(" / ")
            cases.append((now, str(text), moment(first, now.year), moment(last or first, now.year)))
    return cases


def not_wished() -> list[tuple[datetime, str]]:
    return [
        (moment(str(block["now"])[:16], 2026), text)
        for block in TABLE
        for text in block.get("none", ())
    ]


@pytest.mark.parametrize(("now", "text", "start", "end"), wished())
def test_a_wish_is_the_one_window_that_covers_it(
    now: datetime, text: str, start: datetime, end: datetime
) -> None:
    reading = read_time(text, now)
    assert reading is not None
    assert (reading.start, reading.end) == (start, end)
    assert reading.text in text


@pytest.mark.parametrize(("now", "text"), not_wished())
def test_what_is_no_wished_time_gives_nothing(now: datetime, text: str) -> None:
    assert read_time(text, now) is None


def test_the_table_is_large_enough() -> None:
    assert len(wished()) >= 150
    assert len(not_wished()) >= 40


def test_the_window_is_in_the_zone_of_now() -> None:
    now = datetime(2026, 11, 18, 2, 30, tzinfo=timezone.utc)
    reading = read_time("明天下午三点", now)
    assert reading == TimeReading(
        datetime(2026, 11, 19, 15, tzinfo=timezone.utc),
        datetime(2026, 11, 19, 15, tzinfo=timezone.utc),
        "明天下午三点",
    )


def test_years_no_calendar_library_knows_are_read_all_the_same() -> None:
    reading = read_time("春节前", datetime(2041, 12, 1, 9, tzinfo=CHINA))
    assert reading is not None
    assert reading.end.date().isoformat() == "2042-01-22"


def test_any_text_is_survived() -> None:
    now = datetime(2026, 2, 28, 23, 59, tzinfo=CHINA)
    for text in (
        "",
        "9" * 5000,
        "点" * 500,
        "31号31号",
        "2月30号",
        "25点",
        "99月99日",
        "十十十点",
        "周周周",
        "\0\1号3",
    ):
        read_time(text, now)


def test_reading_takes_no_longer_than_two_milliseconds() -> None:
    now = datetime(2026, 11, 18, 10, 30, tzinfo=CHINA)
    texts = [text for _, text, _, _ in wished()]
    best = min(_seconds(texts, now) for _ in range(10))  # others may want the cores
    assert best / len(texts) < 0.002 * slowness()


def _seconds(texts: list[str], now: datetime) -> float:
    begun = time.perf_counter()
    for text in texts:
        read_time(text, now)
    return time.perf_counter() - begun
