"""The time a customer wishes for, over several messages, and which offered window it picks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.business.characters import simplify
from bot.business.times import read_time

_NAMES_A_DAY = re.compile(r"[天日号周年节旬底初]|星期|礼拜|月|明早|明晚|后儿|明儿|今晚|今早|现在|一会|待会|马上")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WishedTime:
    """One window that covers the wish; `start` = `end` for an exact hour."""

    start: datetime
    end: datetime

    @property
    def is_exact(self) -> bool:
        """Whether an hour was named."""
        return self.start == self.end

    def covers(self, moment: datetime) -> bool:
        """Whether a visit beginning at `moment` is as wished."""
        return moment == self.start if self.is_exact else self.start <= moment < self.end

    @property
    def is_days(self) -> bool:
        """Whether only days were named, no part of one."""
        return not self.is_exact and self.start.time() == self.end.time() == datetime.min.time()


def heard_wish(text: str, now: datetime, before: WishedTime | None, shown: date | None) -> WishedTime | None:
    """The wish in `text`, completed by what was wished before; None when `text` names no time.

    "下午三点" after "后天" keeps the day (`before`, else the day of the windows just `shown`);
    "不对,是后天" after "明天下午三点" keeps the hour.
    """
    reading = read_time(text, now)
    if reading is None:
        return None
    wish = WishedTime(reading.start, reading.end)
    known_day = before.start.date() if before else shown
    if not _NAMES_A_DAY.search(simplify(reading.text)) and known_day and known_day != wish.start.date():
        return _on_day(reading.text, known_day, now) or wish
    if before and wish.is_days and wish.end - wish.start == _DAY and not before.is_days:
        return _moved_to(before, wish.start.date())
    return wish


def _on_day(words: str, day: date, now: datetime) -> WishedTime | None:
    reading = read_time(f"{day.year}年{day.month}月{day.day}日{words}", now)
    return WishedTime(reading.start, reading.end) if reading and reading.start.date() == day else None


def _moved_to(wish: WishedTime, day: date) -> WishedTime:
    shift = day - wish.start.date()
    return WishedTime(wish.start + shift, wish.end + shift)


def window_meant(wish: WishedTime, starts: Sequence[datetime]) -> int | None:
    """The place of the one start among `starts` that the wish picks, None when none or several fit."""
    fitting = [place for place, start in enumerate(starts) if wish.covers(start)]
    return fitting[0] if len(fitting) == 1 else None
