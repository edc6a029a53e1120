"""The time a customer wishes for, over several messages, and which offered window it picks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.business.characters import simplify
from bot.business.drafts.choices import ordinal_in
from bot.business.drafts.heard import Heard
from bot.business.times import read_time

_NAMES_A_DAY = re.compile(r"[天日号周年节旬底初]|星期|礼拜|月|明早|明晚|后儿|明儿|今晚|今早|现在|一会|待会|马上")
# In "把周三的改到周五" and "不是明天,是后天" the wish is what follows the last of these.
_NEW_TIME = re.compile(r"(?:[改换挪推延调][到成为至迟后]{1,2}|提前到|而是|应该是|[,，。 ]是)(?P<rest>[^改换挪推延]+)$")
_ANY_WINDOW = re.compile(r"都行|都可以|随便|任意|随你|你定|你们定|看着办|都得|哪个都")
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

    @property
    def is_whole_day(self) -> bool:
        """Whether one day was named and no part of it."""
        return self.end - self.start == _DAY and self.start.time() == datetime.min.time()

    def covers(self, moment: datetime) -> bool:
        """Whether a visit beginning at `moment` is as wished."""
        return moment == self.start if self.is_exact else self.start <= moment < self.end


@dataclass(frozen=True)
class TimeChoice:
    """The wish, the starts on offer, the start chosen; `note` is a response owed to the customer."""

    wish: WishedTime | None = None
    offered: tuple[datetime, ...] = ()
    chosen: datetime | None = None
    day: date | None = None
    note: str | None = None

    def hear(self, heard: Heard, asked: bool) -> TimeChoice:
        """The choice after a message; `asked`: which window was the open question. `day`: the day spoken of."""
        choice = replace(self, note=None)._hear_time(heard, asked)
        return choice._hear_answer(heard) if asked and heard.answers else choice

    def _hear_time(self, heard: Heard, asked: bool) -> TimeChoice:
        if not heard.all("time"):
            return self
        shown = self.offered[0].date() if self.offered else self.day
        wish = heard_wish(heard.text, heard.now, self.wish, shown)
        if wish is None:
            return self
        fitting = [start for start in self.offered if wish.covers(start)] if asked else []
        if len(fitting) == 1:
            return replace(self, chosen=fitting[0])
        return replace(self, wish=wish, offered=(), chosen=None)

    def _hear_answer(self, heard: Heard) -> TimeChoice:
        if self.chosen is not None or not self.offered:
            return self
        place = ordinal_in(heard.last("choice") or heard.text, len(self.offered))
        if place is None and (_ANY_WINDOW.search(heard.text) or (heard.says_yes and len(self.offered) == 1)):
            place = 0
        if place is not None:
            return replace(self, chosen=self.offered[place])
        if heard.says_no or heard.intent == "change_booking":
            return replace(self, note="utter_ask_wish")
        return replace(self, note="utter_choose_window")


def heard_wish(text: str, now: datetime, before: WishedTime | None, shown: date | None) -> WishedTime | None:
    """The wish in `text`, completed by what was wished before; None when `text` names no time.

    "下午三点" after "后天" keeps the day (`before`, else the day just `shown`);
    "不对,是后天" after "明天下午三点" keeps the hour.
    """
    changed = _NEW_TIME.search(simplify(text))
    reading = (read_time(changed["rest"], now) if changed else None) or read_time(text, now)
    if reading is None:
        return None
    wish = WishedTime(reading.start, reading.end)
    known_day = before.start.date() if before else shown
    if not _NAMES_A_DAY.search(simplify(reading.text)) and known_day and known_day != wish.start.date():
        return _on_day(reading.text, known_day, now) or wish
    if before and wish.is_whole_day and not before.is_whole_day and before.end - before.start < _DAY:
        shift = wish.start.date() - before.start.date()
        return WishedTime(before.start + shift, before.end + shift)
    return wish


def _on_day(words: str, day: date, now: datetime) -> WishedTime | None:
    reading = read_time(f"{day.year}年{day.month}月{day.day}日{words}", now)
    return WishedTime(reading.start, reading.end) if reading and reading.start.date() == day else None

