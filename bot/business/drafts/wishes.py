"""The time a customer wishes for, over several messages, and which offered window it picks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.business.characters import simplify
from bot.business.drafts.choices import ordinal_in
from bot.business.drafts.heard import Heard
from bot.business.drafts.impatience import leaves_it
from bot.business.times import read_time
from bot.business.windows import Wish

_NAMES_A_DAY = re.compile(r"[天日号周年节旬底初]|星期|礼拜|月|明早|明晚|后儿|明儿|今晚|今早|现在|一会|待会|马上")
# In "把周三的改到周五" and "不是明天,是后天" the wish is what follows the last of these.
_NEW_TIME = re.compile(
    r"(?:[改换挪推延调](?:[迟后]?[到成为至]|[迟后](?!天)|(?=下?周|星期|礼拜|[明后]天|\d))|提前到|而是|应该是"
    r"|[,，。 ]是)(?P<rest>[^改换挪推延]+)$"
)
_ANY_WINDOW = re.compile(
    r"都行|都可以|都[没冇]问题|都中|随便|任意|随[你您]|[你您]们?定|[你您]们?看|看着[办安]|都得|哪个都|无所谓"
)
_NONE_FITS = re.compile(r"都不|都没空|没有?合适|换一?[个下]|别的时间|其[他它]时间|还有别的|还有其[他它]|来不了|没空")
# "25号那个" points at what is on offer; "25号上午" wishes for a morning.
_POINTS_AT = re.compile(r"那个|这个|那趟|那班|那一个|的那|就它")
_ORDER = re.compile(r"最[早晚前后]|[早晚](?:一?点)?[的那]|[越尽]快|越早")
_PLACE = re.compile(r"第[一二三四五六1-6]个(?!星期|礼拜|周|月)")
# "一点那个吧…不不不，还是第一个": what was said before is taken back.
_TAKEN_BACK = re.compile(r"(?:不不+|[哦啊噢哎]不|不对不?对?)[^\w]*(?:还是)?(?P<rest>\w.+)$")
_SOONEST = re.compile(r"最早|[越尽]快|越早")
_OF_TIME = re.compile(r"时[间候]|哪天|几点")
_HOURS_TOO = re.compile(r"[\d一二三四五六七八九十两]\s*[点:时号日月]|上午|下午|中午|晚上|早上|周|星期|礼拜|[明后今]天")
# In a long message the time to come stands where the customer says when they can, not where they speak of a call.
_LONG = 60
_CLAUSES = re.compile(r"[，。；;！!？?\n]+")
_BEST = re.compile(r"最好|希望|尽量")
_CAN_COME = re.compile(r"有空|有时间|想约|预约|过来|到店|方便|都行|都可以")
_NO_VISIT = re.compile(r"电话|回电|回复|开会|不方便|没空|没时间|上次|昨天")
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_MINUTE = timedelta(minutes=1)
_WEEKDAY_ALONE = re.compile(r"(?<![这本])(?:周|星期|礼拜)[一二三四五六日天末]")


@dataclass(frozen=True)
class WishedTime:
    """One window that covers the wish; `start` = `end` for an exact hour. `dayless`: no day was named or known."""

    start: datetime
    end: datetime
    dayless: bool = field(default=False, compare=False)

    @property
    def is_exact(self) -> bool:
        """Whether an hour was named."""
        return self.start == self.end

    @property
    def is_whole_day(self) -> bool:
        """Whether one day was named and no part of it."""
        return self.end - self.start == _DAY and self.start.time() == datetime.min.time()

    def on(self, day: date) -> WishedTime:
        """The same hours of that day where none was named."""
        if not self.dayless:
            return self
        shift = day - self.start.date()
        return WishedTime(self.start + shift, self.end + shift)

    def covers(self, moment: datetime) -> bool:
        """Whether a visit beginning at `moment` is as wished."""
        return Wish(self.start, self.end).holds(moment)


def takes_any_window(text: str) -> bool:
    """Whether every offered time is welcome."""
    return bool(_ANY_WINDOW.search(simplify(text)))


def leaves_time_open(text: str) -> bool:
    """Whether the earliest or any time is welcome, said before times were offered ("最早的", "什么时间都行")."""
    folded = simplify(text)
    return bool(_SOONEST.search(folded) or (_OF_TIME.search(folded) and takes_any_window(folded)))


@dataclass(frozen=True)
class TimeChoice:
    """The wish, the starts on offer, the start chosen.

    `declined`: what was offered does not fit and no other time was named yet. `day`: the day spoken of before.
    """

    wish: WishedTime | None = None
    offered: tuple[datetime, ...] = ()
    chosen: datetime | None = None
    day: date | None = None
    declined: bool = False

    def hear(self, heard: Heard, asked: bool) -> TimeChoice:
        """The choice after a message; `asked`: which window was the open question."""
        tapped = _tapped(heard)
        if tapped is not None:
            return self._exactly(tapped)
        heard = _said_last(heard)
        place = _order_meant(heard.text, len(self.offered)) if asked and heard.answers else None
        if place is not None:
            return replace(self, chosen=self.offered[place], declined=False)
        choice = self._hear_time(heard, asked)
        return choice._hear_answer(heard) if asked and heard.answers and choice == self else choice

    def _exactly(self, start: datetime) -> TimeChoice:
        if start in self.offered:
            return replace(self, chosen=start, declined=False)
        return replace(self, wish=WishedTime(start, start), offered=(), chosen=None, declined=False)

    def _hear_time(self, heard: Heard, asked: bool) -> TimeChoice:
        if heard.all("time"):
            wish = heard_wish(heard.text, heard.now, self._before(), self._shown())
        else:
            wish = past_wish(heard.text, heard.now) if asked and heard.answers else None
        if wish is None:
            return self
        place = self._place_of(wish, heard.text) if asked else None
        if place is not None:
            return replace(self, chosen=self.offered[place], declined=False)
        return replace(self, wish=wish, offered=(), chosen=None, declined=False)

    def _before(self) -> WishedTime | None:
        return WishedTime(self.chosen, self.chosen) if self.chosen else self.wish

    def _shown(self) -> date | None:
        days = {start.date() for start in self.offered}
        if self.day is not None and len(days) != 1:
            return self.day
        return self.offered[0].date() if self.offered else None

    def _place_of(self, wish: WishedTime, text: str) -> int | None:
        """Which offer a time picks: an exact hour, or a day or half-day that points at it ("周三那个")."""
        if wish.is_exact:
            places = [place for place, start in enumerate(self.offered) if start == wish.start]
            if not places and not names_a_day(text):
                places = [place for place, start in enumerate(self.offered) if start.time() == wish.start.time()]
        else:
            points = bool(_POINTS_AT.search(text))
            places = [place for place, start in enumerate(self.offered) if points and wish.covers(start)]
        return places[0] if len(places) == 1 else None

    def _hear_answer(self, heard: Heard) -> TimeChoice:
        if self.chosen is not None:
            return self
        if takes_any_window(heard.text) or leaves_it(heard) or (heard.says_yes and len(self.offered) == 1):
            return replace(self, chosen=self.offered[0] if self.offered else None, declined=False)
        place = ordinal_in(heard.text, len(self.offered)) if self.offered else None
        if place is not None:
            return replace(self, chosen=self.offered[place])
        if heard.says_no or heard.intent == "change_booking" or _NONE_FITS.search(simplify(heard.text)):
            return replace(self, offered=(), declined=True)
        return self


def _order_meant(text: str, count: int) -> int | None:
    """The offer "最早的" or "早一点那个" means, although 早 alone would be the morning."""
    folded = simplify(text)
    placed = _PLACE.search(folded) and not names_a_day(folded)  # "后天上午第一个" wishes for another day
    ordered = _ORDER.search(folded) and not _HOURS_TOO.search(folded)
    return ordinal_in(text, count) if placed or ordered else None


def _said_last(heard: Heard) -> Heard:
    """What remains of a message that takes its beginning back."""
    taken_back = _TAKEN_BACK.search(simplify(heard.text))
    if taken_back is None:
        return heard
    rest = heard.text[taken_back.start("rest") :]
    times = {} if read_time(rest, heard.now) else {"time": ()}
    return replace(heard, text=rest, entities={**heard.entities, **times})


def past_wish(text: str, now: datetime) -> WishedTime | None:
    """The wish for a time of today that has gone by; such times are read as no wish at all."""
    reading = read_time(text, now.replace(hour=0, minute=0, second=0, microsecond=0))
    if reading is None or reading.start.date() != now.date() or max(reading.start, reading.end) > now:
        return None
    return WishedTime(reading.start, reading.end)


def _tapped(heard: Heard) -> datetime | None:
    """The start on a tapped button of an offer (ISO time)."""
    try:
        start = datetime.fromisoformat(heard.last("choice") or "")
    except ValueError:
        return None
    return start if start.tzinfo else None


def names_a_day(text: str) -> bool:
    """Whether a wording of a time says on which day."""
    return bool(_NAMES_A_DAY.search(simplify(text)))


def heard_wish(text: str, now: datetime, before: WishedTime | None, shown: date | None) -> WishedTime | None:
    """The wish in `text`, completed by what was wished before; None when `text` names no time.

    "下午三点" after "后天" keeps the day (`before`, else the day just `shown`);
    "不对,是后天" after "明天下午三点" keeps the hour.
    """
    changed = _NEW_TIME.search(simplify(text))
    reading = (read_time(changed["rest"], now) if changed else None) or read_time(_when_to_come(text, now), now)
    if reading is None:
        return None
    wish = WishedTime(reading.start, reading.end)
    if wish.is_exact and wish.start <= now < wish.start + _MINUTE:  # 马上: not past, but sooner than we can
        return WishedTime(wish.start + _MINUTE, wish.end + _MINUTE)
    if not names_a_day(reading.text) and before is None and shown is None:
        return replace(wish, dayless=True)
    known_day = before.start.date() if before and before.end - before.start <= _DAY else shown
    if not names_a_day(reading.text) and known_day and known_day != wish.start.date():
        return _on_day(reading.text, known_day, now) or wish
    if known_day and known_day > now.date() == wish.start.date() and _WEEKDAY_ALONE.match(reading.text):
        wish = WishedTime(wish.start + _WEEK, wish.end + _WEEK)  # 周一, said on a Monday of a visit on another day
    if before and wish.is_whole_day and not before.is_whole_day and before.end - before.start < _DAY:
        shift = wish.start.date() - before.start.date()
        return WishedTime(before.start + shift, before.end + shift)
    return wish


def _when_to_come(text: str, now: datetime) -> str:
    """The part of a long message that says when to come; the whole of any other."""
    if len(text) < _LONG:
        return text
    clauses = [clause for clause in _CLAUSES.split(text) if not _NO_VISIT.search(clause) and read_time(clause, now)]
    for says_so in (_BEST, _CAN_COME):
        if found := [clause for clause in clauses if says_so.search(clause)]:
            return found[0]
    return text


def _on_day(words: str, day: date, now: datetime) -> WishedTime | None:
    reading = read_time(f"{day.year}年{day.month}月{day.day}日{words}", now)
    return WishedTime(reading.start, reading.end) if reading and reading.start.date() == day else None
